"""Routes that say that they never block: none of their synchronous code goes to a thread."""

from __future__ import annotations

import threading
from typing import Any, Generator, Iterator, List

import pytest
from tests.asgi import fetch, kernel_app

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_core import App, Call, Param, Provide, RouteHook, hookimpl
from fenrir_fastapi import APIRouter, Depends, FastAPI
from fenrir_flask import Blueprint, Flask
from fenrir_sanic import Blueprint as SanicBlueprint
from fenrir_sanic import Sanic

SEEN: List[str] = []


def note(*_: Any) -> str:
    SEEN.append(threading.current_thread().name)
    return "noted"


def hook(*_: Any) -> None:
    note()


def opened() -> Generator[str, None, None]:
    note()
    yield "opened"
    note()


class Plugin:
    """A plugin with a step of each kind."""

    @hookimpl
    def fenrir_route_hooks(self) -> List[RouteHook]:
        return [RouteHook("notes", Call.of(hook), Call.of(hook), Call.of(hook))]

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Any:
        found = {"noted": note, "opened": opened}.get(param.name)
        return Provide(found) if found else None


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def on_loop() -> bool:
    return set(SEEN) == {threading.current_thread().name}


def add_route(app: App, path: str = "/", **options: Any) -> None:
    @app.get(path, **options)
    def handler(noted: str, opened: str) -> Iterator[str]:
        note()
        yield noted
        note()


def test_a_nonblocking_routes_steps_all_run_on_the_loop() -> None:
    app = kernel_app(plugins=[Plugin()])
    add_route(app, nonblocking=True)
    assert fetch(app).text == "noted"
    assert (len(SEEN), on_loop()) == (8, True)


def test_a_nonblocking_app_has_no_steps_in_threads() -> None:
    app = kernel_app(plugins=[Plugin()], nonblocking=True)
    add_route(app)
    assert fetch(app).text == "noted"
    assert (len(SEEN), on_loop()) == (8, True)


def test_a_route_of_a_nonblocking_app_may_say_that_it_blocks() -> None:
    app = kernel_app(plugins=[Plugin()], nonblocking=True)
    add_route(app, nonblocking=False)
    assert fetch(app).text == "noted"
    assert threading.current_thread().name not in SEEN


def test_a_synchronous_error_handler_of_a_nonblocking_route_runs_on_the_loop() -> None:
    app = kernel_app()
    app.add_exception_handler(ValueError, lambda request, error: note())

    @app.get("/", nonblocking=True)
    def handler() -> Any:
        raise ValueError

    assert (fetch(app).text, on_loop()) == ("noted", True)


def flask_blueprint() -> App:
    app, outer, inner = Flask(__name__), Blueprint("a", __name__, nonblocking=True), Blueprint("b", __name__)
    inner.route("/")(note)
    app.before_request(hook)
    app.teardown_request(hook)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def sanic_blueprint() -> App:
    app, blueprint = Sanic("nonblocking"), SanicBlueprint("a", nonblocking=True)

    @blueprint.get("/")
    def handler(request: Any) -> Any:
        from fenrir_sanic.response import text

        return text(note())

    app.blueprint(blueprint)
    return app


def fastapi_router() -> App:
    app, router = FastAPI(), APIRouter(nonblocking=True)

    @router.get("/")
    def handler(noted: str = Depends(note), opened: str = Depends(opened)) -> Any:
        return note()

    app.include_router(router)
    return app


def whole_bottle() -> App:
    app = Bottle(nonblocking=True)
    app.route("/")(note)
    app.hook("before_request")(hook)
    return app


def whole_hybrid() -> App:
    app = Fenrir(nonblocking=True)
    app.get("/")(lambda: note())
    app.before_request(hook)
    return app


@pytest.mark.parametrize("make", [flask_blueprint, sanic_blueprint, fastapi_router, whole_bottle, whole_hybrid])
def test_a_whole_blueprint_or_app_may_be_nonblocking(make: Any) -> None:
    assert "noted" in fetch(make()).text
    assert on_loop()
