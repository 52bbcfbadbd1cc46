"""Each hook: what its answers do in an app. A last test checks that no hook was forgotten."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace
from typing import Any, AsyncIterator, Callable, Dict, List

import pytest

from fenrir_core import (
    App,
    AppMethod,
    AppProperty,
    Batch,
    BatchField,
    BodyEncoder,
    BuildError,
    Call,
    Constant,
    CurrentConnection,
    ErrorFormat,
    ExceptionHandler,
    Fenrir,
    HTTPError,
    Lifespan,
    Middleware,
    Mount,
    OpenAPIPart,
    PathConverter,
    PathValue,
    PluginInfo,
    Provide,
    Request,
    Resolver,
    Response,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    hookimpl,
)
from fenrir_core.plugins import hookspecs
from fenrir_core.testing import Answer, Client, make_app


def plugin(function: Callable[..., Any], name: str = "mine", info: PluginInfo = PluginInfo()) -> Any:
    """Make a plugin of one hook."""
    return SimpleNamespace(__name__=name, fenrir_plugin=info, **{function.__name__: hookimpl(function)})


def ask(app: App, *requests: str) -> List[Answer]:
    """Start the app and send it requests, each a method and a path."""

    async def send() -> List[Answer]:
        async with Client(app, raise_errors=False) as client:
            return [await client.request(*request.split()) for request in requests]

    return asyncio.run(send())


def texts(app: App, *requests: str) -> List[str]:
    return [answer.text for answer in ask(app, *requests)]


# ---------------------------------------------------------------- when an app object is made


def test_fenrir_app_methods_adds_methods_that_get_the_app_first() -> None:
    def shout(app: Any, text: str, *, times: int = 1) -> Any:
        """Shout."""
        return app, text.upper() * times

    def fenrir_app_methods() -> Any:
        return [AppMethod("shout", shout)]

    app = make_app([plugin(fenrir_app_methods)])
    assert app.shout("a", times=2) == (app, "AA")
    assert app.shout.__doc__ == "Shout."
    assert "shout" in dir(app)


def test_fenrir_app_methods_adds_properties() -> None:
    def fenrir_app_methods() -> Any:
        return [AppProperty("shop", lambda app: ("shop of", app))]

    app = make_app([plugin(fenrir_app_methods)])
    assert app.shop == ("shop of", app)


def test_fenrir_app_methods_of_several_plugins_tell_apart_whose_a_call_is() -> None:
    def methods(name: str, kind: type) -> Any:
        def fenrir_app_methods() -> Any:
            return [AppMethod("add", lambda app, item: name, lambda args, kwargs: isinstance(args[0], kind))]

        return plugin(fenrir_app_methods, name)

    app = make_app([methods("texts", str), methods("numbers", int)])
    assert (app.add("a"), app.add(1)) == ("texts", "numbers")
    with pytest.raises(BuildError, match=r"add\(1.5,\) fits none of the plugins that have it: numbers, texts"):
        app.add(1.5)


def test_a_pure_app_has_no_methods_of_plugins() -> None:
    def fenrir_app_methods() -> Any:
        return [AppMethod("shout", lambda app: None)]

    app = App(paradigms=(), plugins=[plugin(fenrir_app_methods)], autoload=False)
    assert not hasattr(app, "shout")


# ---------------------------------------------------------------- phase 1


def test_fenrir_settings_declares_settings_that_the_app_may_set() -> None:
    def fenrir_settings() -> Any:
        yield Setting("color", str, "red", help="The color.")

    assert make_app([plugin(fenrir_settings)]).settings["color"] == "red"
    assert make_app([plugin(fenrir_settings)], color="blue").settings["color"] == "blue"


# ---------------------------------------------------------------- phase 2


def test_fenrir_path_converters_gives_converters_for_templates_and_urls() -> None:
    def fenrir_path_converters(build: Any) -> Any:
        assert build.settings["trailing_slash"]
        yield PathConverter("hex", "[0-9a-f]+", lambda text: int(text, 16), "{:x}".format)

    app = make_app([plugin(fenrir_path_converters)])

    @app.get("/colors/{color:hex}")
    async def color(color: int) -> int:
        return color

    assert texts(app, "GET /colors/ff") == ["255"]
    assert ask(app, "GET /colors/xx")[0].status == 404
    assert app.url_path("color", color=255) == "/colors/ff"


def test_fenrir_route_options_makes_keywords_of_routes_known() -> None:
    def fenrir_route_options() -> Any:
        yield RouteOption("rate")

    app = make_app([plugin(fenrir_route_options)])

    @app.get("/", rate=5)
    async def index(request: Request) -> int:
        return int(request.route.option("rate"))

    assert texts(app, "GET /") == ["5"]


class Shop:
    """An object that only a plugin understands."""

    def list_pets(self) -> Any:
        return ["cat"]


def test_fenrir_collect_routes_makes_routes_of_a_mounted_object() -> None:
    def fenrir_collect_routes(source: Any, prefix: str) -> Any:
        if isinstance(source, Shop):
            return [Route(prefix + "/pets", source.list_pets, name="pets")]
        return None

    app = make_app([plugin(fenrir_collect_routes)])
    app.mount("/shop", Shop())

    assert texts(app, "GET /shop/pets") == ['["cat"]']
    (route,) = app.routes
    assert isinstance(route, Route) and str(route.origin) == "mine"


def test_fenrir_routes_gives_routes_and_mounts() -> None:
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["root_path"].encode()})

    async def live() -> str:
        return "live"

    def fenrir_routes() -> Any:
        yield Route("/-/live", live, name="live")
        yield Mount("/-/raw", mounted)

    assert texts(make_app([plugin(fenrir_routes)]), "GET /-/live", "GET /-/raw/x") == ["live", "/-/raw"]


# ---------------------------------------------------------------- phase 3


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


# ---------------------------------------------------------------- phase 4


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


# ---------------------------------------------------------------- phase 5


def test_fenrir_app_built_sees_the_frozen_app_once() -> None:
    seen: List[Any] = []

    def fenrir_app_built(app: Any) -> None:
        assert app.is_built
        seen.append([str(route) for route in app.routes])

    app = make_app([plugin(fenrir_app_built)])
    app.get("/pets")(lambda: "")
    ask(app, "GET /pets", "GET /pets")
    assert seen == [["GET /pets"]]


# ---------------------------------------------------------------- all of them


def test_hooks_are_called_with_what_they_ask_for_only() -> None:
    def fenrir_route_hooks(build: Any, route: Route) -> Any:
        assert build.settings["derive_head"] is True
        assert isinstance(build.app, Fenrir)
        assert [item.path for item in build.routes] == ["/"]
        return None

    app = make_app([plugin(fenrir_route_hooks)])
    app.get("/", name="index")(lambda: "")
    app.build()


def test_every_hook_has_a_test_that_bears_its_name() -> None:
    tests = re.findall(r"^def test_(fenrir_\w+)", Path(__file__).read_text(encoding="utf-8"), re.M)
    untested = [
        hook
        for hook in vars(hookspecs)
        if hook.startswith("fenrir_") and not any(test.startswith(f"{hook}_") for test in tests)
    ]
    assert untested == []
