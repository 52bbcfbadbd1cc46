"""The app: what returned values become, who answers errors, in which order a request passes."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import inspect
from types import SimpleNamespace
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Tuple
from urllib.parse import urlencode

import pytest

from fenrir_core import (
    App,
    Call,
    CannotBuildURL,
    Fenrir,
    HTTPError,
    JSONResponse,
    NotFound,
    Provide,
    Request,
    Response,
    RouteHook,
    current_connection,
    hookimpl,
)
from fenrir_core.testing import Answer, Client, make_app


def ask(app: App, *requests: str) -> List[Answer]:
    async def send() -> List[Answer]:
        async with Client(app, raise_errors=False) as client:
            return [await client.request(*request.split()) for request in requests]

    return asyncio.run(send())


# ---------------------------------------------------------------- the hybrid rule for returned values


@dataclasses.dataclass
class Pet:
    """A dataclass."""

    name: str


class Model:
    """What a pydantic model is to the kernel."""

    def model_dump(self, **_: Any) -> Any:
        return {"name": "rex"}


class Color(enum.Enum):
    """An enum."""

    RED = "red"


def parts() -> Iterator[str]:
    yield "a"
    yield "b"


async def parts_later() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"


JSON, HTML, OCTETS = "application/json", "text/html; charset=utf-8", "application/octet-stream"

TABLE: List[Tuple[str, Callable[[], Any], int, str, str]] = [
    ("response", lambda: Response(b"r", 202, media_type="text/x"), 202, "text/x; charset=utf-8", "r"),
    ("json response", lambda: JSONResponse([1], 203), 203, JSON, "[1]"),
    ("str", lambda: "<b>é</b>", 200, HTML, "<b>é</b>"),
    ("bytes", lambda: b"raw", 200, OCTETS, "raw"),
    ("bytearray", lambda: bytearray(b"raw"), 200, OCTETS, "raw"),
    ("dict", lambda: {"a": 1}, 200, JSON, '{"a":1}'),
    ("list", lambda: [1, "é"], 200, JSON, '[1,"é"]'),
    ("int", lambda: 7, 200, JSON, "7"),
    ("float", lambda: 1.5, 200, JSON, "1.5"),
    ("bool", lambda: True, 200, JSON, "true"),
    ("none", lambda: None, 200, JSON, "null"),
    ("dataclass", lambda: Pet("rex"), 200, JSON, '{"name":"rex"}'),
    ("model", Model, 200, JSON, '{"name":"rex"}'),
    ("enum", lambda: Color.RED, 200, JSON, '"red"'),
    ("body and status", lambda: ("made", 201), 201, HTML, "made"),
    ("body and headers", lambda: ("x", {"Content-Type": "text/x"}), 200, "text/x", "x"),
    ("body, status, headers", lambda: ({"a": 1}, 202, [("X-A", "1"), ("X-A", "2")]), 202, JSON, '{"a":1}'),
    ("response and status", lambda: (Response(b"r", media_type="text/x"), 299), 299, "text/x; charset=utf-8", "r"),
    ("generator", parts, 200, HTML, "ab"),
    ("async generator", parts_later, 200, HTML, "ab"),
    ("a tuple that is too long for Flask", lambda: (1, 2, 3, 4), 200, JSON, "[1,2,3,4]"),
]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_a_handler_returns_becomes_the_answer_of_the_table(
    row: Tuple[str, Callable[[], Any], int, str, str], kind: str
) -> None:
    _, make, status, content_type, text = row
    app = make_app()

    async def later() -> Any:
        return make()

    app.get("/", name="index")(make if kind == "sync" and make is not Model else later)
    (answer,) = ask(app, "GET /")
    found = (answer.status, answer.headers["content-type"], answer.text)
    assert found == (status, content_type, text)


def test_headers_of_a_tuple_keep_their_repeats() -> None:
    app = make_app()
    app.get("/", name="index")(lambda: ("", 200, [("X-A", "1"), ("X-A", "2")]))
    assert ask(app, "GET /")[0].headers.getlist("x-a") == ["1", "2"]


def test_anything_else_is_a_500_whose_log_names_handler_and_type(caplog: pytest.LogCaptureFixture) -> None:
    app = make_app()

    @app.get("/")
    async def odd() -> Any:
        return object()

    assert ask(app, "GET /")[0].status == 500
    assert "odd() returned object, which is not a response. Return a response" in caplog.text


def test_the_status_of_a_route_is_that_of_plain_values_only() -> None:
    app = make_app()
    app.get("/plain", status=201, name="plain")(lambda: {"a": 1})
    app.get("/tuple", status=201, name="tuple")(lambda: ("", 202))
    app.get("/response", status=201, name="response")(lambda: Response(b"", 203))
    assert [answer.status for answer in ask(app, "GET /plain", "GET /tuple", "GET /response")] == [201, 202, 203]


# ---------------------------------------------------------------- errors


class Sold(LookupError):
    """An error with a family."""


def test_an_error_is_answered_by_the_handler_of_its_nearest_class() -> None:
    app = make_app()

    @app.exception_handler(Exception)
    async def any_error(request: Request, error: Exception) -> Any:
        return "any", 500

    @app.exception_handler(LookupError)
    def lookup(request: Request, error: LookupError) -> Any:
        return {"lost": str(error)}, 404

    @app.get("/sold")
    async def sold() -> None:
        raise Sold("rex")

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    first, second = ask(app, "GET /sold", "GET /broken")
    assert (first.status, first.json()) == (404, {"lost": "rex"})
    assert (second.status, second.text) == (500, "any")


def test_a_handler_for_a_status_answers_the_kernels_own_errors_too() -> None:
    app = make_app()

    @app.exception_handler(404)
    async def missing(request: Request, error: NotFound) -> Any:
        return f"no {request.path}", 404

    @app.exception_handler(405)
    async def not_allowed(request: Request, error: HTTPError) -> Any:
        return f"not {request.method}", 405

    app.get("/", name="index")(lambda: "")
    assert [answer.text for answer in ask(app, "GET /nowhere", "POST /")] == ["no /nowhere", "not POST"]


def test_an_http_error_that_nobody_handles_keeps_its_status_detail_and_headers() -> None:
    app = make_app()

    @app.get("/")
    async def index() -> None:
        raise HTTPError(429, {"wait": 3}, {"retry-after": "3"})

    (answer,) = ask(app, "GET /")
    assert (answer.status, answer.json(), answer.headers["retry-after"]) == (429, {"detail": {"wait": 3}}, "3")


# ---------------------------------------------------------------- the order of a request


def test_a_request_passes_in_the_order_that_the_guide_draws() -> None:
    log: List[str] = []

    def middleware(name: str) -> Callable[[Any], Any]:
        def factory(inner: Any) -> Any:
            async def call(scope: Any, receive: Any, send: Any) -> None:
                log.append(f"middleware {name}")

                async def sending(message: Any) -> None:
                    if scope["type"] == "http":
                        log.append(f"send {name}: {message['type']}")
                    await send(message)

                await inner(scope, receive, sending)
                log.append(f"middleware {name} ends")

            return call

        return factory

    def wrapper(name: str) -> RouteHook:
        async def before(connection: Any) -> None:
            log.append(f"before {name}")

        async def after(request: Any, response: Any) -> None:
            log.append(f"after {name}")

        async def teardown(connection: Any, error: Any) -> None:
            log.append(f"teardown {name}")

        return RouteHook(name, Call.of(before), Call.of(after), Call.of(teardown))

    async def resource() -> AsyncIterator[str]:
        log.append("dependency")
        yield "value"
        log.append("dependency ends")

    async def background() -> None:
        log.append("background")

    class Plugin:
        __name__ = "order"

        @hookimpl
        def fenrir_route_hooks(self) -> Any:
            return [wrapper("1"), wrapper("2")]

        @hookimpl
        def fenrir_make_resolver(self, param: Any) -> Any:
            return Provide(resource) if param.name == "resource" else None

    app = make_app([Plugin()])
    app.add_middleware(middleware("inner"))
    app.add_middleware(middleware("outer"))

    @app.get("/")
    async def index(resource: str) -> Response:
        log.append("handler")
        return Response(b"", background=background)

    asyncio.run(Client(app).get("/"))
    ends = [line for line in log if not line.startswith("send inner")]
    assert ends == [
        "middleware outer",
        "middleware inner",
        "before 1",
        "before 2",
        "dependency",
        "handler",
        "after 2",
        "after 1",
        "send outer: http.response.start",
        "send outer: http.response.body",
        "background",
        "dependency ends",
        "teardown 2",
        "teardown 1",
        "middleware inner ends",
        "middleware outer ends",
    ]


def test_the_request_is_current_in_every_step_of_it() -> None:
    seen: List[Any] = []

    def note(*_: Any) -> None:
        seen.append(current_connection().path)

    class Plugin:
        __name__ = "noting"

        @hookimpl
        def fenrir_route_hooks(self) -> Any:
            return [RouteHook("note", Call.of(note), Call.of(note), Call.of(note))]

    app = make_app([Plugin()])

    @app.get("/here")
    def index() -> Response:
        async def background() -> None:
            note()

        note()
        return Response(b"", background=background)

    asyncio.run(Client(app).get("/here"))
    assert seen == ["/here"] * 5


# ---------------------------------------------------------------- registration


def test_each_method_has_a_decorator() -> None:
    app = make_app()
    for method in ("get", "post", "put", "patch", "delete", "options"):
        getattr(app, method)("/x", name=method)(lambda method=method: method)
    app.route("/any", ("PURGE", "get"), name="any")(lambda: "any")
    lines = [f"{method.upper()} /x" for method in ("get", "post", "put", "patch", "delete", "options")]
    found = [answer.text for answer in ask(app, *lines, "PURGE /any", "GET /any")]
    assert found == ["get", "post", "put", "patch", "delete", "options", "any", "any"]


def test_a_head_route_of_its_own_goes_before_the_derived_one() -> None:
    app = make_app()
    app.get("/", name="get")(lambda: "body")
    app.head("/", name="head")(lambda: ("", 200, {"x-own": "yes"}))
    assert ask(app, "HEAD /")[0].headers.get("x-own") == "yes"


def test_the_derived_methods_can_be_switched_off() -> None:
    app = make_app(derive_head=False, derive_options=False)
    app.get("/", name="index")(lambda: "")
    head, options = ask(app, "HEAD /", "OPTIONS /")
    assert (head.status, options.status) == (405, 405)
    assert options.headers["allow"] == "GET"


def test_urls_are_built_by_name_and_what_the_path_has_not_becomes_the_query() -> None:
    app = make_app()

    @app.get("/pets/{name}/{age:int}")
    async def pet(name: str, age: int) -> str:
        return name

    assert app.url_path("pet", name="a b/c", age=3, tag=["x", "y"], none=None) == "/pets/a%20b%2Fc/3?tag=x&tag=y"
    with pytest.raises(CannotBuildURL, match="There is no route named 'cat'. There are: pet"):
        app.url_path("cat")
    with pytest.raises(CannotBuildURL, match="age"):
        app.url_path("pet", name="rex")


@pytest.mark.parametrize(
    "query",
    [
        {"q": "a b&c=d/é%+"},
        {"q": "", "page": 0, "exact": True, "ratio": 0.5},
        {"tag": ["x", "y z", 3], "none": [], "raw": b"\xff "},
        {"a b": "1", "é": "2", "a-b": "3", "class": "4"},
        {"none": []},
    ],
    ids=str,
)
def test_the_query_of_a_url_is_encoded_as_a_form(query: Dict[str, Any]) -> None:
    app = make_app()
    app.get("/", name="index")(lambda: "")
    expected = urlencode(query, doseq=True)
    assert app.url_path("index", **query) == (f"/?{expected}" if expected else "/")


def test_apps_are_mounted_into_one_another_with_their_lifespans() -> None:
    inner, outer = make_app(), Fenrir(paradigms=(), autoload=False)
    inner.get("/{name}")(_where)
    outer.get("/", name="index")(lambda: "outer")
    outer.mount("/sub", inner)
    answers = ask(outer, "GET /", "GET /sub/pet", "GET /sub/a/b", "GET /subway")
    assert [answer.status for answer in answers] == [200, 200, 404, 404]
    assert answers[1].json() == ["pet", "/sub", "/sub/pet"]
    assert inner.is_built


async def _where(request: Request, name: str) -> Any:
    return [name, request.root_path, request.path]


def test_a_store_is_one_object_for_each_app_and_kind() -> None:
    first, second = make_app(), make_app()
    assert first.store(SimpleNamespace) is first.store(SimpleNamespace)
    assert first.store(SimpleNamespace) is not second.store(SimpleNamespace)


def test_a_server_without_lifespan_events_starts_the_app_at_its_first_request() -> None:
    app = make_app()
    app.get("/", name="index")(lambda: "up")
    assert not app.is_built
    assert asyncio.run(Client(app).get("/")).text == "up"
    assert app.is_built


def test_servers_take_an_app_for_a_coroutine_function() -> None:
    app = make_app()
    assert inspect.iscoroutinefunction(app.__call__)
    assert asyncio.iscoroutinefunction(app.__call__)
