"""Requests that no client sent, for unit tests of handlers and helpers."""

from __future__ import annotations

from typing import Any, Mapping, Optional
from urllib.parse import unquote

from fenrir_core import App, Route
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import CompiledRoute, Message

from ..compat import Header
from ..exceptions import BadURL


def detached_connection(
    url: bytes, headers: Optional[Mapping[str, object]], version: str, method: str, app: Any
) -> KernelRequest:
    """Return a connection for a request that no client sent.

    Raises:
        BadURL: The URL has characters beyond ASCII, or no path.
    """
    try:
        text = url.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadURL(f"Bad URL: {url.decode('utf-8', 'replace')}") from error
    if not text.startswith("/") and "://" not in text:
        raise BadURL(f"Bad URL: {text}")
    if not text.startswith("/"):
        text = "/" + text.partition("://")[2].partition("/")[2]
    path, _, query = text.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": version, "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": Header(headers or {}).raw, "client": None, "server": None,
    }  # fmt: skip
    owner = App(paradigms=(), autoload=False) if app is None else app
    route = Route("", detached_connection, ("*",), fallback=404)
    found = KernelRequest(scope, _receive, _send, {}, CompiledRoute(owner, route, None))
    found.give_body(b"")
    return found


async def _receive() -> Message:
    return {"type": "http.disconnect"}


async def _send(message: Message) -> None:
    return None
