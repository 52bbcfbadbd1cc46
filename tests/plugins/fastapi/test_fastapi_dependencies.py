"""Dependencies, on routes of all kinds."""

from __future__ import annotations

from typing import Any, Iterator, List

from typing_extensions import Annotated

from fenrir_core import Fenrir
from fenrir_fastapi import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Query,
    Response,
    Security,
)
from fenrir_fastapi.security import OAuth2PasswordBearer, SecurityScopes
from fenrir_fastapi.testclient import TestClient


def test_a_dependency_is_called_once_in_a_request(ask: Any) -> None:
    calls: List[int] = []

    def number() -> int:
        calls.append(1)
        return len(calls)

    def double(value: int = Depends(number)) -> int:
        return 2 * value

    app = Fenrir()

    @app.get("/")
    async def show(
        a: int = Depends(number), b: int = Depends(double), c: int = Depends(number, use_cache=False)
    ) -> Any:
        return [a, b, c]

    assert ask(app, "GET", "/").json() == [1, 2, 2]


def test_the_class_of_the_annotation_is_the_dependency(ask: Any) -> None:
    class Paging:
        def __init__(self, skip: int = 0, limit: int = 10) -> None:
            self.skip, self.limit = skip, limit

    app = Fenrir()

    @app.get("/")
    async def show(paging: Annotated[Paging, Depends()]) -> Any:
        return [paging.skip, paging.limit]

    assert ask(app, "GET", "/?skip=5").json() == [5, 10]


def test_a_yield_dependency_is_closed_after_the_handler(ask: Any) -> None:
    log: List[str] = []

    def resource() -> Iterator[str]:
        log.append("open")
        yield "it"
        log.append("close")

    app = Fenrir()

    @app.get("/")
    async def show(it: str = Depends(resource)) -> str:
        log.append(it)
        return it

    ask(app, "GET", "/")
    assert log == ["open", "it", "close"]


def test_a_dependency_can_be_overridden_and_back(ask: Any) -> None:
    def real() -> str:
        return "real"

    app = Fenrir()

    @app.get("/")
    async def show(it: str = Depends(real)) -> Any:
        return [it]

    app.dependency_overrides[real] = lambda q="none": f"stand-in {q}"
    assert ask(app, "GET", "/?q=1").json() == ["stand-in 1"]
    app.dependency_overrides.clear()
    assert ask(app, "GET", "/").json() == ["real"]


def test_dependencies_of_a_route_run_without_being_passed(ask: Any) -> None:
    async def key(x_key: str = Header()) -> None:
        if x_key != "right":
            raise HTTPException(403, "wrong key")

    app = Fenrir()

    @app.get("/", dependencies=[Depends(key)])
    async def show() -> str:
        return "in"

    assert ask(app, "GET", "/", headers={"x-key": "right"}).text == "in"
    assert ask(app, "GET", "/", headers={"x-key": "no"}).json() == {"detail": "wrong key"}
    assert ask(app, "GET", "/").status_code == 422


def test_dependencies_of_app_router_and_route_run_in_that_order(ask: Any) -> None:
    log: List[str] = []
    app = FastAPI(dependencies=[Depends(lambda: log.append("app"))])
    router = APIRouter(prefix="/in", dependencies=[Depends(lambda: log.append("router"))])

    @router.get("/side", dependencies=[Depends(lambda: log.append("route"))])
    async def show() -> None: ...

    app.include_router(router, dependencies=[Depends(lambda: log.append("include"))])
    assert ask(app, "GET", "/in/side").status_code == 200
    assert log == ["app", "include", "router", "route"]
    log.clear()
    assert ask(app, "GET", "/openapi.json").status_code == 200
    assert log == []


def test_a_route_that_the_document_hides_keeps_its_dependencies(ask: Any) -> None:
    def refuse() -> None:
        raise HTTPException(403)

    app, router = FastAPI(dependencies=[Depends(refuse)]), APIRouter(dependencies=[Depends(refuse)])

    @router.get("/inside", include_in_schema=False)
    async def inside() -> None: ...

    @app.get("/outside", include_in_schema=False)
    async def outside() -> None: ...

    app.include_router(router)
    assert [ask(app, "GET", path).status_code for path in ("/inside", "/outside")] == [403, 403]


def test_headers_cookies_and_status_of_the_injected_response_are_sent(ask: Any) -> None:
    async def counted(response: Response) -> None:
        response.headers["x-count"] = "1"

    app = FastAPI()

    @app.get("/", dependencies=[Depends(counted)])
    async def show(response: Response) -> Any:
        response.set_cookie("a", "b")
        response.status_code = 201
        return {"ok": True}

    answer = ask(app, "GET", "/")
    assert (answer.status_code, answer.headers["x-count"], answer.cookies["a"]) == (201, "1", "b")
    assert answer.json() == {"ok": True}


def test_an_injected_response_leaves_the_hybrid_table_as_it_is(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(response: Response) -> str:
        response.headers["x-a"] = "1"
        return "<p>"

    answer = ask(app, "GET", "/")
    assert (answer.headers["content-type"], answer.headers["x-a"]) == ("text/html; charset=utf-8", "1")


def test_background_tasks_run_once_the_answer_is_made(ask: Any) -> None:
    log: List[str] = []
    app = Fenrir()

    async def later(name: str) -> None:
        log.append(name)

    @app.get("/")
    async def show(tasks: BackgroundTasks) -> str:
        tasks.add_task(later, "async")
        tasks.add_task(log.append, "sync")
        log.append("handler")
        return "ok"

    assert ask(app, "GET", "/").text == "ok"
    assert log == ["handler", "async", "sync"]


def test_security_scopes_gather_along_the_way(ask: Any) -> None:
    bearer = OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Read", "items": "More"})

    def user(scopes: SecurityScopes, token: str = Depends(bearer)) -> Any:
        return [token, scopes.scope_str]

    def active(found: Any = Security(user, scopes=["me"])) -> Any:
        return found

    app = FastAPI()

    @app.get("/items")
    async def items(found: Any = Security(active, scopes=["items"]), plain: Any = Depends(user)) -> Any:
        return [found, plain]

    answer = ask(app, "GET", "/items", headers={"authorization": "Bearer t"})
    assert answer.json() == [["t", "items me"], ["t", ""]]
    refused = ask(app, "GET", "/items")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_a_resource_class_takes_dependencies_and_parameters(ask: Any) -> None:
    def database() -> str:
        return "db"

    class Things:
        async def on_get(self, req: Any, resp: Any, db: str = Depends(database), limit: int = 3) -> None:
            resp.media = [db, limit]

    app = Fenrir()
    app.add_route("/things", Things())
    assert ask(app, "GET", "/things?limit=4").json() == ["db", 4]


def test_routes_share_the_reader_of_a_dependency_and_not_its_values() -> None:
    app = FastAPI()

    def page(limit: int = Query(10, ge=1)) -> int:
        return limit

    for name in ("a", "b"):
        app.get(f"/{name}")(lambda limit=Depends(page): limit)
    client = TestClient(app)
    assert [client.get(path).json() for path in ("/a?limit=3", "/b?limit=4", "/b")] == [3, 4, 10]
    assert client.get("/b?limit=0").json()["detail"][0]["loc"] == ["query", "limit"]


def test_a_dependency_reads_a_path_parameter_where_the_path_has_one() -> None:
    app = FastAPI()

    def number(number: int) -> int:
        return number

    app.get("/by-query")(lambda found=Depends(number): found)
    app.get("/by-path/{number}")(lambda found=Depends(number): found)
    client = TestClient(app)
    assert client.get("/by-query?number=1").json() == 1
    assert client.get("/by-path/2?number=3").json() == 2
