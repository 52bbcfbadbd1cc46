"""Included routers as code sees them that walks the routes, and mounts below a prefix."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, List

import pytest

from fenrir_core import Fenrir
from fenrir_fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from fenrir_fastapi.routing import APIRoute
from fenrir_fastapi.starlette.responses import PlainTextResponse
from fenrir_fastapi.starlette.routing import BaseRoute, Host, Match, Mount, NoMatchFound, Route, Router, WebSocketRoute
from fenrir_fastapi.testclient import TestClient


def _included() -> Any:
    app, router = FastAPI(), APIRouter()

    @router.get("/items/{item_id}", name="read")
    def read(item_id: str) -> str:
        return item_id

    @router.websocket("/ws")
    async def talk(websocket: WebSocket) -> None: ...

    app.include_router(router, prefix="/v1", tags=["items"])
    return app.routes[-1]


def test_an_included_router_tells_its_router_and_its_prefix() -> None:
    included = _included()
    assert [type(route).__name__ for route in included.original_router.routes] == ["APIRoute", "APIWebSocketRoute"]
    assert (included.include_context.prefix, included.include_context.tags) == ("/v1", ["items"])


def test_an_inclusion_has_the_prefix_of_the_router_that_includes() -> None:
    outer, inner = APIRouter(prefix="/api"), APIRouter(prefix="/v1")

    @inner.get("/ready", name="ready")
    def ready() -> None: ...

    outer.include_router(inner, prefix="/x")
    included = outer.routes[0]
    assert included.include_context.prefix == "/api/x"
    assert included.url_path_for("ready") == "/api/x/v1/ready"
    assert included.matches({"type": "http", "method": "GET", "path": "/api/x/v1/ready"})[0] is Match.FULL


def test_path_operations_are_routes_of_starlette_s_classes() -> None:
    http, websocket = _included().original_router.routes
    assert isinstance(http, Route)
    assert isinstance(websocket, WebSocketRoute)


@pytest.mark.parametrize(
    ("scope", "match"),
    [
        ({"type": "http", "method": "GET", "path": "/v1/items/7"}, Match.FULL),
        ({"type": "http", "method": "POST", "path": "/v1/items/7"}, Match.PARTIAL),
        ({"type": "http", "method": "GET", "path": "/items/7"}, Match.NONE),
        ({"type": "websocket", "path": "/v1/ws"}, Match.FULL),
        ({"type": "websocket", "path": "/v1/items/7"}, Match.NONE),
        ({"type": "http", "method": "GET", "path": "/v1/ws"}, Match.NONE),
    ],
)
def test_an_included_router_matches_below_its_prefix(scope: Dict[str, Any], match: Match) -> None:
    assert _included().matches(scope)[0] is match


def test_an_included_router_makes_the_urls_of_its_routes() -> None:
    included = _included()
    assert included.url_path_for("read", item_id="7") == "/v1/items/7"
    with pytest.raises(NoMatchFound):
        included.url_path_for("read")


def test_each_inclusion_of_a_router_has_its_own_urls() -> None:
    outer, router = APIRouter(), APIRouter()

    @router.get("/x", name="x")
    def show() -> None: ...

    outer.include_router(router, prefix="/a")
    outer.include_router(router, prefix="/b")
    assert [route.url_path_for("x") for route in outer.routes] == ["/a/x", "/b/x"]


async def _text(request: Any) -> PlainTextResponse:
    return PlainTextResponse(f"{request.path_params['item_id']} {request.scope['root_path']}")


def test_a_mount_of_an_included_router_is_below_the_prefix() -> None:
    app = FastAPI()
    mount = Mount("/mounted", routes=[Route("/items/{item_id}", _text, name="read")], name="mounted")
    app.include_router(APIRouter(routes=[mount]), prefix="/api")
    assert TestClient(app).get("/api/mounted/items/abc").text == "abc /api/mounted"
    assert app.url_path_for("mounted:read", item_id="abc") == "/api/mounted/items/abc"
    scope = {"type": "http", "method": "GET", "path": "/api/mounted/items/abc"}
    assert app.routes[-1].matches(scope) == (Match.FULL, {})


def test_a_host_of_an_included_router_is_below_the_prefix() -> None:
    app = FastAPI()
    hosted = Router(routes=[Route("/items/{item_id}", _text, name="read")])
    app.include_router(APIRouter(routes=[Host("{sub}.example.com", hosted, name="hosted")]), prefix="/api")
    client = TestClient(app, base_url="http://api.example.com")
    assert client.get("/api/items/abc").text == "abc /api"
    assert client.get("/items/abc").status_code == 404
    url = app.url_path_for("hosted:read", sub="api", item_id="abc")
    assert (str(url), url.host) == ("/api/items/abc", "api.example.com")


def test_the_matches_of_a_route_class_is_asked_for_the_whole_path() -> None:
    class OnHeader(APIRoute):
        calls = 0

        def matches(self, scope: Any) -> Any:
            self.calls += 1
            return super().matches(scope) if (b"x-match", b"yes") in scope["headers"] else (Match.NONE, {})

    router, app = APIRouter(route_class=OnHeader), FastAPI()

    @router.get("/items/{item_id}")
    def read(item_id: int) -> int:
        return item_id

    app.include_router(router, prefix="/api")
    client = TestClient(app)
    assert client.get("/api/items/7").status_code == 404
    assert client.get("/api/items/7", headers={"x-match": "yes"}).json() == 7
    assert router.routes[0].calls == 2


@pytest.mark.parametrize("path", ["/sub", "/sub?x=1"])
def test_the_prefix_of_a_mount_is_redirected_to_the_slash(path: str) -> None:
    app, inner = FastAPI(), FastAPI()
    app.mount("/sub", inner)
    answer = TestClient(app).get(path, follow_redirects=False)
    expected = path.replace("/sub", "http://testserver/sub/")
    assert (answer.status_code, answer.headers["location"]) == (307, expected)


def test_the_prefix_of_a_mount_is_not_found_without_redirects() -> None:
    app = FastAPI(redirect_slashes=False)
    app.mount("/sub", PlainTextResponse("inner"))
    client = TestClient(app)
    assert (client.get("/sub").status_code, client.get("/sub/").text) == (404, "inner")


def test_a_route_at_the_prefix_of_a_mount_goes_first() -> None:
    app = FastAPI()
    app.mount("/sub", PlainTextResponse("inner"))

    @app.get("/sub")
    def own() -> str:
        return "own"

    client = TestClient(app)
    assert (client.get("/sub").json(), client.get("/sub/").text) == ("own", "inner")
    assert client.post("/sub").status_code == 405


def test_the_prefix_of_an_inner_mount_is_left_to_an_outer_one() -> None:
    app = FastAPI()
    app.mount("/sub", PlainTextResponse("inner"))
    app.mount("/", PlainTextResponse("outer"))
    assert TestClient(app).get("/sub").text == "outer"


def test_a_mount_of_the_hybrid_app_has_its_prefix_too(ask: Any) -> None:
    app = Fenrir()
    app.mount("/sub", PlainTextResponse("inner"))
    assert ask(app, "GET", "/sub").text == "inner"


def test_the_state_of_an_outer_lifespan_wins() -> None:
    def lifespan(who: str) -> Any:
        @asynccontextmanager
        async def run(app: Any) -> AsyncIterator[Dict[str, str]]:
            yield {who: who, "both": who}

        return run

    app, router = FastAPI(lifespan=lifespan("app")), APIRouter(lifespan=lifespan("router"))

    @router.get("/")
    def show(request: Request) -> Any:
        return {name: getattr(request.state, name) for name in ("app", "router", "both")}

    app.include_router(router)
    with TestClient(app) as client:
        assert client.get("/").json() == {"app": "app", "router": "router", "both": "app"}


def test_a_dependency_of_requests_and_websockets_gets_the_one_there_is() -> None:
    app = FastAPI()

    def kind(request: Request = None, websocket: WebSocket = None) -> str:  # type: ignore[assignment]  # as FastAPI's
        return f"{type(request).__name__} {type(websocket).__name__}"

    @app.get("/")
    def show(found: str = Depends(kind)) -> str:
        return found

    @app.websocket("/")
    async def talk(websocket: WebSocket, found: str = Depends(kind)) -> None:
        await websocket.accept()
        await websocket.send_text(found)
        await websocket.close()

    client = TestClient(app)
    assert client.get("/").json() == "Request NoneType"
    with client.websocket_connect("/") as session:
        assert session.receive_text() == "NoneType WebSocket"


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
def test_the_scope_of_an_included_route_has_its_effective_context(make: Any) -> None:
    inner = APIRouter(prefix="/inner", tags=["inner"])

    @inner.get("/{number}")
    def show(number: int, request: Request) -> List[Any]:
        context = request.scope["fastapi"]["effective_route_context"]
        return [context.path, context.original_route.path, context.tags, request.scope["route"].path]

    outer = APIRouter(prefix="/outer")
    outer.include_router(inner)
    app = make()
    app.include_router(outer, prefix="/api", tags=["api"])
    told = TestClient(app).get("/api/outer/inner/3").json()
    assert told == ["/api/outer/inner/{number}", "/inner/{number}", ["api", "inner"], "/inner/{number}"]


def test_the_scope_of_an_own_route_has_no_effective_context() -> None:
    app = FastAPI()

    @app.get("/")
    def show(request: Request) -> bool:
        return "effective_route_context" in request.scope.get("fastapi", {})

    assert TestClient(app).get("/").json() is False


def test_a_function_around_requests_sees_the_effective_context_of_an_included_route() -> None:
    told: List[str] = []
    app, router = FastAPI(), APIRouter()
    router.get("/{name}")(lambda name: name)

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        told.append(request.scope["fastapi"]["effective_route_context"].path)
        return response

    app.include_router(router, prefix="/api")
    TestClient(app).get("/api/a")
    assert told == ["/api/{name}"]


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
def test_the_scope_of_an_included_route_has_its_router(make: Any) -> None:
    inner, outer, app = APIRouter(prefix="/inner"), APIRouter(prefix="/outer", tags=["outer"]), make()

    def told(scope: Any) -> List[Any]:
        router = scope["fastapi"]["included_router"]
        known = router.original_router is inner, router.include_context.prefix, router.include_context.tags
        return [*known, [context.path for context in router.effective_route_contexts()]]

    @inner.get("/{number}")
    def show(number: int, request: Request) -> List[Any]:
        return told(request.scope)

    @inner.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json([*told(websocket.scope), websocket.scope["route"].path])

    outer.include_router(inner, prefix="/more", tags=["more"])
    app.include_router(outer, prefix="/api")
    path = "/api/outer/more/inner"
    expected = [True, "/api/outer/more", ["outer", "more"], [f"{path}/{{number}}", f"{path}/talk"]]
    client = TestClient(app)
    assert client.get(f"{path}/3").json() == expected
    with client.websocket_connect(f"{path}/talk") as socket:
        assert socket.receive_json() == [*expected, f"{path}/talk"]


class Greedy(BaseRoute):
    """A route of the author's own that answers everything."""

    def matches(self, scope: Any) -> Any:
        return Match.FULL, {}

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("greedy")(scope, receive, send)


def test_a_route_of_the_authors_own_class_is_asked_in_an_app_and_not_in_an_included_router() -> None:
    # COMPAT: FastAPI 0.165; the dependencies of the inclusion would not hold for it
    router, app = APIRouter(), FastAPI()
    router.routes.append(Greedy())
    router.get("/there")(lambda: "there")
    app.include_router(router, prefix="/api")
    client = TestClient(app)
    assert [client.get(path).status_code for path in ("/api/there", "/api/other", "/other")] == [200, 404, 404]
    app = FastAPI()
    app.router.routes.append(Greedy())
    assert TestClient(app).get("/other").text == "greedy"


def test_included_routes_are_taken_over_by_a_late_registration() -> None:
    for make in (FastAPI, Fenrir):
        inner, outer, app = APIRouter(), APIRouter(), make()
        inner.get("/show")(lambda: "show")

        @inner.websocket("/talk")
        async def talk(websocket: WebSocket) -> None:
            await websocket.close()

        outer.include_router(inner, prefix="/inner")
        app.include_router(outer, prefix="/outer")
        client = TestClient(app)
        assert client.get("/outer/inner/show").status_code == 200
        before = {item.route.path: item.call for item in app.compiled_routes}
        app.get("/late")(lambda: "late")
        assert client.get("/late").status_code == 200
        after = {item.route.path: item.call for item in app.compiled_routes}
        assert all(after[path] is before[path] for path in ("/outer/inner/show", "/outer/inner/talk"))
