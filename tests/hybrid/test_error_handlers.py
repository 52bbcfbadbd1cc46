"""Error handlers are called by one rule, however they were registered and whatever kind of callable they are."""

from __future__ import annotations

import functools
import json
from typing import Any, Callable, Dict, List

import pytest
from tests.asgi import fetch
from tests.hybrid.callables import by_anything
from tests.hybrid.error_forms import FORMS, Fault, Handler, async_error, falcons, tell

import fenrir_fastapi
from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_core import BuildError, Connection
from fenrir_falcon import App as Falcon
from fenrir_fastapi import FastAPI
from fenrir_fastapi.responses import JSONResponse, PlainTextResponse
from fenrir_flask import Blueprint, Flask
from fenrir_sanic import Sanic
from fenrir_sanic.response import text

Register = Callable[[Any, Handler], None]


REGISTRATIONS: Dict[str, Register] = {
    "exception": lambda app, handler: app.exception(Fault)(handler),
    "errorhandler": lambda app, handler: app.errorhandler(Fault)(handler),
    "register_error_handler": lambda app, handler: app.register_error_handler(Fault, handler),
    "exception_handler": lambda app, handler: app.exception_handler(Fault)(handler),
    "add_exception_handler": lambda app, handler: app.add_exception_handler(Fault, handler),
    "add_error_handler": lambda app, handler: app.add_error_handler(Fault, handler),
}


def answer_of(register: Register, handler: Handler) -> str:
    app = Fenrir()
    register(app, handler)

    @app.get("/")
    async def home() -> str:
        raise Fault("it broke")

    answer = fetch(app)
    assert answer.status == 200, answer.body
    return answer.text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", REGISTRATIONS)
def test_the_hybrid_app_calls_every_form_however_it_is_registered(name: str, form: str) -> None:
    handler, expected = FORMS[form]
    assert answer_of(REGISTRATIONS[name], handler) == expected


@pytest.mark.parametrize("form", FORMS)
def test_a_flask_blueprint_follows_the_same_rule(form: str) -> None:
    handler, expected = FORMS[form]
    app, blueprint = Fenrir(), Blueprint("part", __name__)

    @blueprint.route("/")
    def home() -> str:
        raise Fault("it broke")

    blueprint.errorhandler(Fault)(handler)
    app.register_blueprint(blueprint)
    assert fetch(app).text == expected


def three(request: Any, error: Any, more: Any) -> str:
    return "never"


def unfillable(error: Any, *, more: Any) -> str:
    return "never"


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_three_required_parameters_are_refused_at_registration(name: str) -> None:
    with pytest.raises(BuildError, match=r"three\(\).*'more'.*handler\(request, error\)"):
        REGISTRATIONS[name](Fenrir(), three)


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_a_keyword_that_nothing_fills_is_refused_at_the_build(name: str) -> None:
    app = Fenrir()
    REGISTRATIONS[name](app, unfillable)
    with pytest.raises(BuildError, match=r"test_error_handlers\.py:\d+.*'more'(.|\n)*handler\(request, error\)"):
        app.build()


def test_falcons_form_without_the_falcon_plugin_is_refused() -> None:
    app = Fenrir(off=["falcon"])
    app.exception_handler(Fault)(falcons)
    with pytest.raises(BuildError, match=r"falcons\(\) has Falcon's four parameters"):
        app.build()


def test_a_handler_in_a_function_may_be_annotated_with_the_names_there() -> None:
    class Local(Fault):
        pass

    app = Fenrir()

    @app.exception_handler(Local)
    async def handler(exc: Local, req: Connection) -> str:
        return tell(exc, req)

    @app.get("/")
    async def home() -> str:
        raise Local()

    assert fetch(app).text == "error,request"


# ---------------------------------------------------------------- the frameworks' own classes


def _fastapi_app(handler: Handler) -> Any:
    app = FastAPI()
    app.add_exception_handler(Fault, handler)

    @app.get("/")
    async def home() -> str:
        raise Fault()

    return app


def _flask_app(handler: Handler) -> Any:
    app = Flask(__name__)
    app.errorhandler(Fault)(handler)

    @app.route("/")
    def home() -> str:
        raise Fault()

    return app


def _sanic_app(handler: Handler) -> Any:
    app = Sanic("errors")
    app.exception(Fault)(handler)

    @app.get("/")
    async def home(request: Any) -> Any:
        raise Fault()

    return app


def _falcon_app(handler: Handler) -> Any:
    class Resource:
        async def on_get(self, req: Any, resp: Any) -> None:
            raise Fault()

    app = Falcon()
    app.add_error_handler(Fault, handler)
    app.add_route("/", Resource())
    return app


def callables(function: Handler) -> List[Handler]:
    """List the kinds of callables that do what a function of two parameters does."""

    class Object:
        def __call__(self, request: Any, error: Any) -> Any:
            return function(request, error)

        def method(self, request: Any, error: Any) -> Any:
            return function(request, error)

    async def asynchronous(request: Any, error: Any) -> Any:
        return function(request, error)

    async def any_arguments(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return [
        function,
        asynchronous,
        any_arguments,
        Object(),
        Object().method,
        functools.partial(lambda more, request, error: function(request, error), None),
        by_anything(function),
        lambda request, error, more=None: function(request, error) if more is None else None,
    ]


KINDS = ("function", "async", "*args", "object", "bound method", "partial", "decorated", "default")


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_fastapi_passes_its_request_and_the_error(kind: int) -> None:
    def handler(request: Any, error: Any) -> Any:
        assert isinstance(request, fenrir_fastapi.Request)
        return JSONResponse(tell(request, error))

    assert json.loads(fetch(_fastapi_app(callables(handler)[kind]), query="more=1").text) == "request,error"


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_sanic_passes_its_request_and_the_error(kind: int) -> None:
    assert fetch(_sanic_app(callables(lambda r, e: text(tell(r, e)))[kind])).text == "request,error"


@pytest.mark.parametrize("make", [_fastapi_app, _sanic_app], ids=["FastAPI", "Sanic"])
def test_a_handler_of_the_error_alone_works_where_the_request_is_passed_too(make: Callable[[Handler], Any]) -> None:
    def handler(error: Any) -> Any:
        return PlainTextResponse(tell(error))

    assert fetch(make(handler)).text == "error"


class FlaskHandlers:
    def __call__(self, error: Any) -> str:
        return tell(error)

    def method(self, error: Any) -> str:
        return tell(error)


@pytest.mark.parametrize(
    "handler",
    [
        lambda error: tell(error),
        async_error,
        lambda *args: tell(*args),
        FlaskHandlers(),
        FlaskHandlers().method,
        functools.partial(lambda more, error: tell(error), None),
        by_anything(lambda error: tell(error)),
    ],
    ids=KINDS[:-1],
)
def test_flask_passes_the_error(handler: Handler) -> None:
    assert fetch(_flask_app(handler)).text == "error"


@pytest.mark.parametrize("kind", ["function", "async", "*args", "object", "bound method", "partial", "decorated"])
def test_falcon_passes_its_four_arguments(kind: str) -> None:
    def handler(req: Any, resp: Any, ex: Any, params: Any) -> None:
        resp.text = tell(req, ex)

    async def asynchronous(req: Any, resp: Any, ex: Any, params: Any) -> None:
        handler(req, resp, ex, params)

    class Object:
        def __call__(self, req: Any, resp: Any, ex: Any, params: Any) -> None:
            handler(req, resp, ex, params)

    handlers: Dict[str, Handler] = {
        "function": handler,
        "async": asynchronous,
        "*args": lambda *args: handler(*args),
        "object": Object(),
        "bound method": Object().__call__,
        "partial": functools.partial(lambda more, *args: handler(*args), None),
        "decorated": by_anything(handler),
    }
    assert fetch(_falcon_app(handlers[kind])).text == "request,error"


@pytest.mark.parametrize("make", [_fastapi_app, _flask_app, _sanic_app, _falcon_app, Bottle])
def test_three_required_parameters_are_refused_by_every_class(make: Callable[[Handler], Any]) -> None:
    def handler(one: Any, two: Any, three: Any) -> str:
        return "never"

    with pytest.raises(BuildError, match=r"handler\(\)"):
        if make is Bottle:
            Bottle().add_exception_handler(Fault, handler)
        else:
            make(handler)
