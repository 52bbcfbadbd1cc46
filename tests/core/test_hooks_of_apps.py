"""The hooks that are called once for the whole app: errors, middleware, lifespans, OpenAPI."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, Dict, List

import pytest
from tests.core.hooks import ask, plugin, texts

from fenrir_core import (
    BuildError,
    Call,
    ErrorFormat,
    ExceptionHandler,
    HTTPError,
    Lifespan,
    Middleware,
    OpenAPIPart,
    Response,
    Route,
)
from fenrir_core.testing import Client, make_app


def test_fenrir_exception_handlers_answer_by_level_then_status_then_nearest_class() -> None:
    def handler(matches: Any, text: str, **options: Any) -> ExceptionHandler:
        def handle(connection: Any, error: BaseException) -> Any:
            return text, 400

        return ExceptionHandler(matches, Call(handle, "inline"), **options)

    def fenrir_exception_handlers() -> Any:
        yield handler(LookupError, "lookup")
        yield handler(KeyError, "key")
        yield handler(HTTPError, "http")
        yield handler(404, "status")
        yield handler(ValueError, "app")
        yield handler(Exception, "near", level=1, applies=lambda route: route.path == "/near")
        yield handler(Exception, "fallback", default=True)

    app = make_app([plugin(fenrir_exception_handlers)])

    def failing(path: str, error: Exception) -> None:
        @app.get(path)
        async def fail() -> None:
            raise error

    failing("/key", KeyError())
    failing("/index", IndexError())
    failing("/gone", HTTPError(410))
    failing("/missing", HTTPError(404))
    failing("/near", ValueError())
    failing("/far", ValueError())
    failing("/other", TypeError())
    paths = ["/key", "/index", "/gone", "/missing", "/near", "/far", "/other", "/no-route"]
    found = texts(app, *[f"GET {path}" for path in paths])
    assert found == ["key", "lookup", "http", "status", "near", "app", "fallback", "status"]


def error_format(text: str, name: str = "mine") -> Any:
    """Make a plugin whose format writes `text` and the error; 410 is left to the paradigm."""

    def write(connection: Any, error: BaseException) -> Any:
        status = error.status if isinstance(error, HTTPError) else 500
        return None if status == 410 else Response(f"{text} {status} {connection.path}", status)

    def fenrir_error_format() -> Any:
        return ErrorFormat(text, write)

    return plugin(fenrir_error_format, name)


def test_fenrir_error_format_writes_what_the_author_does_not_handle() -> None:
    app = make_app([error_format("first", "a"), error_format("second", "b")])

    @app.exception_handler(KeyError)
    async def lost(request: Any, error: KeyError) -> Any:
        return "handled", 404

    for path, error in {"/key": KeyError(), "/value": ValueError(), "/gone": HTTPError(410)}.items():

        @app.get(path)
        async def fail(error: Any = error) -> None:
            raise error

    assert texts(app, "GET /key", "GET /value", "GET /nowhere", "POST /key", "GET /gone") == [
        "handled",
        "first 500 /value",
        "first 404 /nowhere",
        "first 405 /key",
        '{"detail":"Gone"}',
    ]


def test_an_error_that_a_format_writes_is_logged_and_raised_in_tests_all_the_same() -> None:
    app = make_app([error_format("format")])

    @app.get("/")
    async def fail() -> None:
        raise ValueError("inside")

    async def run() -> None:
        async with Client(app) as client:
            await client.get("/")

    with pytest.raises(ValueError, match="inside"):
        asyncio.run(run())


def test_an_error_format_that_fails_itself_is_logged_and_gone_without(caplog: pytest.LogCaptureFixture) -> None:
    def write(connection: Any, error: BaseException) -> Any:
        raise TypeError("no text for this")

    def fenrir_error_format() -> Any:
        return ErrorFormat("broken", write)

    answer = ask(make_app([plugin(fenrir_error_format)]), "GET /nowhere")[0]
    assert (answer.status, answer.text) == (404, '{"detail":"Not Found"}')
    assert "no text for this" in caplog.text


def asgi_middleware(name: str, log: List[str]) -> Callable[[Any], Any]:
    def factory(inner: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            log.append(name)
            await inner(scope, receive, send)

        return middleware

    return factory


def test_fenrir_middleware_wraps_the_app_by_layer_and_by_before_and_after() -> None:
    log: List[str] = []

    def layer(name: str, **options: Any) -> Middleware:
        return Middleware(name, asgi_middleware(name, log), **options)

    def fenrir_middleware() -> Any:
        return [layer("c", after=("b",)), layer("b"), layer("a", before=("b",)), layer("edge", layer="edge")]

    app = make_app([plugin(fenrir_middleware)])
    app.add_middleware(asgi_middleware("own first", log), name="own first")
    app.add_middleware(asgi_middleware("own last", log), name="own last")
    app.get("/", name="index")(lambda: "")
    ask(app, "GET /")
    assert log[0] == "edge"
    assert log.index("a") < log.index("b") < log.index("c")
    assert log.index("own last") < log.index("own first")


def test_fenrir_middleware_in_a_layer_that_does_not_exist_is_refused() -> None:
    def fenrir_middleware() -> Any:
        return [Middleware("log", asgi_middleware("log", []), layer="paradigm")]

    with pytest.raises(BuildError, match="'log', whose `layer` is 'paradigm': it must be one of 'edge', 'app'"):
        make_app([plugin(fenrir_middleware)]).build()


def test_fenrir_middleware_in_a_circle_is_refused_and_named() -> None:
    def fenrir_middleware() -> Any:
        return [
            Middleware("log", asgi_middleware("log", []), before=("trace",)),
            Middleware("trace", asgi_middleware("trace", []), before=("log",)),
        ]

    with pytest.raises(BuildError, match="The order of middleware goes in a circle: log, trace wait"):
        make_app([plugin(fenrir_middleware)]).build()


def test_fenrir_middleware_sees_what_no_route_answers() -> None:
    log: List[str] = []

    def fenrir_middleware() -> Any:
        return [Middleware("log", asgi_middleware("log", log))]

    assert ask(make_app([plugin(fenrir_middleware)]), "GET /nowhere")[0].status == 404
    assert log == ["log"]


def lifespans(*given: Lifespan) -> Any:
    def fenrir_lifespans() -> Any:
        return given

    return plugin(fenrir_lifespans)


def lifespan(name: str, log: List[str], state: Any = None, error: Any = None, **options: Any) -> Lifespan:
    @asynccontextmanager
    async def enter(app: Any) -> AsyncIterator[Any]:
        if error is not None:
            raise error
        log.append(f"start {name}")
        yield state
        log.append(f"stop {name}")

    return Lifespan(name, enter, **options)


def test_fenrir_lifespans_start_in_order_stop_in_reverse_and_give_state() -> None:
    log: List[str] = []
    app = make_app(
        [lifespans(lifespan("cache", log, after=("pool",)), lifespan("pool", log, {"pool": 1}), lifespan("web", log))]
    )

    async def run() -> Dict[str, Any]:
        async with Client(app) as client:
            log.append("serve")
            return dict(client.state)

    assert asyncio.run(run())["pool"] == 1
    assert log.index("start pool") < log.index("start cache") < log.index("serve")
    starts = [line[6:] for line in log if line.startswith("start")]
    stops = [line[5:] for line in log if line.startswith("stop")]
    assert stops == starts[::-1]


def test_a_lifespan_that_fails_is_named_and_those_before_it_are_stopped() -> None:
    log: List[str] = []
    app = make_app([lifespans(lifespan("pool", log), lifespan("redis", log, error=OSError("refused")))])

    async def run() -> None:
        async with Client(app):
            raise AssertionError("it started")

    with pytest.raises(Exception, match="Start-up failed in 'redis' .from mine.: OSError: refused"):
        asyncio.run(run())
    assert log == ["start pool", "stop pool"]


def test_two_lifespans_that_give_one_key_of_the_state_are_refused() -> None:
    log: List[str] = []
    app = make_app([lifespans(lifespan("a", log, {"pool": 1}), lifespan("b", log, {"pool": 2}))])

    async def run() -> None:
        async with Client(app):
            raise AssertionError("it started")

    with pytest.raises(Exception, match="the lifespan state has 'pool' already; 'b' must use another key"):
        asyncio.run(run())


def test_fenrir_openapi_parts_change_each_operation_and_then_the_document() -> None:
    def operation(operation: Dict[str, Any], route: Route) -> None:
        operation["x-route"] = route.name

    def document(document: Dict[str, Any]) -> None:
        document["info"]["x-paths"] = {path: sorted(item) for path, item in document["paths"].items()}

    def fenrir_openapi_parts() -> Any:
        yield OpenAPIPart("routes", operation)
        yield OpenAPIPart("paths", document=document)

    app = make_app([plugin(fenrir_openapi_parts)], paradigms=["fastapi"])
    app.route("/pets", methods=["GET", "POST"], name="pets")(lambda: "")
    found = ask(app, "GET /openapi.json")[0].json()
    assert found["info"]["x-paths"] == {"/pets": ["get", "post"]}
    assert found["paths"]["/pets"]["post"]["x-route"] == "pets"


def test_fenrir_openapi_parts_that_fail_are_named_with_their_plugin() -> None:
    def operation(operation: Dict[str, Any], route: Route) -> None:
        raise KeyError("x-route")

    def fenrir_openapi_parts() -> Any:
        yield OpenAPIPart("routes", operation)

    app = make_app([plugin(fenrir_openapi_parts)], paradigms=["fastapi"])
    app.get("/pets")(lambda: "")
    with pytest.raises(RuntimeError, match="The OpenAPIPart 'routes' of the plugin mine failed.") as caught:
        app.openapi()
    assert isinstance(caught.value.__cause__, KeyError)
