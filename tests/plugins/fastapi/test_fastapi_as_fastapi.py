"""Small behaviours of FastAPI and Starlette that applications and their tests rest on."""

from __future__ import annotations

import importlib
import json
import pathlib
from typing import Any, Dict, List, Optional, Union

import pytest
from pydantic import BaseModel, Discriminator, Tag
from typing_extensions import Annotated

from fenrir_fastapi import APIRouter, Body, FastAPI, Header, Path, Query, Request, WebSocket, WebSocketDisconnect
from fenrir_fastapi.encoders import jsonable_encoder
from fenrir_fastapi.exceptions import PydanticV1NotSupportedError
from fenrir_fastapi.params import Param
from fenrir_fastapi.responses import FileResponse, Response
from fenrir_fastapi.routing import APIRoute
from fenrir_fastapi.sse import ServerSentEvent
from fenrir_fastapi.testclient import TestClient


class OwnRequest(Request):
    """A request of a class of the app's own."""


class OwnRoute(APIRoute):
    """A route that hands its handler a request of that class."""

    def get_route_handler(self) -> Any:
        """Return the handler."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Any:
            return await handler(OwnRequest(request.scope, request.receive))

        return handle


def test_the_endpoint_gets_the_request_of_its_route_class() -> None:
    app, router = FastAPI(), APIRouter(route_class=OwnRoute)

    @router.get("/")
    async def show(request: Request) -> str:
        return type(request).__name__

    app.include_router(router)
    assert TestClient(app).get("/").json() == "OwnRequest"


def test_a_plain_param_is_read_from_the_query() -> None:
    app = FastAPI()

    @app.get("/")
    def show(q: Optional[str] = Param(default=None)) -> Any:  # type: ignore[assignment]  # as FastAPI's
        return q

    client = TestClient(app)
    assert [client.get("/").json(), client.get("/?q=x").json()] == [None, "x"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html; q=wat", 200),
        ("text/html;q=0.1", 200),
        ("image/png, Application/XHTML+xml", 200),
        ("text/html;q=0", 404),
        ("text/html; q=0.000", 404),
        ("*/*", 404),
    ],
)
def test_a_frontend_falls_back_for_clients_that_accept_html(tmp_path: pathlib.Path, accept: str, status: int) -> None:
    (tmp_path / "index.html").write_text("shell")
    app = FastAPI()
    app.frontend("/", directory=tmp_path, fallback="index.html")
    assert TestClient(app).get("/dashboard", headers={"accept": accept}).status_code == status


def test_a_frontend_without_its_folder_is_an_error_at_the_request(tmp_path: pathlib.Path) -> None:
    app = FastAPI()
    app.frontend("/", directory=tmp_path / "missing", check_dir=False)
    with pytest.raises(RuntimeError, match="missing' does not exist"):
        TestClient(app).get("/asset.txt")


@pytest.mark.parametrize("checked", [True, False])
def test_a_frontend_without_its_fallback_names_the_folder(tmp_path: pathlib.Path, checked: bool) -> None:
    app = FastAPI()
    with pytest.raises(RuntimeError, match="404.html") as raised:
        app.frontend("/", directory=tmp_path, fallback="404.html", check_dir=checked)
        TestClient(app).get("/missing.js")
    assert str(tmp_path.resolve()) in str(raised.value)


@pytest.mark.filterwarnings("ignore:.*Color.*")
def test_the_encoder_writes_a_color_by_its_name() -> None:
    from pydantic.color import Color

    assert jsonable_encoder({"color": Color("blue")}) == {"color": "blue"}


def test_the_encoder_refuses_models_of_pydantic_1() -> None:
    v1 = pytest.importorskip("pydantic.v1")

    class Old(v1.BaseModel):  # type: ignore[misc,name-defined]  # a module at run time
        x: int

    with pytest.raises(PydanticV1NotSupportedError, match="Old"):
        jsonable_encoder(Old(x=1))


@pytest.mark.parametrize("name", ["event", "id"])
def test_an_event_with_a_line_break_names_the_field(name: str) -> None:
    fields: Dict[str, Any] = {name: "a\nb"}
    with pytest.raises(ValueError, match=f"the {name} of a server-sent event must not contain line breaks"):
        ServerSentEvent(data=1, **fields)


def _sockets(seen: List[str]) -> FastAPI:
    app = FastAPI()

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.send_text(await websocket.receive_text())

    @app.websocket("/closes")
    async def closes(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()
        for late in (websocket.send_text("x"), websocket.close()):
            try:
                await late
            except WebSocketDisconnect as error:
                seen.append(f"{error.code} {isinstance(error, RuntimeError)}")

    @app.websocket("/early")
    async def early(websocket: WebSocket) -> None:
        await websocket.receive_text()

    return app


def test_a_client_that_leaves_ends_the_handler_and_the_test_sees_it() -> None:
    with pytest.raises(WebSocketDisconnect):
        with TestClient(_sockets([])).websocket_connect("/echo") as session:
            session.send_text("hi")
            assert session.receive_text() == "hi"


def test_what_is_sent_after_the_own_close_is_a_disconnect() -> None:
    seen: List[str] = []
    with TestClient(_sockets(seen)).websocket_connect("/closes"):
        pass
    assert seen == ["1006 True", "1006 True"]


def test_a_websocket_that_was_never_accepted_is_no_disconnect() -> None:
    with pytest.raises(RuntimeError, match="accept") as raised:
        with TestClient(_sockets([])).websocket_connect("/early"):
            pass
    assert not isinstance(raised.value, WebSocketDisconnect)


@pytest.mark.parametrize("sent", ["bytes=1-2,x", "bytes=x,1-2", "bytes=0-1,2-3x"])
def test_a_partly_invalid_range_is_ignored(tmp_path: pathlib.Path, sent: str) -> None:
    file = tmp_path / "f.txt"
    file.write_text("0123456789")
    app = FastAPI()

    @app.get("/")
    def show() -> Any:
        return FileResponse(file)

    app.mount("/asgi", FileResponse(file))
    client = TestClient(app)
    for path in ("/", "/asgi/"):
        answer = client.get(path, headers={"range": sent})
        assert (answer.status_code, answer.text) == (200, "0123456789")


def test_an_error_passes_function_middleware_without_another_context() -> None:
    app = FastAPI()

    @app.middleware("http")
    async def outer(request: Request, call_next: Any) -> Any:
        return await call_next(request)

    @app.middleware("http")
    async def inner(request: Request, call_next: Any) -> Any:
        return await call_next(request)

    @app.get("/")
    async def fail() -> None:
        raise ValueError("own")

    with pytest.raises(ValueError, match="own") as raised:
        TestClient(app).get("/")
    assert (raised.value.__context__, raised.value.__cause__) == (None, None)


def test_a_header_that_is_missing_may_be_deleted() -> None:
    response = Response(headers={"x-a": "1"})
    del response.headers["content-length"], response.headers["x-a"]
    assert list(response.headers) == []


class Cat(BaseModel):
    """A model."""

    kind: str
    meows: int


class Dog(BaseModel):
    """A model."""

    kind: str
    barks: int


def _kind(value: Any) -> str:
    return str(value["kind"])


Pet = Annotated[Union[Annotated[Cat, Tag("cat")], Annotated[Dog, Tag("dog")]], Discriminator(_kind)]


def test_tags_by_a_function_are_documented_where_the_marker_is_in_annotated() -> None:
    app = FastAPI()

    @app.post("/default")
    def by_default(pet: Pet = Body()) -> Any:
        return pet

    @app.post("/annotated")
    def by_annotated(pet: Annotated[Pet, Body()]) -> Any:
        return pet

    bodies = {path: item["post"]["requestBody"]["content"] for path, item in app.openapi()["paths"].items()}
    assert ["oneOf" in body["application/json"]["schema"] for body in bodies.values()] == [False, True]
    client = TestClient(app)
    for path in bodies:
        assert client.post(path, json={"kind": "dog", "barks": 1}).json() == {"kind": "dog", "barks": 1}


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("middleware.base", "ASGIApp BaseHTTPMiddleware Request RequestResponseEndpoint Response"),
        ("middleware.cors", "ASGIApp CORSMiddleware Headers Send"),
        ("routing", "APIRoute HTTPException JSONResponse Request RequestValidationError Response jsonable_encoder"),
        ("applications", "ASGIApp Depends FastAPI JSONResponse Request"),
        ("exception_handlers", "HTTPException JSONResponse Request RequestValidationError"),
        ("exceptions", "StarletteHTTPException"),
        ("requests", "Headers Scope"),
        ("responses", "BackgroundTask"),
        ("websockets", "Message"),
    ],
)
def test_a_module_has_what_code_takes_from_its_imports(module: str, names: str) -> None:
    found = importlib.import_module(f"fenrir_fastapi.{module}")
    assert [name for name in names.split() if not hasattr(found, name)] == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"{", ["Expecting property name enclosed in double quotes", 1, "{"]),
        (b"", ["Expecting value", 0, ""]),
        (b"\xff", ["byte 0 is not UTF-8", 0, "\ufffd"]),
        (b"[NaN]", ["NaN is not JSON", 0, "[NaN]"]),
    ],
)
def test_a_body_that_is_no_json_is_caught_as_json_raises_it(body: bytes, found: List[Any]) -> None:
    app = FastAPI()

    @app.post("/caught")
    async def caught(request: Request) -> Any:
        try:
            return await request.json()
        except json.JSONDecodeError as error:
            return [error.msg, error.pos, error.doc]

    @app.post("/let-through")
    async def let_through(request: Request) -> Any:
        return await request.json()

    client = TestClient(app)
    assert client.post("/caught", content=body).json() == found
    assert client.post("/let-through", content=body).status_code == 400


def test_a_deprecated_parameter_is_so_in_its_schema_too() -> None:
    app = FastAPI()

    @app.get("/{c}")
    def show(
        c: Annotated[int, Path(deprecated=True)],
        a: Annotated[int, Query(deprecated=True)] = 1,
        b: str = Header("x", deprecated=True, json_schema_extra={"x": 1}),
    ) -> None: ...

    found = app.openapi()["paths"]["/{c}"]["get"]["parameters"]
    assert [(item["deprecated"], item["schema"]["deprecated"]) for item in found] == [(True, True)] * 3
    assert found[2]["schema"]["x"] == 1


def test_a_response_that_may_be_anything_has_a_title() -> None:
    app = FastAPI()

    @app.get("/any")
    def anything() -> Any: ...

    @app.get("/none", response_model=None)
    def without() -> Any: ...

    answers = [item["get"]["responses"]["200"] for item in app.openapi()["paths"].values()]
    schemas = [answer["content"]["application/json"]["schema"] for answer in answers]
    assert schemas == [{"title": "Response Anything Any Get"}, {}]


def test_a_dot_in_a_name_stays_in_the_summary() -> None:
    app = FastAPI()
    app.get("/", name="auth:jwt.log_in")(lambda: None)
    assert app.openapi()["paths"]["/"]["get"]["summary"] == "Auth:Jwt.Log In"
