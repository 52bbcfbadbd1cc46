"""Apps, routers and routes by Starlette's rules."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, List

import pytest

from fenrir import Fenrir
from fenrir_fastapi import APIRouter, FastAPI, responses
from fenrir_fastapi.starlette.applications import Starlette
from fenrir_fastapi.starlette.convertors import CONVERTOR_TYPES, Convertor, register_url_convertor
from fenrir_fastapi.starlette.exceptions import HTTPException
from fenrir_fastapi.starlette.middleware import Middleware
from fenrir_fastapi.starlette.requests import Request
from fenrir_fastapi.starlette.responses import JSONResponse, PlainTextResponse, Response
from fenrir_fastapi.starlette.routing import Host, Match, Mount, NoMatchFound, Route, Router, WebSocketRoute
from fenrir_fastapi.starlette.schemas import SchemaGenerator
from fenrir_fastapi.starlette.testclient import TestClient
from fenrir_fastapi.starlette.websockets import WebSocket, WebSocketDisconnect


async def show(request: Request) -> Response:
    return JSONResponse({"path": request.url.path, "params": {k: str(v) for k, v in request.path_params.items()}})


async def fail(request: Request) -> Response:
    raise HTTPException(418, "teapot", {"x-a": "1"})


async def boom(request: Request) -> Response:
    raise KeyError("boom")


class Spy:
    def __init__(self, app: Any, seen: List[Any]) -> None:
        self.app, self.seen = app, seen

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)
        self.seen.append(type(scope.get("route")).__name__)


def test_the_first_route_that_matches_serves() -> None:
    app = Starlette(routes=[Route("/{name}", show, name="any"), Route("/me", fail)])
    assert TestClient(app).get("/me").json()["params"] == {"name": "me"}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/int/7", {"x": "7"}),
        ("/float/1.5", {"x": "1.5"}),
        ("/path/a/b", {"x": "a/b"}),
        ("/uuid/12345678123456781234567812345678", {"x": "12345678-1234-5678-1234-567812345678"}),
    ],
)
def test_convertors_read_the_path(path: str, params: Dict[str, str]) -> None:
    app = Starlette(routes=[Route(f"/{kind}/{{x:{kind}}}", show) for kind in ("int", "float", "path", "uuid")])
    assert TestClient(app).get(path).json()["params"] == params


def test_a_convertor_of_ones_own_reads_and_writes_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hex(Convertor[int]):
        regex = "[0-9a-f]+"

        def convert(self, value: str) -> int:
            return int(value, 16)

        def to_string(self, value: int) -> str:
            return f"{value:x}"

    monkeypatch.setitem(CONVERTOR_TYPES, "hex", None)  # is taken out at the end, for the table is the process's
    register_url_convertor("hex", Hex())
    app = Starlette(routes=[Route("/{n:hex}", show, name="n")])
    assert TestClient(app).get("/ff").json()["params"] == {"n": "255"}
    assert app.url_path_for("n", n=255) == "/ff"


def test_errors_are_text_and_keep_their_headers() -> None:
    client = TestClient(Starlette(routes=[Route("/", fail)]))
    answer = client.get("/")
    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (418, "teapot", "1")
    assert (client.get("/none").status_code, client.get("/none").text) == (404, "Not Found")
    wrong = client.post("/")
    assert (wrong.status_code, wrong.text, wrong.headers["allow"]) == (405, "Method Not Allowed", "GET, HEAD")


def test_handlers_answer_by_status_and_by_class() -> None:
    async def by_status(request: Request, error: Exception) -> Response:
        return PlainTextResponse("status")

    def by_class(request: Request, error: Exception) -> Response:
        return PlainTextResponse("class")

    routes = [Route("/status", fail), Route("/class", boom)]
    client = TestClient(Starlette(routes=routes, exception_handlers={418: by_status, LookupError: by_class}))
    assert (client.get("/status").text, client.get("/class").text) == ("status", "class")


def test_an_unhandled_error_is_answered_and_raised_on() -> None:
    app = Starlette(routes=[Route("/", boom)])
    assert TestClient(app, raise_server_exceptions=False).get("/").text == "Internal Server Error"
    with pytest.raises(KeyError):
        TestClient(app).get("/")


def test_debug_shows_the_traceback_and_escapes_it() -> None:
    async def evil(request: Request) -> Response:
        raise ValueError("<script>")

    client = TestClient(Starlette(debug=True, routes=[Route("/", evil)]), raise_server_exceptions=False)
    page = client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 500
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert "Traceback" in client.get("/").text


def test_layers_of_app_router_route_and_mount_are_nested() -> None:
    order: List[str] = []

    def layer(name: str) -> Middleware:
        def make(app: Any) -> Any:
            async def serve(scope: Any, receive: Any, send: Any) -> None:
                if scope["type"] == "http":
                    order.append(name)
                await app(scope, receive, send)

            return serve

        return Middleware(make)

    route = Route("/x", show, middleware=[layer("route")])
    mount = Mount("/m", Router([route], middleware=[layer("router")]), middleware=[layer("mount")])
    app = Starlette(routes=[mount], middleware=[layer("app")])
    assert TestClient(app).get("/m/x").status_code == 200
    assert order == ["app", "mount", "router", "route"]


def test_the_scope_names_the_route_after_the_call() -> None:
    seen: List[Any] = []
    app = Starlette(routes=[Route("/x", show)], middleware=[Middleware(Spy, seen=seen)])
    TestClient(app).get("/x")
    assert seen == ["Route"]


def test_urls_of_mounts_and_hosts_are_built_from_the_outermost_app() -> None:
    async def link(request: Request) -> Response:
        return PlainTextResponse(str(request.url_for("users:one", org="a", id=3)))

    users = Mount("/users/{org}", routes=[Route("/{id:int}", show, name="one")], name="users")
    inner = Mount("/inner", routes=[Route("/link", link)])
    host = Host("api.example.org", Router([Route("/v", show, name="v")]), name="api")
    app = Starlette(routes=[users, inner, host])
    assert app.url_path_for("users:one", org="a", id=3) == "/users/a/3"
    assert app.url_path_for("api:v").make_absolute_url("https://x.org/root/") == "https://api.example.org/root/v"
    with pytest.raises(NoMatchFound, match='No route exists for name "users:two" and params "id".'):
        app.url_path_for("users:two", id=3)
    assert TestClient(app, base_url="http://api.example.org").get("/v").status_code == 200
    assert TestClient(app).get("/inner/link").text == "http://testserver/users/a/3"


def test_a_path_is_redirected_where_a_slash_is_missing_or_too_much() -> None:
    client = TestClient(Starlette(routes=[Route("/a", show), Route("/b/", show)]), follow_redirects=False)
    assert client.get("/a/?q=1").headers["location"] == "http://testserver/a?q=1"
    assert client.get("/b").headers["location"] == "http://testserver/b/"


def test_routes_can_be_replaced_while_the_app_serves() -> None:
    app = Starlette(routes=[Route("/a", show)])
    client = TestClient(app)
    assert client.get("/a").status_code == 200
    app.router.routes = [Route("/b", show)]
    assert (client.get("/a").status_code, client.get("/b").status_code) == (404, 200)


def test_the_lifespan_gives_state_to_requests() -> None:
    events: List[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Dict[str, int]]:
        events.append("start")
        yield {"n": 5}
        events.append("stop")

    async def state(request: Request) -> Response:
        return PlainTextResponse(str(request.state.n))

    with TestClient(Starlette(routes=[Route("/", state)], lifespan=lifespan)) as client:
        assert client.get("/").text == "5"
    assert events == ["start", "stop"]


def test_a_websocket_is_served_and_one_without_a_route_is_closed() -> None:
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    client = TestClient(Starlette(routes=[WebSocketRoute("/ws", echo)]))
    with client.websocket_connect("/ws") as session:
        session.send_text("hi")
        assert session.receive_text() == "hi"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/other"):
        pass


def test_a_body_over_the_limit_is_413() -> None:
    async def size(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    routes = [Route("/all", size, methods=["POST"]), Route("/one", size, methods=["POST"], max_body_size=10)]
    client = TestClient(Starlette(routes=routes, max_body_size=4))
    assert client.post("/all", content=b"1234").text == "4"
    assert (client.post("/all", content=b"12345").status_code, client.post("/one", content=b"12345").text) == (413, "5")


@pytest.mark.parametrize("make", [Fenrir, FastAPI, Starlette])
def test_an_app_is_mounted_in_any_other(make: Any) -> None:
    inner = Starlette(routes=[Route("/x/{n:int}", show, name="x"), Route("/fail", fail)])
    app = make()
    app.mount("/inner", inner)
    client = TestClient(app)
    assert client.get("/inner/x/3").json() == {"path": "/inner/x/3", "params": {"n": "3"}}
    assert (client.get("/inner/fail").status_code, client.get("/inner/none").text) == (418, "Not Found")


def test_fastapi_is_a_starlette_app() -> None:
    assert isinstance(FastAPI(), Starlette)
    assert not isinstance(Fenrir(), Starlette)


def test_a_document_is_made_of_docstrings() -> None:
    def described(request: Request) -> Response:
        """Ignored.

        ---
        responses: {200: {description: Fine.}}
        """
        return Response()

    schemas = SchemaGenerator({"openapi": "3.0.0"})
    app = Starlette(routes=[Mount("/m", routes=[Route("/d/{i:int}", described)]), Route("/plain", show)])
    assert schemas.get_schema(app.routes)["paths"] == {
        "/m/d/{i}": {"get": {"responses": {200: {"description": "Fine."}}}}
    }


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_an_included_router_tells_how_it_matches(prefix: str) -> None:
    app, router = FastAPI(), APIRouter()

    @router.get("/items/{id}")
    def item(id: int) -> int:
        return id

    app.include_router(router, prefix=prefix)
    included = app.routes[-1]
    scope = {"type": "http", "method": "GET", "path": f"{prefix}/items/3", "headers": []}
    assert included.matches(scope)[0] is Match.FULL
    assert included.matches({**scope, "method": "PUT"})[0] is Match.PARTIAL
    assert included.matches({**scope, "path": "/none"})[0] is Match.NONE


def test_middleware_of_an_app_sees_the_route_after_the_call() -> None:
    seen: Dict[str, Any] = {}
    app = FastAPI()

    @app.middleware("http")
    async def look(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        seen.update({name: request.scope[name] for name in ("route", "endpoint", "path_params", "router")})
        return response

    @app.get("/items/{id}")
    def item(id: int) -> int:
        return id

    TestClient(app).get("/items/3")
    assert seen["route"].path == "/items/{id}"
    assert (seen["endpoint"], seen["path_params"], seen["router"]) == (item, {"id": "3"}, app.router)


def test_the_lifespan_of_a_router_can_be_wrapped() -> None:
    events: List[str] = []
    app = FastAPI(on_startup=[lambda: events.append("own")])
    original = app.router.lifespan_context

    @asynccontextmanager
    async def wrapped(app: Any) -> AsyncIterator[Any]:
        events.append("outer")
        async with original(app) as state:
            yield state

    app.router.lifespan_context = wrapped
    with TestClient(app):
        pass
    assert events == ["outer", "own"]


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
def test_an_app_that_is_mounted_builds_urls_of_the_outer_one(make: Any) -> None:
    async def link(request: Request) -> Response:
        return PlainTextResponse(str(request.url_for("outer", id=3)))

    app = make()
    app.mount("/inner", Starlette(routes=[Route("/", link)]))

    @app.get("/items/{id}", name="outer")
    def outer(id: int) -> int:
        return id

    assert TestClient(app).get("/inner/").text == "http://testserver/items/3"


def test_routes_of_a_mounted_app_are_found_by_name() -> None:
    async def link(request: Request) -> Response:
        return PlainTextResponse(str(request.url_for("admin:page", id=3)))

    app = FastAPI()
    app.mount("/admin", Starlette(routes=[Route("/{id}", show, name="page"), Route("/", link)]), name="admin")
    assert app.url_path_for("admin:page", id=3) == "/admin/3"
    assert TestClient(app).get("/admin/").text == "http://testserver/admin/3"


def test_a_response_with_a_call_of_its_own_sends_itself() -> None:
    events: List[str] = []

    async def later() -> None:
        events.append("later")

    class Own(Response):
        def __init__(self) -> None:  # as libraries do, without the base's
            self.background = later
            self.status_code = 202
            self.init_headers({"x-own": "1"})

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": b"own"})

    app = FastAPI()

    @app.get("/")
    async def own() -> Any:
        return Own()

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.text, answer.headers["x-own"], events) == (202, "own", "1", ["later"])


def test_every_response_is_a_response() -> None:
    for name in ("FileResponse", "JSONResponse", "RedirectResponse", "StreamingResponse", "EventSourceResponse"):
        assert issubclass(getattr(responses, name), Response), name
