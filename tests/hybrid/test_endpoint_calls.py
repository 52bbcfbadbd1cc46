"""Endpoints are called as the framework that they are written for calls them, whatever kind of callable they are."""

from __future__ import annotations

import functools
import json
from typing import Any, Callable, Dict

import pytest
from tests.asgi import fetch
from tests.hybrid.callables import Endpoint, by_anything, by_keywords, gives_a_user, untold, with_request, with_values

import fenrir_falcon
import fenrir_sanic
from fenrir import Depends, Fenrir
from fenrir_bottle import Bottle
from fenrir_core import Request as KernelRequest
from fenrir_falcon import App as Falcon
from fenrir_fastapi import APIRouter, FastAPI
from fenrir_flask import Blueprint, Flask
from fenrir_sanic import Sanic
from fenrir_sanic import json as sanic_json

KINDS = tuple(with_values(lambda one, two: None))
EXPECTED = {"one": "1", "two": "2"}


def answer(one: Any, two: Any) -> Any:
    return {"one": str(one), "two": str(two)}


def _hybrid(endpoint: Endpoint) -> Any:
    app = Fenrir()
    app.get("/{one}/{two}")(endpoint)
    return app


def _hybrid_flask(endpoint: Endpoint) -> Any:
    app = Fenrir()
    app.add_url_rule("/<one>/<two>", "endpoint", endpoint)
    return app


def _hybrid_blueprint(endpoint: Endpoint) -> Any:
    app, blueprint = Fenrir(), Blueprint("part", __name__)
    blueprint.add_url_rule("/<one>/<two>", "endpoint", endpoint)
    app.register_blueprint(blueprint)
    return app


def _hybrid_router(endpoint: Endpoint) -> Any:
    app, router = Fenrir(), APIRouter()
    router.add_api_route("/{one}/{two}", endpoint)
    app.include_router(router)
    return app


def _fastapi(endpoint: Endpoint) -> Any:
    app = FastAPI()
    app.get("/{one}/{two}")(endpoint)
    return app


def _flask(endpoint: Endpoint) -> Any:
    app = Flask(__name__)
    app.add_url_rule("/<one>/<two>", "endpoint", endpoint)
    return app


def _bottle(endpoint: Endpoint) -> Any:
    app = Bottle()
    app.route("/<one>/<two>", callback=endpoint)
    return app


BY_NAME = {
    "hybrid": _hybrid,
    "hybrid, add_url_rule": _hybrid_flask,
    "hybrid, Flask's blueprint": _hybrid_blueprint,
    "hybrid, APIRouter": _hybrid_router,
    "FastAPI": _fastapi,
    "Flask": _flask,
    "Bottle": _bottle,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BY_NAME)
def test_path_values_are_passed_by_name(name: str, kind: str) -> None:
    got = fetch(BY_NAME[name](with_values(answer)[kind]), path="/1/2")
    assert (got.status, json.loads(got.text)) == (200, EXPECTED)


@pytest.mark.parametrize("name", ["hybrid, add_url_rule", "hybrid, Flask's blueprint", "Flask", "Bottle"])
def test_a_decorator_without_wraps_gets_the_path_values(name: str) -> None:
    got = fetch(BY_NAME[name](untold(answer)), path="/1/2")
    assert (got.status, json.loads(got.text)) == (200, EXPECTED)


@pytest.mark.parametrize("name", ["hybrid, add_url_rule", "hybrid, Flask's blueprint", "Flask", "Bottle"])
def test_a_decorator_may_hand_in_what_the_path_does_not_have(name: str) -> None:
    @gives_a_user
    def view(one: Any, two: Any, user: Any) -> Any:
        return {"user": user, **answer(one, two)}

    assert json.loads(fetch(BY_NAME[name](view), path="/1/2").text) == {"user": "ada", **EXPECTED}


def test_fastapi_reads_the_signature_through_a_decorator() -> None:
    """As FastAPI does, whose decorated endpoints keep their dependencies."""
    app = FastAPI()

    @app.get("/{one}")
    @by_keywords
    def home(one: int, page: int = 1, value: str = Depends(lambda: "given")) -> Any:
        return [one, page, value]

    assert json.loads(fetch(app, path="/1", query="page=3").text) == [1, 3, "given"]


# ---------------------------------------------------------------- the request by position


def _sanic(endpoint: Endpoint) -> Any:
    app = Sanic("calls")
    app.add_route(endpoint, "/<one>/<two>", name="endpoint")
    return app


def _sanic_blueprint(endpoint: Endpoint) -> Any:
    app, blueprint = Fenrir(), fenrir_sanic.Blueprint("part")
    blueprint.add_route(endpoint, "/<one>/<two>", name="endpoint")
    app.blueprint(blueprint)
    return app


def _pure_blueprint(endpoint: Endpoint) -> Any:
    app, blueprint = Sanic("calls"), fenrir_sanic.Blueprint("part")
    blueprint.add_route(endpoint, "/<one>/<two>", name="endpoint")
    app.blueprint(blueprint)
    return app


SANIC = {"Sanic": _sanic, "Sanic, blueprint": _pure_blueprint, "hybrid, Sanic's blueprint": _sanic_blueprint}


@pytest.mark.parametrize("kind", tuple(with_request(lambda *args: None)))
@pytest.mark.parametrize("name", SANIC)
def test_sanic_passes_the_request_by_position(name: str, kind: str) -> None:
    def body(request: Any, one: Any, two: Any) -> Any:
        assert isinstance(request, fenrir_sanic.Request)
        return sanic_json(answer(one, two))

    got = fetch(SANIC[name](with_request(body)[kind]), path="/1/2")
    assert (got.status, json.loads(got.text)) == (200, EXPECTED)


RESPONDERS = ("function", "async", "request, *args", "*args, **kwargs", "without wraps", "given a user", "partial")


@pytest.mark.parametrize("kind", RESPONDERS)
@pytest.mark.parametrize("make", [Fenrir, Falcon], ids=["hybrid", "Falcon"])
def test_falcon_passes_request_and_response_by_position(make: Callable[[], Any], kind: str) -> None:
    def body(self: Any, anything: Any, other: Any, one: Any, two: Any) -> None:
        assert isinstance(anything, fenrir_falcon.Request)
        other.media = answer(one, two)

    async def asynchronous(self: Any, anything: Any, other: Any, one: Any, two: Any) -> None:
        body(self, anything, other, one, two)

    def request_and_more(self: Any, req: Any, *args: Any, **kwargs: Any) -> None:
        body(self, req, *args, **kwargs)

    @gives_a_user
    def with_user(self: Any, req: Any, resp: Any, one: Any, two: Any, user: Any) -> None:
        body(self, req, resp, one, two)

    responders: Dict[str, Endpoint] = {
        "function": body,
        "async": asynchronous,
        "request, *args": request_and_more,
        "*args, **kwargs": by_anything(body),
        "without wraps": untold(body),
        "given a user": with_user,
    }
    if kind == "partial":
        resource: Any = type("Resource", (), {})()
        resource.on_get = functools.partial(body, resource)
    else:
        resource = type("Resource", (), {"on_get": responders[kind]})()
    app = make()
    app.add_route("/{one}/{two}", resource)
    got = fetch(app, path="/1/2")
    assert (got.status, json.loads(got.text)) == (200, EXPECTED)


@pytest.mark.parametrize("kind", ["Sanic's handler", "Falcon's responder"])
def test_a_decorated_handler_of_the_hybrid_app_keeps_its_dependencies(kind: str) -> None:
    app = Fenrir()
    if kind == "Sanic's handler":
        blueprint = fenrir_sanic.Blueprint("part")

        @blueprint.get("/")
        @by_anything
        def home(request: Any, value: Any = Depends(lambda: "given")) -> Any:
            return sanic_json(value)

        app.blueprint(blueprint)
    else:

        class Resource:
            @by_anything
            def on_get(self, req: Any, resp: Any, value: Any = Depends(lambda: "given")) -> None:
                resp.media = value

        app.add_route("/", Resource())
    assert json.loads(fetch(app).text) == "given"


# ---------------------------------------------------------------- the hybrid app's own functions


@pytest.mark.parametrize(
    "off", [[], ["sanic"], ["fastapi"], ["flask", "falcon", "sanic", "bottle", "fastapi"]], ids=str
)
@pytest.mark.parametrize("name", ["request", "req", "_"])
def test_an_unannotated_request_is_the_kernels_whichever_plugins_are_on(name: str, off: Any) -> None:
    namespace: Dict[str, Any] = {}
    exec(f"async def home({name}):\n    return type({name}).__module__ + '.' + type({name}).__name__", namespace)
    app = Fenrir(off=off)
    app.get("/")(namespace["home"])
    assert fetch(app).text == f"{KernelRequest.__module__}.{KernelRequest.__name__}"


def test_a_request_in_the_path_is_a_value() -> None:
    app = Fenrir()

    @app.get("/{request}")
    async def home(request):  # type: ignore[no-untyped-def]
        return {"request": request}

    assert json.loads(fetch(app, path="/7").text) == {"request": "7"}


def test_another_name_without_annotation_is_a_query_parameter() -> None:
    app = Fenrir()

    @app.get("/")
    async def home(r):  # type: ignore[no-untyped-def]
        return {"r": r}

    assert json.loads(fetch(app, query="r=1").text) == {"r": "1"}
    assert fetch(app).status == 422
