"""The endpoints of the responses that no route gives: 404, 405, and the methods of a path for OPTIONS."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from .._types import AnyCallable, ASGIApp, Message, Receive, Scope, Send
from ..exceptions import MethodNotAllowed, NotFound
from .asgi import ASGIResponse
from .connection import Connection
from .headers import MutableHeaders
from .response import Response


async def _not_found() -> None:
    raise NotFound()


async def _not_allowed(request: Connection) -> None:
    raise MethodNotAllowed(request.path_params["allowed"])


async def _options(request: Connection) -> Response:
    allowed, mount = request.path_params["allowed"], request.path_params["mount"]
    if mount is None:
        return Response(b"", 200, {"allow": ", ".join(allowed)})
    app: Any = request.app
    response = app.built.router.mounted[id(mount[0]), False].route.endpoint(request)
    return ASGIResponse(_joined(response.app, allowed))


def _joined(app: ASGIApp, allowed: Sequence[str]) -> ASGIApp:
    """Return an app that answers OPTIONS for a path that routes and a mounted app have in common.

    Args:
        app: The mounted app. Where it has no such path or method, the methods of the routes are the answer.
        allowed: The methods of the routes.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = False

        async def join(message: Message) -> None:
            nonlocal is_ours
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                if message["status"] in (404, 405):
                    is_ours = True
                    raw = MutableHeaders({"allow": ", ".join(allowed), "content-length": "0"}).raw
                    await send({"type": "http.response.start", "status": 200, "headers": raw})
                    await send({"type": "http.response.body", "body": b""})
                    return
                named = {name.strip().upper() for value in headers.getlist("allow") for name in value.split(",")}
                headers["allow"] = ", ".join(sorted({*allowed, *named} - {""}))
                message = {**message, "headers": headers.raw}
            if not is_ours:
                await send(message)

        await app(scope, receive, join)

    return call


#: By status.
FALLBACKS: Dict[int, AnyCallable] = {404: _not_found, 405: _not_allowed, 200: _options}
