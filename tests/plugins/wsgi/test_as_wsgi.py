# mypy: disallow-untyped-decorators=False
"""An ASGI application as a WSGI callable: requests, status and headers, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest
from tests.conformance.kits import KITS, kernel
from tests.plugins.wsgi.wsgi_calls import ask, call, responding, served

from fenrir import Fenrir
from fenrir_core import BuildError, Request, Response
from fenrir_wsgi import as_wsgi

# ---------------------------------------------------------------- any app of ours


@pytest.mark.parametrize("kit", KITS)
def test_an_app_of_any_paradigm_is_served(kit: str) -> None:
    paradigm = KITS[kit]()
    app = paradigm.make()
    paradigm.text(app, "/hello", "grüße")
    paradigm.receive(app, "/body")
    with served(app) as application:
        answer = call(application, "/hello")
        assert (answer.status, answer.body) == ("200 OK", "grüße".encode())
        # not under the validator: FastAPI's plain `Response` has no Content-Type
        answer = call(application, "/body", "POST", b"x" * 100_000, check=False)
        assert answer.status.startswith("20") and answer.body == b"x" * 100_000
        assert call(application, "/nowhere").status == "404 Not Found"


def test_the_app_sees_the_request() -> None:
    app = Fenrir()

    @app.post("/app/{name}")
    async def show(request: Request, name: str) -> Any:
        return {
            "name": name,
            "query": request.query.multi_items(),
            "header": request.headers["x-one"],
            "cookies": request.cookies,
            "client": request.client,
            "scheme": request.scheme,
            "body": (await request.body()).decode(),
        }

    answer = ask(
        app,
        "/app/gr\xc3\xbc\xc3\x9fe",
        "POST",
        "é".encode(),
        QUERY_STRING="q=%C3%BC&q=2",
        HTTP_X_ONE="a",
        HTTP_COOKIE="c=1",
        REMOTE_ADDR="10.0.0.7",
    )
    expected = (
        '{"name":"grüße","query":[["q","ü"],["q","2"]],"header":"a","cookies":{"c":"1"},'
        '"client":["10.0.0.7",0],"scheme":"http","body":"é"}'
    )
    assert answer.body.decode() == expected


def test_an_app_below_a_script_name_builds_its_urls_with_it() -> None:
    app = Fenrir()

    @app.get("/x")
    async def x(request: Request) -> str:
        return f"{request.root_path} {request.path}"

    assert ask(app, "/x", SCRIPT_NAME="/app").body == b"/app /app/x"


def test_it_can_be_mounted_again_as_a_wsgi_application() -> None:
    inner, outer = Fenrir(), Fenrir()
    inner.get("/x")(lambda: "inner")
    with served(inner) as application:
        outer.mount_wsgi("/legacy", application)
        assert ask(outer, "/legacy/x").body == b"inner"


def test_what_is_not_callable_is_refused_where_it_stands() -> None:
    with pytest.raises(BuildError, match=r"test_as_wsgi\.py:\d+: as_wsgi: 42 is not callable"):
        as_wsgi(42)  # type: ignore[arg-type]


# ---------------------------------------------------------------- status, headers


def test_repeated_headers_are_kept_and_those_of_the_connection_are_not() -> None:
    headers = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("connection", "close"), ("content-type", "text/x")]
    answer = ask(responding(lambda: Response(b"x", 299, headers)))
    assert answer.status == "299 Unknown"
    assert [value for name, value in answer.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert (answer.header("Connection"), answer.header("Content-Length")) == (None, "1")


def test_head_has_the_headers_and_no_body() -> None:
    answer = ask(responding(lambda: Response(b"hello", media_type="text/plain")), "/", "HEAD")
    assert (answer.status, answer.header("Content-Length"), answer.body) == ("200 OK", "5", b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_has_neither_body_nor_headers_of_one(status: int) -> None:
    answer = ask(responding(lambda: Response(b"", status, {"content-type": "text/x", "x-one": "1"})))
    assert (answer.body, answer.header("Content-Type"), answer.header("Content-Length")) == (b"", None, None)
    assert answer.header("X-One") == "1"


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 204), ("GET", 205), ("GET", 304)])
def test_a_body_that_must_not_be_sent_is_dropped(method: str, status: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/x")]})
            await send({"type": "http.response.body", "body": b"not to be seen", "more_body": True})
            await send({"type": "http.response.body"})

    assert ask(app, "/", method).body == b""


# ---------------------------------------------------------------- threads


def test_many_requests_at_once_never_cross() -> None:
    app = kernel()

    @app.post("/{name}")
    async def echo(request: Request, name: str) -> str:
        return f"{name} {(await request.body()).decode()}"

    with served(app) as application, ThreadPoolExecutor(32) as pool:
        names = [f"name-{index}" for index in range(300)]
        answers = pool.map(lambda name: call(application, f"/{name}", "POST", name.encode(), check=False), names)
        assert [answer.body.decode() for answer in answers] == [f"{name} {name}" for name in names]


def test_context_variables_of_the_servers_thread_are_seen() -> None:
    variable: ContextVar[str] = ContextVar("variable")
    app = Fenrir()

    @app.get("/")
    async def show() -> str:
        return variable.get("unset")

    with served(app) as application:
        token = variable.set("set by middleware")
        try:
            assert call(application).body == b"set by middleware"
        finally:
            variable.reset(token)
