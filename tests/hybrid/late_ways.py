"""The ways of each paradigm to register late, for tests that say what is alike."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, Awaitable, Callable

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_sanic
from fenrir_core import Fenrir
from fenrir_core.testing import Client
from fenrir_fastapi.responses import PlainTextResponse

Scenario = Callable[[Client], Awaitable[None]]
_numbers = itertools.count()


def serve(app: Any, scenario: Scenario) -> None:
    """Run a scenario with a client of a started app."""

    async def run() -> None:
        async with Client(app, raise_errors=False) as client:
            await scenario(client)

    asyncio.run(run())


class Falcon:
    """Falcon's ways to register, in its own class or in the hybrid app."""

    class Resource:
        def __init__(self, text: str, error: Any = None) -> None:
            self.text, self.error = text, error

        async def on_get(self, req: Any, resp: Any) -> None:
            if self.error is not None:
                raise self.error
            resp.text = self.text

        async def on_post(self, req: Any, resp: Any) -> None:
            resp.text = self.text

    class Tag:
        async def process_response(self, req: Any, resp: Any, resource: Any, succeeded: bool) -> None:
            resp.set_header("x-tag", "late")

    def __init__(self) -> None:
        self.app: Any = fenrir_falcon.App()

    def route(self, path: str, text: str, error: Any = None) -> None:
        self.app.add_route(path, self.Resource(text, error))

    def middleware(self) -> None:
        self.app.add_middleware(self.Tag())

    def handler(self, kind: Any) -> None:
        async def handle(req: Any, resp: Any, error: Any, params: Any) -> None:
            resp.text = "handled"

        self.app.add_error_handler(kind, handle)


class Sanic:
    """Sanic's ways to register."""

    def __init__(self) -> None:
        self.app: Any = fenrir_sanic.Sanic(f"late{next(_numbers)}")  # one of before may not have been freed

    def route(self, path: str, text: str, error: Any = None) -> None:
        async def handler(request: Any) -> Any:
            if error is not None:
                raise error
            return fenrir_sanic.text(text)

        self.app.add_route(handler, path, name=path.strip("/").replace("/", "_") or "index")

    def middleware(self) -> None:
        @self.app.on_response
        async def tag(request: Any, response: Any) -> None:
            response.headers["x-tag"] = "late"

    def handler(self, kind: Any) -> None:
        @self.app.exception(kind)
        async def handle(request: Any, error: Any) -> Any:
            return fenrir_sanic.text("handled")


class Bottle:
    """Bottle's ways to register."""

    def __init__(self) -> None:
        self.app: Any = fenrir_bottle.Bottle()

    def route(self, path: str, text: str, error: Any = None) -> None:
        def handler() -> str:
            if error is not None:
                raise error
            return text

        self.app.route(path, callback=handler)

    def middleware(self) -> None:
        self.app.add_hook("after_request", lambda: fenrir_bottle.response.set_header("x-tag", "late"))

    def handler(self, kind: Any) -> None:
        self.app.error(500)(lambda error: "handled")


class FastAPI:
    """FastAPI's ways to register; middleware is not among them."""

    def __init__(self) -> None:
        self.app: Any = fenrir_fastapi.FastAPI()

    def route(self, path: str, text: str, error: Any = None) -> None:
        @self.app.get(path, response_class=PlainTextResponse)
        async def handler() -> str:
            if error is not None:
                raise error
            return text

    def handler(self, kind: Any) -> None:
        @self.app.exception_handler(kind)
        async def handle(request: Any, error: Any) -> Any:
            return PlainTextResponse("handled")


class Hybrid:
    """The hybrid app's ways: routes of the kernel, middleware as in Sanic, handlers as in Flask."""

    def __init__(self) -> None:
        self.app: Any = Fenrir()

    def route(self, path: str, text: str, error: Any = None) -> None:
        @self.app.get(path)
        async def handler() -> str:
            if error is not None:
                raise error
            return text

    def middleware(self) -> None:
        @self.app.after_request
        def tag(response: Any) -> Any:
            response.headers["x-tag"] = "late"
            return response

    def handler(self, kind: Any) -> None:
        @self.app.errorhandler(kind)
        def handle(error: Any) -> Any:
            return "handled"


ALL = [Falcon, Sanic, Bottle, FastAPI, Hybrid]
