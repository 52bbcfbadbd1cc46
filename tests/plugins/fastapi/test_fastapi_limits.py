"""Nulls, fields that were set, decorated dependencies, and limits: as in FastAPI."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Iterator, List, Optional

import pytest
from pydantic import BaseModel
from tests.asgi import ask
from typing_extensions import Annotated

from fenrir import Fenrir
from fenrir_fastapi import APIRouter, Body, Cookie, Depends, FastAPI, Form, Header, Query
from fenrir_fastapi.testclient import TestClient

if TYPE_CHECKING:
    from fenrir_fastapi.never_there import Session

JSON = {"content-type": "application/json"}


class Filter(BaseModel):
    a: int = 1
    b: Optional[str] = None


def get_session() -> str:
    return "session"


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [(b'{"x": null}', 200, [None, "d"]), (b'{"x": 3, "y": null}', 200, [3, None]), (b'{"y": "s"}', 422, None)],
)
def test_an_explicit_null_is_a_value(make: Any, body: bytes, status: int, answer: Any) -> None:
    app = make()

    @app.post("/")
    def own(x: Annotated[Optional[int], Body()], y: Annotated[Optional[str], Body()] = "d") -> Any:
        return [x, y]

    found = TestClient(app).post("/", content=body, headers=JSON)
    assert (found.status_code, found.json() if answer else None) == (status, answer)


@pytest.mark.parametrize(
    ("body", "status"), [(b"null", 422), (b"", 200), (b"{}", 200), (b'{"a": 1, "b": "\xff"}', 422)]
)
def test_a_body_that_is_null_or_no_utf_8_is_invalid(body: bytes, status: int) -> None:
    app = FastAPI()

    @app.post("/")
    def own(item: Filter = Filter(a=9)) -> Filter:
        return item

    assert TestClient(app).post("/", content=body, headers=JSON).status_code == status


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
def test_a_parameter_model_knows_what_the_client_has_set(make: Any) -> None:
    app = make()

    @app.get("/query")
    def query(found: Annotated[Filter, Query()]) -> List[str]:
        return sorted(found.model_fields_set)

    @app.get("/header")
    def header(found: Annotated[Filter, Header()]) -> List[str]:
        return sorted(found.model_fields_set)

    @app.get("/cookie")
    def cookie(found: Annotated[Filter, Cookie()]) -> List[str]:
        return sorted(found.model_fields_set)

    @app.post("/form")
    def form(found: Annotated[Filter, Form()]) -> List[str]:
        return sorted(found.model_fields_set)

    client = TestClient(app)
    assert (client.get("/query").json(), client.get("/query?b=x").json()) == ([], ["b"])
    assert (client.get("/header").json(), client.get("/header", headers={"a": "2"}).json()) == ([], ["a"])
    assert (client.get("/cookie").json(), client.get("/cookie", headers={"cookie": "a=2"}).json()) == ([], ["a"])
    assert client.post("/form", data={"a": "2"}).json() == ["a"]


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
def test_a_generator_under_a_decorator_is_a_dependency_with_an_end(make: Any) -> None:
    events: List[str] = []

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapper

    @decorated
    def sync(q: int = 1) -> Iterator[int]:
        yield q
        events.append("sync")

    @decorated
    async def asynchronous() -> AsyncIterator[int]:
        yield 6
        events.append("async")

    app = make()

    @app.get("/")
    def own(a: int = Depends(sync), b: int = Depends(asynchronous)) -> List[int]:
        return [a, b]

    assert TestClient(app).get("/?q=5").json() == [5, 6]
    assert sorted(events) == ["async", "sync"]


def test_the_type_of_a_dependency_may_be_known_to_type_checkers_only() -> None:
    app = FastAPI()

    @app.get("/")
    def own(session: Annotated[Session, Depends(get_session)]) -> str:
        return str(session)

    assert TestClient(app).get("/").json() == "session"


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
@pytest.mark.parametrize("place", ["route", "router"])
def test_a_route_or_router_limits_bodies(make: Any, place: str) -> None:
    app, router = make(), APIRouter(**({"max_body_size": 5} if place == "router" else {}))

    @router.post("/", **({"max_body_size": 5} if place == "route" else {}))
    def own(x: Any = Body()) -> Any:
        return x

    app.include_router(router, prefix="/x")
    client = TestClient(app)
    assert [client.post("/x/", content=body, headers=JSON).status_code for body in (b"12345", b"123456")] == [200, 413]


def test_an_app_limits_bodies() -> None:
    app = FastAPI(max_body_size=5)

    @app.post("/")
    def own(x: Any = Body()) -> Any:
        return x

    assert TestClient(app).post("/", content=b"123456", headers=JSON).status_code == 413
    with pytest.raises(ValueError, match="non-negative"):
        FastAPI(max_body_size=-1)


@pytest.mark.parametrize(("data", "status"), [({"a": "1"}, 200), ({"a": "1", "b": "2"}, 400), ({"a": "12345"}, 413)])
def test_a_route_limits_forms(data: Any, status: int) -> None:
    app = FastAPI()

    @app.post("/", form_limits={"max_fields": 1, "max_part_size": 3})
    def own(a: str = Form(), b: str = Form("")) -> str:
        return a

    assert TestClient(app).post("/", data=data).status_code == status


def test_a_dependency_is_used_by_so_many_requests_at_a_time() -> None:
    running, most = 0, 0

    async def slot(q: int = 0) -> AsyncIterator[int]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        yield q
        running -= 1

    def other() -> int:
        return -1

    app = FastAPI()

    @app.get("/")
    async def own(found: int = Depends(slot, max_concurrency=2)) -> int:
        for _ in range(5):
            await asyncio.sleep(0)
        return found

    async def ask_at_once() -> List[int]:
        return [answer.status for answer in await asyncio.gather(*(ask(app, "GET", "/") for _ in range(8)))]

    assert (asyncio.run(ask_at_once()), most) == ([200] * 8, 2)
    client = TestClient(app)
    assert client.get("/?q=4").json() == 4
    app.dependency_overrides[slot] = other
    assert client.get("/").json() == -1
    with pytest.raises(ValueError, match="positive"):
        Depends(slot, max_concurrency=0)
