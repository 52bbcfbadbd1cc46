"""Routes as objects, route classes of users, plain routes, hosts, events of routers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, List, Optional

import pytest

from fenrir import Fenrir
from fenrir_fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response, WebSocket
from fenrir_fastapi.convertors import CONVERTOR_TYPES, Convertor
from fenrir_fastapi.exceptions import FastAPIError, RequestValidationError
from fenrir_fastapi.responses import JSONResponse, PlainTextResponse
from fenrir_fastapi.routing import APIRoute, Match, Mount, NoMatchFound, Route, iter_route_contexts
from fenrir_fastapi.testclient import TestClient


class Shouting(APIRoute):
    """Read the body in upper case, and answer mistakes by itself."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response: Response = await handler(Loud(request.scope, request.receive))
            except RequestValidationError as error:
                return JSONResponse([item["loc"][-1] for item in error.errors()], 400)
            response.headers["x-handled"] = "yes"
            return response

        return handle


class Loud(Request):
    async def body(self) -> bytes:
        return (await super().body()).upper()


def test_a_route_class_may_put_its_own_handler_around_the_request() -> None:
    app = FastAPI()
    app.router.route_class = Shouting

    @app.post("/")
    def create(text: Dict[str, str]) -> Dict[str, str]:
        return text

    client = TestClient(app)
    answer = client.post("/", json={"a": "b"})
    assert (answer.json(), answer.headers["x-handled"]) == ({"A": "B"}, "yes")
    assert (client.post("/", json=[]).status_code, client.post("/", json=[]).json()) == (400, ["body"])


class Newer(APIRoute):
    """Serve only clients that ask for version 2."""

    def matches(self, scope: Any) -> Any:
        match, child = super().matches(scope)
        if match is Match.FULL and dict(scope["headers"]).get(b"x-version") != b"2":
            return Match.NONE, {}
        return match, child


def test_a_route_class_may_decide_what_fits_it() -> None:
    app, new, old = FastAPI(), APIRouter(route_class=Newer), APIRouter()

    @new.get("/items/{number}")
    def two(number: int) -> Any:
        return [2, number]

    @old.get("/items/{number}")
    def one(number: int) -> Any:
        return [1, number]

    app.include_router(new, prefix="/api")
    app.include_router(old, prefix="/api")
    client = TestClient(app)
    assert client.get("/api/items/7").json() == [1, 7]
    assert client.get("/api/items/7", headers={"x-version": "2"}).json() == [2, 7]


def test_options_of_a_route_may_be_changed_before_the_app_starts() -> None:
    app = FastAPI()

    @app.get("/items/")
    def read_items() -> None: ...

    for route in app.routes:
        if isinstance(route, APIRoute):
            route.operation_id = route.name
    assert app.openapi()["paths"]["/items/"]["get"]["operationId"] == "read_items"


def test_a_plain_route_is_given_the_request_alone() -> None:
    async def hello(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"hello {request.path_params['name']}")

    app = FastAPI(routes=[Route("/hello/{name}", hello), Mount("/below", routes=[Route("/{name}", hello)])])
    app.add_route("/added/{name}", hello, methods=["POST"])
    client = TestClient(app)
    assert client.get("/hello/you").text == client.get("/below/you").text == client.post("/added/you").text
    assert app.openapi()["paths"] == {}


def test_a_host_has_an_app_of_its_own() -> None:
    inner, app = FastAPI(), FastAPI()

    @inner.get("/")
    def home() -> str:
        return "inner"

    app.host("{area}.example.org", inner)
    client = TestClient(app)
    assert client.get("/", headers={"host": "api.example.org"}).json() == "inner"
    assert client.get("/").status_code == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("API.example.org:81", 200), ("evil/.example.org", 400), ("evil?.example.org", 400), ("a@b.example.org", 400),
        ("api.example.org:80/x", 400),
    ],
)  # fmt: skip
def test_a_hosts_app_serves_valid_hosts_only(host: str, status: int) -> None:
    inner, app = FastAPI(), FastAPI()
    inner.get("/")(lambda: "inner")
    app.host("{area}.example.org", inner)
    assert TestClient(app).get("/", headers={"host": host}).status_code == status


def test_a_route_may_be_added_after_the_first_request() -> None:
    app, router = FastAPI(), APIRouter()
    app.include_router(router)
    with TestClient(app) as client:
        assert client.get("/late").status_code == 404

        @router.get("/late")
        def late() -> str:
            return "here"

        assert client.get("/late").json() == "here"


def test_a_route_that_decides_what_fits_it_may_be_added_after_the_first_request() -> None:
    app, made = FastAPI(), []  # type: ignore[var-annotated]

    def once(inner: Any) -> Any:
        made.append(inner)
        return inner

    app.add_middleware(once)
    app.get("/items/{number}")(lambda number: [1, number])
    with TestClient(app) as client:
        newer = {"x-version": "2"}
        assert client.get("/items/7", headers=newer).json() == [1, "7"]
        for path in ("/items/{number}", "/others/{number}"):
            late = APIRouter(route_class=Newer)
            late.get(path)(lambda number: [2, number])
            app.include_router(late)
            assert client.get(path.format(number=7), headers=newer).json() == [2, "7"]
        assert client.get("/items/7").json() == [1, "7"]
    assert len(made) == 1


def test_the_first_of_two_equal_routes_answers() -> None:
    app = FastAPI()

    @app.get("/users")
    def first() -> str:
        return "first"

    @app.get("/users")
    def second() -> str:
        return "second"

    assert TestClient(app).get("/users").json() == "first"


def test_contexts_tell_the_whole_path_of_included_routes() -> None:
    app, router = FastAPI(), APIRouter(prefix="/items", tags=["things"])

    @router.get("/{number}")
    def show(number: int) -> None: ...

    app.include_router(router, prefix="/api")
    (context,) = iter_route_contexts(app.routes)
    assert (context.path, context.methods, context.endpoint) == ("/api/items/{number}", {"GET"}, show)
    assert context.tags == ["things"]
    assert context.original_route is router.routes[0]


def test_lifespans_and_events_of_routers_are_nested_in_those_of_the_app() -> None:
    log: List[str] = []

    def make(name: str) -> Any:
        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[Dict[str, str]]:
            log.append(f"+{name}")
            yield {name: name}
            log.append(f"-{name}")

        return lifespan

    inner, outer = APIRouter(lifespan=make("inner")), APIRouter(on_startup=[lambda: log.append("event")])
    outer.include_router(inner)
    app = FastAPI(lifespan=make("app"))
    app.include_router(outer)

    @app.get("/")
    def show(request: Request) -> Any:
        return [request.state.app, request.state.inner]

    with TestClient(app) as client:
        assert client.get("/").json() == ["app", "inner"]
    assert log == ["+app", "event", "+inner", "-inner", "-app"]


def test_a_router_can_not_include_itself() -> None:
    outer, inner = APIRouter(), APIRouter()
    outer.include_router(inner)
    for router, why in ((outer, "itself"), (inner, "already includes this router")):
        with pytest.raises(AssertionError, match=why):
            router.include_router(outer)


def test_prefix_and_path_can_not_both_be_empty() -> None:
    router = APIRouter()

    @router.get("")
    def root() -> None: ...

    with pytest.raises(FastAPIError, match="both empty"):
        FastAPI().include_router(router)


def test_a_longer_lived_dependency_can_not_use_one_that_is_closed_before_it() -> None:
    def short() -> Any:
        yield 1

    def long(value: int = Depends(short, scope="function")) -> Any:
        yield value

    app = FastAPI()
    with pytest.raises(FastAPIError, match='scope of "request"'):

        @app.get("/")
        def show(value: int = Depends(long)) -> None: ...


def test_an_answer_that_pydantic_can_not_validate_is_an_error_at_its_declaration() -> None:
    app = FastAPI()
    with pytest.raises(FastAPIError, match="response_model=None"):

        @app.get("/", response_model=WebSocket)
        def show() -> None: ...


@pytest.mark.parametrize("kind", [list, dict, tuple, List[int]])
def test_a_part_of_the_path_holds_one_value(kind: Any) -> None:
    def show(item: Any) -> None: ...

    show.__annotations__["item"] = kind
    with pytest.raises(AssertionError, match="supported types"):
        FastAPI().get("/{item}")(show)


def test_the_url_of_an_unknown_route_can_not_be_built() -> None:
    with pytest.raises(NoMatchFound, match="nowhere"):
        FastAPI().url_path_for("nowhere")


def test_a_dependency_that_swallows_an_error_is_a_mistake() -> None:
    def swallow() -> Any:
        try:
            yield
        except KeyError:
            pass

    app = FastAPI()

    @app.get("/", dependencies=[Depends(swallow)])
    def show() -> None:
        raise KeyError

    with pytest.raises(FastAPIError, match="yield"):
        TestClient(app).get("/")


def test_the_last_of_two_handlers_for_an_exception_answers() -> None:
    app = FastAPI(exception_handlers={HTTPException: lambda request, error: PlainTextResponse("old", 400)})
    app.add_exception_handler(HTTPException, lambda request, error: PlainTextResponse("new", error.status_code))
    assert TestClient(app).get("/nowhere").text == "new"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/int/05", "5"),
        ("/int/-5", None),
        ("/float/3", "3.0"),
        ("/float/-1.5", None),
        ("/float/.5", None),
        ("/uuid/12345678123456781234567812345678", "UUID('12345678-1234-5678-1234-567812345678')"),
        ("/path/a/b", "'a/b'"),
        ("/path/", "''"),
    ],
)
def test_path_types_are_starlettes_in_the_class_fastapi(path: str, told: Optional[str]) -> None:
    app = FastAPI()

    def show(value):  # type: ignore[no-untyped-def]  # an annotation would be the type
        return repr(value)

    for kind in ("int", "float", "uuid", "path"):
        app.get(f"/{kind}/{{value:{kind}}}")(show)
    response = TestClient(app).get(path)
    assert (response.status_code, response.json() if told else None) == ((200, told) if told else (404, None))


class Hexadecimal(Convertor[int]):
    regex = "[0-9a-f]+"

    def convert(self, value: str) -> int:
        return int(value, 16)

    def to_string(self, value: int) -> str:
        return f"{value:x}"


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
def test_a_registered_convertor_is_a_type_of_paths(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONVERTOR_TYPES, "hexadecimal", Hexadecimal())
    app = make()

    @app.get("/{number:hexadecimal}")
    def show(number: int):  # type: ignore[no-untyped-def]
        return {"number": number}

    client = TestClient(app)
    assert client.get("/ff").json() == {"number": 255}
    assert client.get("/zz").status_code == 404


def test_the_url_of_a_request_is_encoded() -> None:
    app = FastAPI()

    @app.get("/{name}")
    def show(name: str, request: Request) -> str:
        return str(request.url)

    assert TestClient(app).get("/%C3%A9?q=%C3%BC").json() == "http://testserver/%C3%A9?q=%C3%BC"


class ByHeader(APIRoute):
    def matches(self, scope: Any) -> Any:
        match, child = super().matches(scope)
        return (Match.NONE, {}) if (b"x-skip", b"1") in scope["headers"] else (match, child)


@pytest.mark.parametrize("has_frontend", [True, False])
def test_a_route_with_a_match_of_its_own_allows_its_methods_only(has_frontend: bool, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("page")
    app = FastAPI()
    app.router.route_class = ByHeader
    app.get("/own/{name}")(lambda name: name)
    if has_frontend:
        app.frontend("/", directory=tmp_path, fallback="index.html")
    client = TestClient(app)
    response = client.post("/own/a")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert client.post("/own/a", headers={"x-skip": "1"}).status_code == 404
    assert client.get("/own/a").json() == "a"


def test_another_route_of_the_path_serves_what_one_with_its_own_match_does_not_allow() -> None:
    app, router = FastAPI(), APIRouter(route_class=ByHeader)
    router.get("/own/{name}")(lambda name: name)
    app.include_router(router)
    app.post("/own/{name}")(lambda name: f"posted {name}")
    assert TestClient(app).post("/own/a").json() == "posted a"
