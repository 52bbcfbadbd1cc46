"""Errors that nobody handles: answered, logged once, and raised through ASGI middleware; then each class's own rule."""

from __future__ import annotations

import inspect
import logging
from typing import Any, Callable, Dict, List

import pytest
from tests.asgi import Socket, fetch, run

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir
from fenrir_core import App


class Broken(Exception):
    """The error under test."""


def fail(*_: Any) -> Any:
    raise Broken


async def fail_async(*_: Any) -> Any:
    raise Broken


class Tracker:
    """Middleware that reports what passes through it, as error trackers do."""

    def __init__(self, app: Any, seen: List[Any]) -> None:
        self.app, self.seen = app, seen

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.seen.append(error)
            raise


def hybrid() -> App:
    app = Fenrir()
    app.get("/")(fail_async)
    return app


def fastapi() -> App:
    app = fenrir_fastapi.FastAPI()

    @app.get("/")
    async def index() -> Any:
        raise Broken

    return app


def flask(**config: Any) -> App:
    app = fenrir_flask.Flask(__name__)
    app.config.update(config)
    app.add_url_rule("/", "index", lambda: fail())
    return app


def falcon() -> App:
    class Resource:
        async def on_get(self, req: Any, resp: Any) -> None:
            raise Broken

    app = fenrir_falcon.App()
    app.add_route("/", Resource())
    return app


def sanic() -> App:
    app = fenrir_sanic.Sanic("failing")

    @app.get("/")
    async def index(request: Any) -> Any:
        raise Broken

    return app


def bottle() -> App:
    app = fenrir_bottle.Bottle()
    app.route("/")(lambda: fail())
    return app


CLASSES: Dict[str, Callable[..., App]] = {
    "Fenrir": hybrid, "FastAPI": fastapi, "Flask": flask, "Falcon": falcon, "Sanic": sanic, "Bottle": bottle
}  # fmt: skip
RAISING = ("Fenrir", "FastAPI")


def watch(app: App) -> List[Any]:
    """Put a tracker around an app; return the list of what it sees."""
    seen: List[Any] = []

    def factory(inner: Any) -> Tracker:
        return Tracker(inner, seen)

    if hasattr(app, "user_middleware"):
        app.add_middleware(factory)
    else:
        App.add_middleware(app, factory)
    return seen


@pytest.mark.parametrize("name", CLASSES)
def test_it_is_answered_and_raised_as_the_class_does(name: str) -> None:
    answer = fetch(CLASSES[name]())
    assert answer.status == 500
    assert isinstance(answer.error, Broken) is (name in RAISING)


@pytest.mark.parametrize("name", CLASSES)
def test_it_is_raised_through_middleware_whatever_the_class_does_outside(name: str) -> None:
    app = CLASSES[name]()
    seen = watch(app)
    answer = fetch(app)
    assert (answer.status, [type(error) for error in seen]) == (500, [Broken])
    assert isinstance(answer.error, Broken) is (name in RAISING)


@pytest.mark.parametrize("has_middleware", [False, True])
@pytest.mark.parametrize("name", CLASSES)
def test_it_is_logged_once(name: str, has_middleware: bool, caplog: pytest.LogCaptureFixture) -> None:
    app = CLASSES[name]()
    if has_middleware and name != "FastAPI":  # as Starlette, which leaves that to its server
        watch(app)
    with caplog.at_level(logging.ERROR):
        fetch(app)
    assert [record.exc_info is not None for record in caplog.records] == [True]


@pytest.mark.parametrize(
    ("config", "raised"),
    [({"PROPAGATE_EXCEPTIONS": True}, True), ({"TESTING": True}, True), ({"DEBUG": True}, True)]
    + [({"TESTING": True, "PROPAGATE_EXCEPTIONS": False}, False), ({}, False)],
)  # fmt: skip
def test_flask_raises_by_its_configuration(config: Any, raised: bool) -> None:
    assert isinstance(fetch(flask(**config)).error, Broken) is raised


@pytest.mark.parametrize("name", CLASSES)
def test_a_handled_error_is_not_raised(name: str) -> None:
    app = CLASSES[name]()

    async def answer(request: Any, error: Any, *_: Any) -> Any:
        if name == "Falcon":
            error.status = "418"
        return fenrir_fastapi.Response(b"handled", 418)

    App.add_exception_handler(app, Broken, answer)
    seen = watch(app)
    assert (fetch(app).error, seen) == (None, [])


def test_an_error_in_a_websocket_is_raised_after_it_is_closed() -> None:
    app = Fenrir()

    @app.websocket("/")
    async def serve(websocket: Any) -> None:
        await websocket.accept()
        raise Broken

    async def main() -> Any:
        socket = Socket(app)
        return (await socket.finish()).error, socket.close_code

    error, code = run(main())
    assert (type(error), code) == (Broken, 1011)


def test_middleware_gets_an_object_with_a_coroutine_function() -> None:
    given: List[Any] = []
    app = Fenrir()
    app.add_middleware(lambda inner: given.append(inner) or inner)
    app.build()
    assert inspect.iscoroutinefunction(given[0].__call__)


def test_the_same_error_is_logged_for_each_request(caplog: pytest.LogCaptureFixture) -> None:
    error, app = Broken(), Fenrir()

    @app.get("/")
    async def index() -> None:
        raise error

    fetch(app)
    fetch(app)
    assert len([record for record in caplog.records if record.name == "fenrir.error"]) == 2
