"""A head that is malformed or too large is refused by every class of app, before anything of the body is received."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, List

import pytest
from tests.asgi import Exchange, fetch, kernel_app, run
from tests.security.host_apps import CLASSES, SECRETS, URL_APPS, made

from fenrir_core import Fenrir

MIB = 1024 * 1024
CHUNKED = [("transfer-encoding", "chunked"), ("content-length", "5")]


@lru_cache(maxsize=None)
def app_of(kind: str) -> Any:
    return URL_APPS[kind]()


def received_and_status(app: Any, method: str, path: str, headers: Any) -> Any:
    """Return how often the app has received, and the status, for a client that sends no body."""

    async def go() -> Any:
        exchange = Exchange(app, method, path, headers=headers)
        count = 0

        async def receive() -> Any:
            nonlocal count
            count += 1
            return await exchange.incoming.get()

        sent: List[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await app(exchange.scope, receive, send)
        return count, sent[0]["status"], dict(sent[0]["headers"]).get(b"connection")

    return run(go())


def bodies_of(kind: str) -> Any:
    """Return an app with a POST route at /in that reads the body in the way of a paradigm."""
    app = Fenrir() if kind == "hybrid" else CLASSES[kind]()
    if kind == "falcon":

        class Resource:
            async def on_post(self, req: Any, resp: Any) -> None:
                resp.media = len(await req.stream.read())

        app.add_route("/in", Resource())
    elif kind == "flask":
        import fenrir_flask

        app.post("/in")(lambda: str(len(fenrir_flask.request.data)))
    elif kind == "bottle":
        import fenrir_bottle

        app.post("/in")(lambda: str(len(fenrir_bottle.request.body.read())))
    elif kind == "sanic":
        import fenrir_sanic

        @app.post("/in")
        async def taken(request: Any) -> Any:
            return fenrir_sanic.text(str(len(request.body)))

    elif kind == "fastapi":
        import fenrir_fastapi

        @app.post("/in")
        async def given(request: fenrir_fastapi.Request) -> Any:
            return len(await request.body())

    else:
        from fenrir_core import Request

        @app.post("/in")
        async def read(request: Request) -> Any:
            return len(await request.body())

        @app.post("/streamed")
        async def streamed(request: Request) -> Any:
            return sum([len(piece) async for piece in request.stream()])

    return app


@pytest.mark.parametrize("kind", [*CLASSES, "hybrid"])
def test_a_length_over_the_limit_is_a_413_before_anything_is_received(kind: str) -> None:
    headers = {"host": "h", "content-length": str(2**31)}
    assert received_and_status(bodies_of(kind), "POST", "/in", headers)[:2] == (0, 413)


@pytest.mark.parametrize("length", ["16777217", "9" * 30])
@pytest.mark.parametrize("path", ["/in", "/streamed"])
def test_it_is_so_for_each_way_to_read_the_body_and_closes_the_connection(path: str, length: str) -> None:
    found = received_and_status(bodies_of("kernel"), "POST", path, {"host": "h", "content-length": length})
    assert found == (0, 413, b"close")


async def swallowing(scope: Any, receive: Any, send: Any) -> None:
    more = scope["type"] == "http"
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


def test_a_mounted_application_is_held_to_the_limit() -> None:
    app = kernel_app(max_body=16)
    app.mount("/m", swallowing)
    assert received_and_status(app, "POST", "/m/x", {"content-length": "17"})[:2] == (0, 413)
    assert fetch(app, "POST", "/m/x", body=[b"x" * 8] * 3).status == 413
    assert fetch(app, "POST", "/m/x", body=[b"x" * 8] * 2).status == 200


def test_a_mounted_app_has_a_limit_of_its_own() -> None:
    inner, outer = bodies_of("kernel"), kernel_app(max_body=16)
    outer.mount("/m", inner)
    assert fetch(outer, "POST", "/m/in", body=b"x" * 100, headers={"content-length": "100"}).text == "100"


# ------------------------------------------------------------ framing, methods, sizes


@pytest.mark.parametrize("kind", URL_APPS)
def test_both_framings_at_once_are_refused(kind: str) -> None:
    assert fetch(app_of(kind), path="/secret", headers=[("host", "h"), *CHUNKED]).status == 400


@pytest.mark.parametrize("kind", URL_APPS)
@pytest.mark.parametrize("headers", [[("x", "1")] * 201, [("x", "1" * 70_000)]], ids=["many", "large"])
def test_too_many_or_too_large_headers_are_a_431(kind: str, headers: Any) -> None:
    assert fetch(app_of(kind), path="/secret", headers=[("host", "h"), *headers]).status == 431


@pytest.mark.parametrize("method", ["G@T", "GE T", "", "GET\r\nX: 1", "G\u00e9T", "(", "GET/"])
@pytest.mark.parametrize("kind", CLASSES)
def test_a_method_that_is_no_token_is_refused(kind: str, method: str) -> None:
    assert fetch(app_of(kind), method, "/secret", headers={"host": "h"}).status == 400


@pytest.mark.parametrize("kind", CLASSES)
def test_an_extension_method_is_no_bad_request(kind: str) -> None:
    assert fetch(app_of(kind), "PROPFIND", "/secret", headers={"host": "h"}).status in (404, 405)


def test_a_mounted_application_gets_extension_methods() -> None:
    app = kernel_app()
    app.mount("", swallowing)
    assert [fetch(app, method).status for method in ("PROPFIND", "M-SEARCH", "x!y", "a b")] == [200, 200, 200, 400]


# ------------------------------------------------------------ hosts


@pytest.mark.parametrize("path", ["/none", "/secret/", "/m/x"])
def test_a_malformed_host_is_refused_where_no_route_answers(path: str) -> None:
    app = made(CLASSES["kernel"], SECRETS["kernel"])()
    app.mount("/m", swallowing)
    assert fetch(app, path=path, headers={"host": "a/b"}).status == 400


def test_asgi_middleware_does_not_see_a_malformed_host() -> None:
    seen: List[str] = []
    app = kernel_app()

    def factory(inner: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            seen.append(scope["type"])
            await inner(scope, receive, send)

        return middleware

    app.add_middleware(factory)
    app.get("/")(lambda: "")
    assert [fetch(app, headers={"host": host}).status for host in ("a/b", "a")] == [400, 200]
    assert seen == ["http"]


@pytest.mark.parametrize(
    ("setting", "version", "status"),
    [(None, "1.1", 200), (True, "1.1", 400), (True, "1.0", 200), (True, "2", 200), (False, "1.1", 200)],
)
def test_a_missing_host_is_refused_where_it_is_required(setting: Any, version: str, status: int) -> None:
    app = kernel_app(require_host=setting)
    app.get("/")(lambda: "")
    assert fetch(app, scope={"http_version": version}).status == status


def test_very_many_hosts_are_not_all_remembered() -> None:
    app = made(CLASSES["kernel"], SECRETS["kernel"])()
    answers: Dict[int, int] = {}
    for number in range(600):
        status = fetch(app, path="/secret", headers={"host": f"h{number}.example"}).status
        answers[status] = answers.get(status, 0) + 1
    from fenrir_core.http.head import Hosts

    assert answers == {200: 600}
    assert len(app.store(Hosts).known) < 300
