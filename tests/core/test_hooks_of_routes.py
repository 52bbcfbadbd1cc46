"""The hooks that are called for each route: resolvers, dependencies, return handlers, steps around endpoints."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, List

import pytest
from tests.core.hooks import ask, plugin, texts

from fenrir_core import (
    Batch,
    BatchField,
    BodyEncoder,
    Call,
    Constant,
    CurrentConnection,
    HTTPError,
    PathValue,
    Provide,
    Request,
    Resolver,
    Response,
    ReturnHandler,
    Route,
    RouteHook,
)
from fenrir_core.testing import Client, make_app


def resolving(**resolvers: Any) -> Any:
    def fenrir_make_resolver(param: Any) -> Any:
        return resolvers.get(param.name)

    return plugin(fenrir_make_resolver, "resolving")


def test_fenrir_make_resolver_reads_parameters_in_each_of_its_ways() -> None:
    async def read_later(connection: Any) -> str:
        return "later"

    def provide(path: str) -> str:
        return f"provided {path}"

    app = make_app(
        [
            resolving(
                now=Resolver(lambda connection: connection.method),
                later=Resolver(read_later, is_async=True),
                path=PathValue("item"),
                constant=Constant(7),
                connection=CurrentConnection(),
                given=Provide(provide),
            )
        ]
    )

    @app.get("/{item}")
    async def index(now: Any, later: Any, path: Any, constant: Any, connection: Any, given: Any) -> Any:
        return [now, later, path, constant, connection.path, given]

    assert ask(app, "GET /x")[0].json() == ["GET", "later", "x", 7, "/x", "provided x"]


def test_fenrir_make_resolver_reads_several_parameters_at_once() -> None:
    seen: List[Any] = []

    def make(pairs: Any, route: Route, build: Any) -> Resolver:
        seen.append([(param.name, field) for param, field in pairs])
        return Resolver(lambda connection: [field * 2 for _, field in pairs])

    batch = Batch("pairs", make)
    app = make_app([resolving(a=BatchField(batch, 1), b=BatchField(batch, 2))])

    @app.get("/")
    async def index(a: Any, b: Any) -> Any:
        return [a, b]

    assert ask(app, "GET /")[0].json() == [2, 4]
    assert seen == [[("a", 1), ("b", 2)]]


def test_fenrir_make_resolver_goes_before_the_kernels_own_answer() -> None:
    app = make_app([resolving(name=Constant("mine"))])

    @app.get("/{name}")
    async def index(name: str) -> str:
        return name

    assert texts(app, "GET /yours") == ["mine"]


def test_fenrir_dependencies_run_before_the_endpoint_and_share_its_cache() -> None:
    log: List[str] = []

    async def login(request: Request) -> str:
        log.append("login")
        if "as" not in request.query:
            raise HTTPError(401)
        return str(request.query["as"])

    def fenrir_dependencies(route: Route) -> Any:
        if route.path == "/private":
            yield Provide(login)

    app = make_app([plugin(fenrir_dependencies), resolving(user=Provide(login))])

    @app.get("/private")
    async def private(user: str) -> str:
        log.append("handler")
        return user

    @app.get("/public")
    async def public() -> str:
        return "public"

    answers = ask(app, "GET /private?as=ann", "GET /private", "GET /public")
    assert [answer.status for answer in answers] == [200, 401, 200]
    assert log == ["login", "handler", "login"]


def test_fenrir_make_return_handler_decides_what_a_returned_value_becomes() -> None:
    def convert(request: Request, value: Any) -> Response:
        return Response(f"<{value}/>".encode(), media_type="text/xml")

    def fenrir_make_return_handler(route: Route) -> Any:
        if route.path == "/xml":
            return ReturnHandler(convert, {bytes: BodyEncoder(bytes.upper, b"text/quick")})
        return None

    app = make_app([plugin(fenrir_make_return_handler)])
    app.get("/xml", name="xml")(lambda: "pet")
    app.get("/plain", name="plain")(lambda: "pet")
    xml, plain = ask(app, "GET /xml", "GET /plain")
    assert (xml.text, xml.headers["content-type"]) == ("<pet/>", "text/xml; charset=utf-8")
    assert plain.text == "pet"


def test_fenrir_route_hooks_puts_steps_around_the_routes_that_it_chooses() -> None:
    log: List[str] = []

    async def before(connection: Any) -> None:
        log.append("before")

    def after(request: Any, response: Response) -> Response:
        log.append("after")
        response.headers["x-after"] = "yes"
        return response

    async def teardown(connection: Any, error: Any) -> None:
        log.append(f"teardown {error!r}")

    def fenrir_route_hooks(route: Route) -> Any:
        if route.path == "/wrapped":
            yield RouteHook("steps", Call.of(before), Call.of(after), Call.of(teardown))

    app = make_app([plugin(fenrir_route_hooks)])

    @app.get("/wrapped")
    async def wrapped() -> str:
        log.append("handler")
        return "wrapped"

    @app.get("/bare")
    async def bare() -> str:
        return "bare"

    answers = ask(app, "GET /wrapped", "GET /bare")
    assert log == ["before", "handler", "after", "teardown None"]
    assert [answer.headers.get("x-after") for answer in answers] == ["yes", None]


def hooks(*given: RouteHook) -> Any:
    def fenrir_route_hooks() -> Any:
        return given

    return plugin(fenrir_route_hooks)


def test_the_steps_of_hooks_take_one_adapter_of_the_request() -> None:
    seen: List[Any] = []

    def view(connection: Any) -> Any:
        return SimpleNamespace(path=connection.path)

    def before(seen_as: Any) -> None:
        seen.append(seen_as)

    def after(seen_as: Any, response: Response) -> None:
        seen.append(seen_as)

    steps = Call.of(before, nonblocking=True), Call.of(after, nonblocking=True)
    app = make_app([hooks(RouteHook("one", *steps, adapter=view), RouteHook("two", *steps, adapter=view))])
    app.get("/", name="index")(lambda: "")
    ask(app, "GET /")
    assert len(seen) == 4
    assert all(item is seen[0] for item in seen)
    assert seen[0].path == "/"


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_wrapper_says_how_what_its_steps_give_becomes_the_answer(step: str) -> None:
    def give(*_: Any) -> str:
        return "given"

    def convert(connection: Any, value: Any) -> Response:
        return Response(f"{value}, converted", 418)

    app = make_app([hooks(RouteHook("steps", **{step: Call.of(give, nonblocking=True)}, convert=convert))])
    app.get("/", name="index")(lambda: "")
    (answer,) = ask(app, "GET /")
    assert (answer.status, answer.text) == (418, "given, converted")


def test_hooks_run_by_order_then_priority_then_registration() -> None:
    log: List[str] = []

    def wrapper(name: str, **options: Any) -> RouteHook:
        async def before(connection: Any) -> None:
            log.append(f"> {name}")

        async def after(request: Any, response: Any) -> None:
            log.append(f"< {name}")

        return RouteHook(name, Call.of(before), Call.of(after), **options)

    app = make_app(
        [
            hooks(
                wrapper("inner", order="inner", priority=99),
                wrapper("low"),
                wrapper("low too"),
                wrapper("high", priority=1),
                wrapper("outer", order="outer", priority=-1),
            )
        ]
    )
    app.get("/", name="index")(lambda: "")
    ask(app, "GET /")
    names = ["outer", "high", "low", "low too", "inner"]
    assert log == [f"> {name}" for name in names] + [f"< {name}" for name in reversed(names)]


def test_a_before_step_that_answers_ends_the_request_but_after_steps_see_it() -> None:
    log: List[str] = []

    async def first(connection: Any) -> Any:
        return {"stopped": True}

    async def second(connection: Any) -> None:
        log.append("second")

    async def after(request: Any, response: Response) -> Response:
        log.append("after")
        return Response(response.body, 202)

    app = make_app([hooks(RouteHook("a", Call.of(first), Call.of(after)), RouteHook("b", Call.of(second)))])

    @app.get("/")
    async def index() -> None:
        log.append("handler")

    (answer,) = ask(app, "GET /")
    assert (answer.status, answer.json(), log) == (202, {"stopped": True}, ["after"])


def test_after_and_teardown_steps_also_run_when_the_handler_fails() -> None:
    log: List[str] = []

    async def after(request: Any, response: Response) -> None:
        log.append(f"after {response.status}")

    async def teardown(connection: Any, error: Any) -> None:
        log.append("teardown")

    app = make_app([hooks(RouteHook("log", after=Call.of(after), teardown=Call.of(teardown)))])

    @app.get("/")
    async def index() -> str:
        raise HTTPError(409)

    assert ask(app, "GET /")[0].status == 409
    assert log == ["after 409", "teardown"]


@pytest.mark.parametrize(
    ("request_line", "status"),
    [("GET /", 200), ("HEAD /", 200), ("OPTIONS /", 200), ("POST /", 405), ("GET /nowhere", 404)],
)
def test_steps_around_endpoints_also_run_for_the_kernels_own_answers(request_line: str, status: int) -> None:
    log: List[Any] = []

    async def before(connection: Any) -> None:
        log.append(connection.method)

    async def after(request: Any, response: Response) -> None:
        log.append(response.status)

    async def teardown(connection: Any, error: Any) -> None:
        log.append(error)

    app = make_app([hooks(RouteHook("log", Call.of(before), Call.of(after), Call.of(teardown)))])
    app.get("/", name="index")(lambda: "")
    assert ask(app, request_line)[0].status == status
    assert log == [request_line.split()[0], status, None]


def test_a_step_in_a_thread_has_the_context_of_the_request() -> None:
    user: ContextVar[str] = ContextVar("user")

    def login(connection: Any) -> None:
        user.set(connection.headers["x-user"])

    app = make_app([hooks(RouteHook("login", Call.of(login)))])
    app.get("/", name="index")(lambda: user.get())

    async def send() -> str:
        return (await Client(app).get("/", headers={"x-user": "ann"})).text

    assert asyncio.run(send()) == "ann"
