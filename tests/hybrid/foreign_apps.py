"""Apps of every paradigm with one handler, for what other frameworks' objects do in them."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List, Optional
from uuid import uuid4

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_core import App
from fenrir_core.testing import Answer, Client
from fenrir_falcon import App as FalconApp
from fenrir_fastapi import FastAPI
from fenrir_flask import Flask
from fenrir_sanic import Sanic

Handler = Callable[[], Any]


def in_kernel(handler: Handler) -> Any:
    app = App(paradigms=(), autoload=False)
    app.get("/")(handler)
    return app


def in_hybrid(handler: Handler) -> Any:
    app = Fenrir()
    app.get("/")(handler)
    return app


def in_fastapi(handler: Handler) -> Any:
    app = FastAPI()
    app.get("/")(handler)
    return app


def in_flask(handler: Handler) -> Any:
    app = Flask(__name__)
    app.route("/")(handler)
    return app


def in_falcon(handler: Handler) -> Any:
    class Resource:
        async def on_get(self, req: Any, resp: Any) -> Any:
            return handler()

    app = FalconApp()
    app.add_route("/", Resource())
    return app


def in_sanic(handler: Handler) -> Any:
    app = Sanic(f"foreign-{uuid4()}")

    @app.get("/")
    async def serve(request: Any) -> Any:
        return handler()

    return app


def in_bottle(handler: Handler) -> Any:
    app = Bottle()
    app.route("/")(handler)
    return app


MAKERS: Dict[str, Callable[[Handler], Any]] = {
    "kernel": in_kernel,
    "hybrid": in_hybrid,
    "fastapi": in_fastapi,
    "flask": in_flask,
    "falcon": in_falcon,
    "sanic": in_sanic,
    "bottle": in_bottle,
}
#: Falcon ignores what a responder returns.
RETURNING = {name: maker for name, maker in MAKERS.items() if name != "falcon"}


def fetch(app: Any, path: str = "/", headers: Optional[Dict[str, str]] = None, method: str = "GET") -> Answer:
    """Start an app, and send it one request."""

    async def send() -> Answer:
        async with Client(app, raise_errors=False) as client:
            return await client.request(method, path, headers=headers or {})

    return asyncio.run(send())


def raising(error: Callable[[], BaseException]) -> Handler:
    """Return a handler that raises what `error` makes."""

    def handler() -> Any:
        raise error()

    return handler


def returning(make: Callable[[], Any]) -> Handler:
    """Return a handler that returns what `make` makes."""

    def handler():  # type: ignore[no-untyped-def]  # FastAPI would make a response model of an annotation
        return make()

    return handler


def pairs(answer: Answer, name: str) -> List[str]:
    """Return all values of a header."""
    return answer.headers.getlist(name)
