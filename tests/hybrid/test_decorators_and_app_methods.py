"""Decorators without their arguments, methods that are a str, and the app methods that the frameworks have."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List, Tuple

import pytest
from tests.asgi import Socket, fetch

import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_core import BuildError, WebSocket
from fenrir_core.testing import Client
from fenrir_falcon import App as Falcon
from fenrir_falcon import after, before
from fenrir_fastapi import APIRouter, FastAPI
from fenrir_fastapi.authentication import requires
from fenrir_flask import Flask
from fenrir_sanic import Sanic
from fenrir_sanic import text as sanic_text

VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


def _flask() -> Flask:
    return Flask(__name__)


def _sanic() -> Sanic:
    return Sanic("bare")


def _flask_blueprint() -> Any:
    return fenrir_flask.Blueprint("part", __name__)


def _sanic_blueprint() -> Any:
    return fenrir_sanic.Blueprint("part")


#: Decorators that take arguments, by what has them.
BARE: List[Tuple[Callable[[], Any], Tuple[str, ...]]] = [
    (Fenrir, ("route", "websocket", *VERBS, "exception", "errorhandler", "exception_handler", "on_event", "listener")),
    (FastAPI, ("route", "api_route", "websocket", "trace", *VERBS, "exception_handler", "middleware", "on_event")),
    (APIRouter, ("route", "api_route", "websocket", "websocket_route", *VERBS, "on_event")),
    (_flask, ("route", "get", "post", "put", "patch", "delete", "errorhandler", "exception_handler")),
    (_flask_blueprint, ("route", "get", "post", "put", "patch", "delete", "errorhandler", "app_errorhandler")),
    (_sanic, ("route", "websocket", *VERBS, "exception", "listener")),
    (_sanic_blueprint, ("route", "websocket", *VERBS, "exception", "listener")),
    (Falcon, ("route", "websocket", *VERBS, "exception_handler")),
    (Bottle, ("error", "hook", "websocket", "exception_handler")),
]


@pytest.mark.parametrize(
    ("make", "name"),
    [(make, name) for make, names in BARE for name in names],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_decorator_that_needs_arguments_says_so(make: Callable[[], Any], name: str) -> None:
    def endpoint() -> str:
        return "never"

    with pytest.raises(BuildError, match=r"test_decorators_and_app_methods\.py:\d+: .*@app\.\w+\("):
        getattr(make(), name)(endpoint)


def _sanic_group() -> Any:
    return fenrir_sanic.Blueprint.group(_sanic_blueprint())


_FLASK_HOOKS = ("before_request", "after_request", "teardown_request", "context_processor")
_FLASK_HOOKS += ("url_value_preprocessor", "url_defaults")
_LISTENERS = ("before_server_start", "after_server_stop", "main_process_start")
#: What is decorated by calling `decorator(function)`, by what has it.
DIRECT: List[Tuple[Callable[[], Any], Tuple[str, ...]]] = [
    (Fenrir, (*_FLASK_HOOKS[:4], "teardown_appcontext", "on_request", "on_response", "register_middleware")),
    (Fenrir, (*_LISTENERS, "add_sink")),
    (_flask, (*_FLASK_HOOKS, "teardown_appcontext")),
    (_flask_blueprint, (*_FLASK_HOOKS, "before_app_request", "after_app_request", "teardown_app_request")),
    (_flask_blueprint, ("app_context_processor", "record", "record_once")),
    (_sanic, (*_LISTENERS, "on_request", "on_response", "register_middleware", "all_exceptions")),
    (_sanic_blueprint, (*_LISTENERS, "on_request", "on_response", "register_middleware", "all_exceptions")),
    (_sanic_group, ("on_request", "on_response", "register_middleware", "all_exceptions")),
    (Falcon, ("add_sink", "set_error_serializer")),
]
#: Decorators with their arguments, by what has them.
CALLED: List[Tuple[Callable[[], Any], str, Any]] = [
    *((make, "get", "/x") for make in (Fenrir, FastAPI, APIRouter, _flask, _flask_blueprint, _sanic, Falcon, Bottle)),
    *((make, "get", "/x") for make in (_sanic_blueprint,)),
    *((make, "websocket", "/x") for make in (Fenrir, FastAPI, APIRouter, _sanic, _sanic_blueprint)),
    *((make, "route", "/x") for make in (FastAPI, APIRouter)),
    *((make, "websocket_route", "/x") for make in (FastAPI, APIRouter)),
    *((make, "exception", ValueError) for make in (Fenrir, _flask_blueprint, _sanic, _sanic_blueprint, _sanic_group)),
    *((make, "errorhandler", 404) for make in (Fenrir, _flask, _flask_blueprint)),
    *((make, "exception_handler", 404) for make in (Fenrir, FastAPI, _flask, Falcon, Bottle)),
    *((make, "on_event", "startup") for make in (Fenrir, FastAPI, APIRouter)),
    *((make, "middleware", "http") for make in (Fenrir, FastAPI)),
    *((make, "middleware", "request") for make in (Fenrir, _sanic, _sanic_blueprint, _sanic_group)),
    *((make, "listener", "before_server_start") for make in (Fenrir, _sanic, _sanic_blueprint)),
    *((make, "template_filter", "upper") for make in (Fenrir, _flask)),
    (_flask_blueprint, "app_template_filter", "upper"),
    (_flask_blueprint, "app_errorhandler", 404),
    (Bottle, "error", 404),
    (Bottle, "hook", "before_request"),
]
NO_FUNCTION = r"test_decorators_and_app_methods\.py:\d+: .*not callable"


@pytest.mark.parametrize(
    ("make", "name"),
    [(make, name) for make, names in DIRECT for name in names],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_decorator_refuses_what_is_no_function(make: Callable[[], Any], name: str) -> None:
    with pytest.raises(BuildError, match=NO_FUNCTION):
        getattr(make(), name)("x")


@pytest.mark.filterwarnings("ignore:on_event:DeprecationWarning")
@pytest.mark.parametrize(("make", "name", "argument"), CALLED, ids=lambda value: getattr(value, "__name__", value))
def test_a_decorator_with_arguments_refuses_what_is_no_function(
    make: Callable[[], Any], name: str, argument: Any
) -> None:
    with pytest.raises(BuildError, match=NO_FUNCTION):
        getattr(make(), name)(argument)("x")


@pytest.mark.parametrize("name", [*_FLASK_HOOKS, "teardown_appcontext"])
@pytest.mark.parametrize("make", [_flask, _flask_blueprint])
def test_a_decorator_that_takes_only_the_function_raises_with_empty_parentheses(make: Any, name: str) -> None:
    decorator = getattr(make(), name, None)
    if decorator is not None:
        with pytest.raises(TypeError, match="missing 1 required"):
            decorator()


@pytest.mark.parametrize("make", [Fenrir, _flask_blueprint, _sanic, _sanic_blueprint, _sanic_group])
@pytest.mark.parametrize("classes", [(), ([],)], ids=["none", "an empty list"])
def test_an_exception_decorator_without_classes_raises(make: Callable[[], Any], classes: Tuple[Any, ...]) -> None:
    with pytest.raises(BuildError, match="needs exception classes"):
        make().exception(*classes)


def test_bare_requires_says_what_to_write() -> None:
    with pytest.raises(BuildError, match=r'test_decorators_and_app_methods\.py:\d+: .*@requires\("'):
        requires(lambda request: None)  # type: ignore[arg-type]  # the mistake that is refused


class _Resource:
    async def on_get(self, req: Any, resp: Any) -> None:
        resp.text = "got"

    async def on_get_item(self, req: Any, resp: Any) -> None:
        resp.text = "item"

    async def on_websocket(self, req: Any, ws: Any) -> None: ...


@pytest.mark.parametrize("hook", [before, after])
@pytest.mark.parametrize(
    "target", [_Resource, *(vars(_Resource)[name] for name in vars(_Resource) if name[:3] == "on_")]
)
def test_a_bare_hook_of_falcon_says_what_to_write(hook: Any, target: Any) -> None:
    with pytest.raises(BuildError, match=rf"test_decorators_and_app_methods\.py:\d+: .*@falcon\.{hook.__name__}\("):
        hook(target)


@pytest.mark.parametrize("hook", [before, after])
@pytest.mark.parametrize("action", [None, "check", 3, [print]])
def test_a_hook_of_falcon_takes_a_function(hook: Any, action: Any) -> None:
    with pytest.raises(BuildError, match=rf"test_decorators.*\.py:\d+: @falcon\.{hook.__name__}.*not callable"):
        hook(action)


@pytest.mark.parametrize("hook", [before, after])
def test_a_hook_of_falcon_decorates_a_responder_or_a_resource(hook: Any) -> None:
    with pytest.raises(BuildError, match=rf"test_decorators.*\.py:\d+: @falcon\.{hook.__name__}.*not callable"):
        hook(print)("x")


def test_bottles_bare_decorators_register() -> None:
    app = Bottle()

    @app.get
    def hello() -> str:
        return "hello"

    @app.route
    def again() -> str:
        return "again"

    assert (fetch(app, path="/hello").text, fetch(app, path="/again").text) == ("hello", "again")


@pytest.mark.parametrize("make", [Fenrir, _sanic])
def test_bare_middleware_is_request_middleware(make: Callable[[], Any]) -> None:
    app = make()

    @app.middleware
    async def guard(request: Any) -> Any:
        return sanic_text("guarded")

    assert fetch(app).text == "guarded"


def test_bare_middleware_of_the_hybrid_app_without_sanic_says_what_to_write() -> None:
    with pytest.raises(BuildError, match=r'@app\.middleware\("http"\)'):
        Fenrir(off=["sanic"]).middleware(lambda request, call_next: None)


# ---------------------------------------------------------------- methods that are a str


def _posted(app: Any, options: Dict[str, Any], endpoint: Callable[..., Any] = lambda: "posted") -> Tuple[int, int]:
    app.route("/", **options)(endpoint)
    return fetch(app).status, fetch(app, "POST").status


@pytest.mark.parametrize("methods", ["POST", "post", ["POST"], ("post",)], ids=str)
@pytest.mark.parametrize("make", [Fenrir, Bottle, FastAPI], ids=lambda make: make.__name__)
def test_methods_may_be_a_str(make: Callable[[], Any], methods: Any) -> None:
    app = make()
    register = getattr(app, "api_route", app.route)
    register("/", methods=methods)(lambda: "posted")
    assert (fetch(app).status, fetch(app, "POST").status) == (405, 200)


def test_methods_may_be_a_str_in_sanic_and_falcon() -> None:
    assert _posted(_sanic(), {"methods": "POST"}, lambda request: sanic_text("posted")) == (405, 200)
    assert _posted(Falcon(), {"methods": "POST"}) == (405, 200)


def test_methods_that_are_a_str_raise_in_flask_as_there() -> None:
    for holder in (_flask(), Fenrir()):
        with pytest.raises(TypeError, match="methods must be a list"):
            holder.add_url_rule("/", "name", lambda: "", methods="POST")


# ---------------------------------------------------------------- app methods


def test_http_middleware_wraps_every_request_of_the_hybrid_app() -> None:
    app = Fenrir()

    @app.middleware("http")
    async def stamp(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-path"] = request.url.path
        return response

    @app.get("/here")
    async def here() -> str:
        return "here"

    answer = fetch(app, path="/here")
    assert (answer.text, answer.headers["x-path"]) == ("here", "/here")
    assert fetch(app, path="/nowhere").headers["x-path"] == "/nowhere"


def test_events_and_named_listeners_run_at_start_and_stop() -> None:
    app, seen = Fenrir(), []

    def noting(word: str) -> Callable[..., None]:
        return lambda *args: seen.append(word)

    app.on_event("startup")(noting("startup"))
    app.on_event("shutdown")(noting("shutdown"))
    phases = ("main_process_start", "before_server_start", "after_server_start")
    phases += ("before_server_stop", "after_server_stop", "main_process_stop")
    for phase in phases:
        getattr(app, phase)(noting(phase))
    app.before_server_start(priority=1)(noting("first"))

    async def main() -> None:
        async with Client(app):
            assert set(seen) == {"startup", "first", *phases[:3]}

    asyncio.run(main())
    assert set(seen) == {"startup", "shutdown", "first", *phases}
    assert seen.index("first") < seen.index("before_server_start")


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(BuildError, match="There is no event 'start'"):
        Fenrir().on_event("start")(lambda: None)


def test_the_test_client_asks_the_app() -> None:
    app = Fenrir()

    @app.get("/")
    def home() -> str:
        return "home"

    with app.test_client() as client:
        assert client.get("/").text == "home"


@pytest.mark.parametrize("verb", ["HEAD", "OPTIONS"])
@pytest.mark.parametrize("make", [Fenrir, FastAPI, _flask], ids=["Fenrir", "FastAPI", "Flask"])
def test_an_app_has_decorators_for_rare_methods(make: Callable[[], Any], verb: str) -> None:
    app = make()
    getattr(app, verb.lower())("/")(lambda: {})
    assert fetch(app, verb).status == 200


def test_a_websocket_is_served_by_the_class_flask() -> None:
    app = _flask()

    @app.websocket("/")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close(4001)

    async def talk_once() -> Any:
        client = Socket(app)
        await client.finish()
        return client.close_code

    assert asyncio.run(talk_once()) == 4001
