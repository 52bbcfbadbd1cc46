"""Mounted WSGI applications, and clients of the apps that they are mounted in."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List

from tests.asgi import Exchange, Message

from fenrir import Fenrir
from fenrir_core.testing import Client

PATIENCE = 10
EMPTY = {"type": "http.request", "body": b"", "more_body": False}


def echo(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
    """Answer with the place, the method and the body that the application was given."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    text = f"{environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']} {environ['PATH_INFO']} ".encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text, body]


def recorder(seen: Dict[str, Any]) -> Any:
    """Make an application that keeps its environment."""

    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        seen.update(environ)
        start_response("204 No Content", [])
        return []

    return application


def mounted(application: Any, prefix: str = "/legacy", **settings: Any) -> Fenrir:
    app = Fenrir(**settings)
    app.mount_wsgi(application, prefix=prefix)
    return app


def ask(app: Fenrir, path: str, method: str = "GET", raise_errors: bool = True, **options: Any) -> Any:
    async def go() -> Any:
        async with Client(app, raise_errors=raise_errors) as client:
            return await client.request(method, path, **options)

    return asyncio.run(go())


def talk(app: Any, scope: Dict[str, Any], messages: List[Dict[str, Any]]) -> List[Message]:
    """Send raw ASGI messages, and return those of the app."""

    async def go() -> List[Message]:
        exchange = Exchange(app, scope=scope)
        if "raw_path" not in scope:
            del exchange.scope["raw_path"]
        for message in messages:
            exchange.incoming.put_nowait(message)
        answer = await exchange.finish()
        assert answer.error is None
        return exchange.sent

    return asyncio.run(go())
