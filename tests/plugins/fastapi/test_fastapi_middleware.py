"""Middleware of the FastAPI paradigm."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List

import pytest
from tests.asgi import fetch

from fenrir_core import Fenrir
from fenrir_fastapi import BackgroundTasks, Depends, FastAPI, Request, Response, WebSocket
from fenrir_fastapi.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    SimpleUser,
    requires,
)
from fenrir_fastapi.background import BackgroundTask
from fenrir_fastapi.middleware import Middleware
from fenrir_fastapi.middleware.authentication import AuthenticationMiddleware
from fenrir_fastapi.middleware.base import BaseHTTPMiddleware
from fenrir_fastapi.middleware.cors import CORSMiddleware
from fenrir_fastapi.middleware.gzip import GZipMiddleware
from fenrir_fastapi.middleware.httpsredirect import HTTPSRedirectMiddleware
from fenrir_fastapi.middleware.sessions import SessionMiddleware
from fenrir_fastapi.middleware.trustedhost import TrustedHostMiddleware
from fenrir_fastapi.responses import PlainTextResponse, StreamingResponse
from fenrir_fastapi.testclient import TestClient


def make_app(*middleware: Any, **options: Any) -> FastAPI:
    app = FastAPI(middleware=[*middleware], **options)

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/fails")
    def fails() -> None:
        raise ZeroDivisionError

    @app.post("/echo")
    def echo(body: Dict[str, Any]) -> Dict[str, Any]:
        return body

    return app


def test_a_function_around_every_request_may_change_the_answer() -> None:
    app = make_app()

    @app.middleware("http")
    async def stamp(request: Request, call_next: Callable[..., Any]) -> Any:
        response = await call_next(request)
        response.headers["x-path"] = request.url.path
        return response

    client = TestClient(app)
    assert client.get("/").headers["x-path"] == "/"
    assert client.get("/openapi.json").headers["x-path"] == "/openapi.json"
    assert client.get("/nowhere").headers["x-path"] == "/nowhere"


def test_what_is_added_last_is_outermost() -> None:
    log: List[str] = []

    def note(name: str) -> Callable[..., Any]:
        async def dispatch(request: Request, call_next: Callable[..., Any]) -> Any:
            log.append(name)
            return await call_next(request)

        return dispatch

    app = make_app(
        Middleware(BaseHTTPMiddleware, dispatch=note("first")), Middleware(BaseHTTPMiddleware, dispatch=note("second"))
    )
    app.add_middleware(BaseHTTPMiddleware, dispatch=note("added"))
    TestClient(app).get("/")
    assert log == ["added", "first", "second"]


def test_a_middleware_may_read_the_body_that_the_handler_needs() -> None:
    app = make_app()
    sizes: List[int] = []

    @app.middleware("http")
    async def measure(request: Request, call_next: Callable[..., Any]) -> Any:
        sizes.append(len(await request.body()))
        return await call_next(request)

    assert TestClient(app).post("/echo", json={"a": 1}).json() == {"a": 1}
    assert sizes == [7]


def test_a_middleware_sees_an_error_that_nobody_handles() -> None:
    app = make_app()

    @app.middleware("http")
    async def catch(request: Request, call_next: Callable[..., Any]) -> Any:
        try:
            return await call_next(request)
        except ZeroDivisionError:
            return PlainTextResponse("caught", 418)

    answer = TestClient(app).get("/fails")
    assert (answer.status_code, answer.text) == (418, "caught")


def test_an_error_that_passes_all_middleware_is_answered_outside() -> None:
    app = make_app()

    @app.middleware("http")
    async def nothing(request: Request, call_next: Callable[..., Any]) -> Any:
        return await call_next(request)

    answer = TestClient(app, raise_server_exceptions=False).get("/fails")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    with pytest.raises(ZeroDivisionError):
        TestClient(app).get("/fails")


def test_a_middleware_that_answers_keeps_the_request_from_the_handler() -> None:
    app = make_app()

    @app.middleware("http")
    async def closed(request: Request, call_next: Callable[..., Any]) -> Any:
        return PlainTextResponse("closed", 503)

    assert TestClient(app).get("/").status_code == 503


def test_a_stream_passes_a_middleware_piece_by_piece() -> None:
    app = FastAPI()
    sent: List[bytes] = []

    @app.middleware("http")
    async def nothing(request: Request, call_next: Callable[..., Any]) -> Any:
        return await call_next(request)

    async def pieces() -> Any:
        for number in range(3):
            yield f"{number}"
            await asyncio.sleep(0)

    @app.get("/")
    def stream() -> StreamingResponse:
        return StreamingResponse(pieces())

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        async def watched(message: Any) -> None:
            if message.get("body"):
                sent.append(message["body"])
            await send(message)

        await app(scope, receive, watched)

    assert TestClient(outer).get("/").content == b"012"
    assert sent == [b"0", b"1", b"2"]


def test_a_websocket_passes_a_function_for_requests_untouched() -> None:
    app = make_app()

    @app.middleware("http")
    async def never(request: Request, call_next: Callable[..., Any]) -> Any:
        raise AssertionError

    @app.websocket("/ws")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hi")

    with TestClient(app).websocket_connect("/ws") as session:
        assert session.receive_text() == "hi"


def test_cors_answers_preflight_requests_and_marks_answers() -> None:
    app = make_app(
        Middleware(
            CORSMiddleware,
            allow_origins=["https://a.example"],
            allow_methods=["GET", "PUT"],
            allow_headers=["X-Token"],
            expose_headers=["X-Total"],
            allow_credentials=True,
        )
    )
    client = TestClient(app)
    asked = {"origin": "https://a.example", "access-control-request-method": "PUT"}
    allowed = client.options("/", headers={**asked, "access-control-request-headers": "x-token"})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "https://a.example")
    assert allowed.headers["access-control-allow-methods"] == "GET, PUT"
    assert client.options("/", headers={**asked, "access-control-request-method": "DELETE"}).status_code == 400
    assert client.options("/", headers={**asked, "origin": "https://b.example"}).status_code == 400
    simple = client.get("/", headers={"origin": "https://a.example"})
    assert simple.headers["access-control-allow-origin"] == "https://a.example"
    assert simple.headers["access-control-expose-headers"] == "X-Total"
    assert simple.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in client.get("/", headers={"origin": "https://b.example"}).headers
    assert "access-control-allow-origin" not in client.get("/").headers


def test_cors_for_everybody_names_no_origin() -> None:
    client = TestClient(make_app(Middleware(CORSMiddleware, allow_origins=["*"])))
    answer = client.get("/", headers={"origin": "https://any.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_gzip_compresses_what_is_large_enough_for_clients_that_take_it() -> None:
    app = FastAPI(middleware=[Middleware(GZipMiddleware, minimum_size=100)])

    @app.get("/{size}")
    def text(size: int) -> PlainTextResponse:
        return PlainTextResponse("x" * size)

    @app.get("/stream/{size}")
    def stream(size: int) -> StreamingResponse:
        return StreamingResponse(b"x" for _ in range(size))

    client = TestClient(app)
    large = client.get("/4000", headers={"accept-encoding": "gzip"})
    assert (large.headers["content-encoding"], large.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert int(large.headers["content-length"]) < 200
    assert large.text == "x" * 4000
    assert "content-encoding" not in client.get("/4000", headers={"accept-encoding": "identity"}).headers
    assert "content-encoding" not in client.get("/50", headers={"accept-encoding": "gzip"}).headers
    assert client.get("/stream/300", headers={"accept-encoding": "gzip"}).text == "x" * 300


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
@pytest.mark.parametrize(
    ("middleware", "options", "added"),
    [
        (CORSMiddleware, {"allow_origins": ["https://a.example"]}, "Origin"),
        (CORSMiddleware, {"allow_origins": ["*"]}, "Origin"),
        (GZipMiddleware, {"minimum_size": 1}, "Accept-Encoding"),
    ],
    ids=["cors", "cors for everybody", "gzip"],
)
def test_middleware_adds_to_every_line_of_vary(make: Any, middleware: Any, options: Dict[str, Any], added: str) -> None:
    app = make()
    app.add_middleware(middleware, **options)

    @app.get("/")
    def home() -> Response:
        response = Response("home")
        for name in ("Accept", "Cookie"):
            response.headers.append("vary", name)
        return response

    headers = {"origin": "https://a.example", "accept-encoding": "gzip"}
    assert fetch(app, headers=headers).headers.getlist("vary") == [f"Accept, Cookie, {added}"]


@pytest.mark.parametrize("middleware", [CORSMiddleware, GZipMiddleware])
def test_middleware_that_is_installed_twice_names_a_header_once_in_vary(middleware: Any) -> None:
    options = {"allow_origins": ["*"]} if middleware is CORSMiddleware else {"minimum_size": 1}
    app = make_app(Middleware(middleware, **options), Middleware(middleware, **options))
    names = fetch(app, headers={"accept-encoding": "gzip", "origin": "https://a.example"}).headers["vary"]
    assert names in ("Origin", "Accept-Encoding")


def test_only_trusted_hosts_are_served() -> None:
    client = TestClient(make_app(Middleware(TrustedHostMiddleware, allowed_hosts=["a.example", "*.b.example"])))
    statuses = [client.get("/", headers={"host": host}).status_code for host in ("a.example:80", "x.b.example", "c")]
    assert statuses == [200, 200, 400]


def test_http_leads_to_https() -> None:
    client = TestClient(make_app(Middleware(HTTPSRedirectMiddleware)), follow_redirects=False)
    answer = client.get("/?a=1")
    assert (answer.status_code, answer.headers["location"]) == (307, "https://testserver/?a=1")


def test_a_session_is_kept_in_a_cookie_that_can_not_be_forged() -> None:
    app = FastAPI(middleware=[Middleware(SessionMiddleware, secret_key="secret")])

    @app.get("/")
    def count(request: Request) -> int:
        request.session["count"] = request.session.get("count", 0) + 1
        return int(request.session["count"])

    @app.get("/clear")
    def clear(request: Request) -> None:
        request.session.clear()

    client = TestClient(app)
    assert [client.get("/").json() for _ in range(3)] == [1, 2, 3]
    client.get("/clear")
    assert client.get("/").json() == 1
    signed, _, signature = client.cookies["session"].rpartition(".")
    other = "B" if signature.startswith("A") else "A"  # the last characters hold bits that count for nothing
    forged = TestClient(app, cookies={"session": f"{signed}.{other}{signature[1:]}"})
    assert forged.get("/").json() == 1


def test_an_authentication_backend_gives_user_and_scopes() -> None:
    class ByName(AuthenticationBackend):
        async def authenticate(self, conn: Any) -> Any:
            name = conn.headers.get("x-name")
            if name == "wrong":
                raise AuthenticationError("who?")
            return None if name is None else (AuthCredentials([name]), SimpleUser(name))

    app = FastAPI(middleware=[Middleware(AuthenticationMiddleware, backend=ByName())])

    @app.get("/")
    def who(request: Request) -> str:
        return str(request.user.display_name)

    @app.get("/admin")
    @requires("admin")
    async def admin(request: Request) -> str:
        return "in"

    client = TestClient(app)
    assert client.get("/").json() == ""
    assert client.get("/", headers={"x-name": "ann"}).json() == "ann"
    assert client.get("/", headers={"x-name": "wrong"}).status_code == 400
    assert client.get("/admin", headers={"x-name": "ann"}).status_code == 403
    assert client.get("/admin", headers={"x-name": "admin"}).json() == "in"


@pytest.mark.parametrize("name", ["a", "a%2Fb"])
def test_a_function_around_every_request_is_told_the_route_of_the_encoded_path(name: str) -> None:
    told: List[Any] = []
    app = FastAPI()

    @app.get("/items/{name}")
    def item(name: str) -> str:
        return name

    @app.middleware("http")
    async def note(request: Request, call_next: Callable[..., Any]) -> Any:
        response = await call_next(request)
        told.append(request.scope["path_params"])
        return response

    assert fetch(app, path=f"/items/{name}").status == 200
    assert told == [{"name": name.replace("%2F", "/")}]


@pytest.mark.parametrize("way", ["response", "parameter", "dependency", "dispatch"])
def test_what_runs_after_the_response_runs_after_it_was_sent_by_all_middleware(way: str) -> None:
    log: List[str] = []
    app = FastAPI()

    async def resource() -> Any:
        yield
        log.append("after")

    @app.get("/response")
    def by_response() -> PlainTextResponse:
        return PlainTextResponse("x", background=BackgroundTask(log.append, "after"))

    @app.get("/parameter")
    def by_parameter(tasks: BackgroundTasks) -> str:
        tasks.add_task(log.append, "after")
        return "x"

    @app.get("/dependency", dependencies=[Depends(resource)])
    def by_dependency() -> str:
        return "x"

    @app.get("/dispatch")
    def by_dispatch() -> str:
        return "x"

    async def dispatch(request: Request, call_next: Callable[..., Any]) -> Any:
        response = await call_next(request)
        if request.url.path == "/dispatch":
            response.background = BackgroundTask(log.append, "after")
        return response

    async def served(scope: Any, receive: Any, send: Any) -> None:
        async def noting(message: Any) -> None:
            log.append(message["type"])
            await send(message)

        await app(scope, receive, noting)

    app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
    assert fetch(served, path=f"/{way}").status == 200
    assert log.count("after") == 1
    assert log[-1] == "after"
