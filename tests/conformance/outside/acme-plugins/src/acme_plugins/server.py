"""A server for `fenrir run --server tiny`: HTTP/1.0, and GET only."""

from __future__ import annotations

import asyncio
from typing import Any, Iterable, Tuple
from urllib.parse import unquote

from fenrir_cli.values import Server
from fenrir_core import hookimpl
from fenrir_core.authoring import ASGIApp, Message, reason_phrase


@hookimpl
def fenrir_cli_servers() -> Iterable[Server]:
    """Add the server."""
    cannot = dict.fromkeys(("http2", "tls-cert", "workers"), "it is tiny")
    yield Server("tiny", "acme-plugins", "acme_plugins.server:serve", cannot=cannot)


async def serve(app: ASGIApp, listener: Any, options: Any, stop: asyncio.Event) -> None:
    """Serve an app on a listening socket until `stop` is set."""
    to_app, from_app = asyncio.Queue(), asyncio.Queue()  # type: ignore[var-annotated]
    life = asyncio.ensure_future(
        app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, to_app.get, from_app.put)
    )
    await to_app.put({"type": "lifespan.startup"})
    started: Message = await from_app.get()
    if started["type"] != "lifespan.startup.complete":
        raise RuntimeError(started.get("message", "The app did not start."))
    server = await asyncio.start_server(lambda reader, writer: _answer(app, reader, writer), sock=listener)
    await stop.wait()
    server.close()
    await to_app.put({"type": "lifespan.shutdown"})
    await from_app.get()
    await life


async def _answer(app: ASGIApp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    method, target, _ = head[0].split(b" ", 2)
    path, _, query = target.partition(b"?")
    pairs: Iterable[Tuple[bytes, ...]] = (tuple(line.split(b": ", 1)) for line in head[1:] if line)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.0",
        "method": method.decode(),
        "scheme": "http",
        "path": unquote(path.decode()),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in pairs],
        "client": writer.get_extra_info("peername")[:2],
        "server": writer.get_extra_info("sockname")[:2],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            writer.write(f"HTTP/1.0 {status} {reason_phrase(status)}\r\n".encode())
            writer.write(b"".join(b"%s: %s\r\n" % pair for pair in message["headers"]) + b"\r\n")
        else:
            writer.write(message.get("body", b""))
            await writer.drain()

    await app(scope, receive, send)
    writer.close()
