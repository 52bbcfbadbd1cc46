"""`SystemExit` in ASGI middleware or in a mounted ASGI app: an error for the server, which serves on."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, List

import pytest
from tests.asgi import fetch
from tests.hybrid.test_unhandled_errors import CLASSES, watch

from fenrir_core import App


class Leaving:
    """Middleware that ends the program."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        else:
            sys.exit("over")


async def leaving(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("no lifespan")
    sys.exit("over")


def in_middleware(name: str) -> App:
    app = CLASSES[name]()
    app.add_middleware(Leaving)
    return app


def in_a_mounted_app(name: str) -> App:
    app = CLASSES[name]()
    app.mount("/raw", leaving)
    return app


PLACES = {"middleware": in_middleware, "mounted app": in_a_mounted_app}


@pytest.mark.parametrize("name", CLASSES)
def test_the_server_is_given_an_error_that_names_the_middleware(name: str) -> None:
    answer = fetch(in_middleware(name), "GET", "/raw/x")
    assert answer.status == 0
    assert "middleware exited with 'over'" in str(answer.error)
    assert isinstance(answer.error, RuntimeError) and isinstance(answer.error.__cause__, SystemExit)


@pytest.mark.parametrize("name", CLASSES)
def test_the_exit_of_a_mounted_app_is_a_500_and_logged(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert fetch(in_a_mounted_app(name), "GET", "/raw/x").status == 500
    (error,) = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert str(error).endswith(": the mounted app exited with 'over'.")


@pytest.mark.parametrize("name", CLASSES)
def test_middleware_around_a_mounted_app_sees_an_error(name: str) -> None:
    app = in_a_mounted_app(name)
    seen: List[Any] = watch(app)
    fetch(app, "GET", "/raw/x")
    assert [type(error) for error in seen] == [RuntimeError]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
@pytest.mark.parametrize("place", PLACES)
def test_what_ends_the_program_or_the_task_passes_through(place: str, kind: Any, monkeypatch: Any) -> None:
    def end(code: object) -> None:
        raise kind

    app = PLACES[place]("Fenrir")
    monkeypatch.setattr(sys, "exit", end)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    async def serve() -> None:
        scope = {"type": "http", "method": "GET", "path": "/raw/x", "query_string": b"", "headers": []}
        with pytest.raises(kind):
            await app(scope, receive, send)

    asyncio.run(serve())
