"""Routes whose parameters and return values are declared alike share what reads and writes them, and nothing else."""

from __future__ import annotations

from enum import Enum
from typing import Any, Callable, Dict, List, Optional, Union

import pytest
from pydantic import BaseModel
from tests.asgi import fetch
from typing_extensions import Annotated, Literal

from fenrir_fastapi import Body, Depends, FastAPI, Header, Query, Request, Response, WebSocket
from fenrir_fastapi.exceptions import ResponseValidationError
from fenrir_fastapi.responses import JSONResponse
from fenrir_fastapi.testclient import TestClient


class Color(Enum):
    """A color."""

    red = "red"


class Pet(BaseModel):
    """A pet."""

    name: str


def routes(*kinds: Any) -> TestClient:
    """Return a client of an app with a route for each kind of a query parameter, `value`, with or without default."""
    app = FastAPI()
    for number, kind in enumerate(kinds):
        annotation, *default = kind if isinstance(kind, tuple) else (kind,)

        def show(value: Any) -> Dict[str, str]:
            return {"is": repr(value)}

        show.__annotations__ = {"value": annotation}
        show.__defaults__ = tuple(default) or None
        app.get(f"/{number}")(show)
    return TestClient(app)


def answers(client: TestClient, count: int, query: str = "") -> List[Any]:
    """Return what each of the routes found."""
    return [client.get(f"/{number}{query}").json().get("is") for number in range(count)]


def test_defaults_that_are_equal_keep_their_types() -> None:
    client = routes((Any, 1), (Any, True), (Any, 1.0), (Any, 0.0), (Any, -0.0), (Any, "1"), (Any, Color.red))
    assert answers(client, 7) == ["1", "True", "1.0", "0.0", "-0.0", "'1'", "<Color.red: 'red'>"]


def test_unions_of_another_order_are_read_in_their_order() -> None:
    kinds = [Annotated[Union[arms], Query(union_mode="left_to_right")] for arms in ((int, str), (str, int))]
    assert answers(routes(*kinds), 2, "?value=1") == ["1", "'1'"]


def test_literals_that_are_equal_keep_their_types() -> None:
    client = routes(Literal["a"], Literal["b"], Literal["a"])
    assert [client.get(f"/{number}?value=a").status_code for number in range(3)] == [200, 422, 200]


def test_constraints_of_markers_hold_each_for_its_route() -> None:
    client = routes(Annotated[int, Query(ge=1)], Annotated[int, Query(ge=5)], (int, Query(1, le=2)), (int, Query(1)))
    assert [client.get(f"/{number}?value=3").status_code for number in range(4)] == [200, 422, 422, 200]


def test_names_of_markers_hold_each_for_its_route() -> None:
    client = routes(Annotated[str, Query(alias="a")], Annotated[str, Query(alias="b")], Annotated[str, Query()])
    assert answers(client, 3, "?a=1&b=2&value=3") == ["'1'", "'2'", "'3'"]


def test_places_hold_each_for_its_route() -> None:
    client = routes(Annotated[str, Query()], Annotated[Optional[str], Header()])
    found = [client.get(f"/{number}?value=query", headers={"value": "header"}).json()["is"] for number in range(2)]
    assert found == ["'query'", "'header'"]


def test_defaults_that_are_changed_by_one_route_are_as_declared_for_others() -> None:
    app = FastAPI()

    def add(path: str) -> None:
        @app.get(path)
        def show(value: Annotated[List[int], Query()] = []) -> List[int]:  # noqa: B006 - FastAPI copies it
            value.append(1)
            return value

    add("/a")
    add("/b")
    client = TestClient(app)
    assert [client.get(path).json() for path in ("/a", "/b", "/a")] == [[1], [1], [1]]


def test_factories_hold_each_for_its_route() -> None:
    client = routes(*[(int, Query(default_factory=make)) for make in (lambda: 1, lambda: 2)])
    assert answers(client, 2) == ["1", "2"]


def test_a_body_is_embedded_only_where_a_route_has_two() -> None:
    app = FastAPI()

    @app.post("/one")
    def one(pet: Pet) -> str:
        return pet.name

    @app.post("/two")
    def two(pet: Pet, note: str = Body("")) -> str:
        return pet.name + note

    @app.post("/loose", strict_content_type=False)
    def loose(pet: Pet) -> str:
        return pet.name

    client, pet = TestClient(app), {"name": "Rex"}
    assert client.post("/one", json=pet).json() == client.post("/two", json={"pet": pet}).json() == "Rex"
    assert client.post("/two", json=pet).status_code == client.post("/one", json={"pet": pet}).status_code == 422
    raw = {"content": b'{"name": "Rex"}', "headers": {"content-type": ""}}
    assert [client.post(path, **raw).status_code for path in ("/one", "/loose")] == [422, 200]


def test_a_dependency_of_a_route_and_a_websocket_fails_as_each_of_them() -> None:
    app = FastAPI()

    def page(number: int) -> int:
        return number

    @app.get("/")
    def show(number: int = Depends(page)) -> int:
        return number

    @app.websocket("/ws")
    async def talk(websocket: WebSocket, number: int = Depends(page)) -> None:
        await websocket.accept()
        await websocket.send_json(number)

    client = TestClient(app)
    assert client.get("/?number=x").status_code == 422
    with client.websocket_connect("/ws?number=3") as socket:
        assert socket.receive_json() == 3
    with pytest.raises(Exception, match="1008"), client.websocket_connect("/ws?number=x") as socket:
        socket.receive_json()


def test_an_error_names_the_place_of_its_own_route() -> None:
    app = FastAPI()
    for path, alias in (("/a", "first"), ("/b", "second")):

        def show(value: int) -> int:
            return value

        show.__annotations__["value"] = Annotated[int, Query(alias=alias)]
        app.get(path)(show)
    client = TestClient(app)
    assert [client.get(path).json()["detail"][0]["loc"][-1] for path in ("/a", "/b")] == ["first", "second"]


def test_a_response_that_does_not_fit_names_its_own_route() -> None:
    app = FastAPI()

    def add(path: str, name: str) -> None:
        def show() -> Any:
            return {}

        show.__name__ = show.__qualname__ = name
        app.get(path, response_model=Pet)(show)

    add("/a", "show_cat")
    add("/b", "show_dog")
    client, found = TestClient(app), []
    for path in ("/a", "/b"):
        with pytest.raises(ResponseValidationError) as caught:
            client.get(path)
        found.append((caught.value.endpoint_ctx["path"], caught.value.endpoint_ctx["function"]))
    assert found == [("GET /a", "show_cat"), ("GET /b", "show_dog")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"response_model": Pet}, b'{"name":"Rex"}'),
        ({"response_model": Optional[Pet]}, b'{"name":"Rex"}'),
        ({"response_model": Dict[str, str]}, b'{"name":"Rex","note":"x"}'),
        ({"response_model": Pet, "response_model_exclude": {"name"}}, b"{}"),
        ({"response_model": Pet, "response_model_include": {"name"}}, b'{"name":"Rex"}'),
        ({"response_model": Pet, "status_code": 201}, b'{"name":"Rex"}'),
    ],
)
def test_what_return_values_are_made_of_holds_each_for_its_route(options: Dict[str, Any], expected: bytes) -> None:
    app = FastAPI()

    def show() -> Any:
        return {"name": "Rex", "note": "x"}

    for number, other in enumerate([{}, {"response_model": Pet}, {"response_model": List[Pet]}, options]):
        app.get(f"/{number}", **other)(show)  # type: ignore[arg-type]  # options of several kinds
    answer = fetch(app, path="/3")
    assert answer.body == expected
    assert answer.status == options.get("status_code", 200)


def test_an_injected_response_is_that_of_its_route() -> None:
    app = FastAPI()

    @app.get("/plain")
    def plain() -> Dict[str, int]:
        return {}

    @app.get("/set")
    def with_header(response: Response) -> Dict[str, int]:
        response.headers["x-set"] = "yes"
        return {}

    client = TestClient(app)
    assert [client.get(path).headers.get("x-set") for path in ("/plain", "/set", "/plain")] == [None, "yes", None]


def test_a_route_that_is_registered_late_has_the_fields_of_its_own(client_of: Callable[[FastAPI], Any]) -> None:
    app = FastAPI()

    @app.get("/first")
    def first(value: int = 1) -> int:
        return value

    client = client_of(app)
    assert client.get("/first").json() == 1

    @app.get("/late")
    def late(value: int = 2) -> int:
        return value

    assert [client.get(path).json() for path in ("/first", "/late", "/late?value=5")] == [1, 2, 5]


@pytest.fixture
def client_of() -> Callable[[FastAPI], Any]:
    """Return what makes a client of an app."""
    return TestClient


def test_the_document_describes_each_route_by_its_own_parameters() -> None:
    app = FastAPI()
    for path, marker in (("/a", Query(1, description="first")), ("/b", Query(1, description="second"))):

        def show(value: int) -> JSONResponse:
            return JSONResponse(value)

        show.__defaults__ = (marker,)
        app.get(path)(show)
    paths = app.openapi()["paths"]
    assert [paths[path]["get"]["parameters"][0]["description"] for path in ("/a", "/b")] == ["first", "second"]


def test_requests_are_not_shared(request: pytest.FixtureRequest) -> None:
    app = FastAPI()

    def add(path: str) -> None:
        @app.get(path)
        def show(request: Request) -> str:
            return request.url.path

    add("/a")
    add("/b")
    client = TestClient(app)
    assert [client.get(path).json() for path in ("/a", "/b")] == ["/a", "/b"]
