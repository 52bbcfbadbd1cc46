"""A Bottle app as a WSGI callable, and what changes after the start."""

from __future__ import annotations

import asyncio
import io
import warnings
from typing import Any, Dict, Iterator, List, Tuple
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from fenrir_bottle import Bottle, HTTPError, abort, redirect, request, response, static_file
from fenrir_core.testing import Client
from fenrir_wsgi import as_wsgi

Answer = Tuple[int, Dict[str, str], bytes]


def call(app: Any, path: str = "/", method: str = "GET", body: bytes = b"", **variables: str) -> Answer:
    """Call an app as a server of WSGI does, with the validator of the standard library between."""
    errors = io.StringIO()
    environ: Dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
    environ.update({"CONTENT_LENGTH": str(len(body)), "wsgi.errors": errors, "HTTP_HOST": "host"})
    environ.update({"QUERY_STRING": "", "SCRIPT_NAME": "", **variables})
    setup_testing_defaults(environ)
    head: List[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        head[:] = [status, headers]
        return lambda data: None

    result = validator(app)(environ, start_response)
    data = b"".join(result)
    result.close()
    return int(head[0][:3]), {name.lower(): value for name, value in head[1]}, data


def ask(app: Any, path: str = "/", method: str = "GET", **options: Any) -> Tuple[int, str]:
    async def go() -> Tuple[int, str]:
        async with Client(app, raise_errors=False) as client:
            answer = await client.request(method, path, **options)
            return answer.status, answer.text

    return asyncio.run(go())


def shop() -> Bottle:
    app = Bottle()

    @app.get("/items/<number:int>")
    def item(number: int) -> Dict[str, Any]:
        response.set_cookie("seen", str(number))
        return {"number": number, "q": request.query.q}

    @app.post("/items")
    def add() -> str:
        return f"{request.forms.name} {request.get_cookie('seen')}"

    app.get("/gone", callback=lambda: abort(410, "<gone>"))
    app.get("/away", callback=lambda: redirect("/items/1"))
    app.get("/fails", callback=lambda: 1 / 0)
    return app


def test_a_request_of_wsgi_is_answered() -> None:
    status, headers, body = call(shop(), "/items/7", QUERY_STRING="q=%C3%BC")
    assert (status, headers["content-type"], body) == (200, "application/json", b'{"number": 7, "q": "\\u00fc"}')
    assert headers["set-cookie"] == "seen=7"


def test_forms_and_cookies_are_read() -> None:
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "HTTP_COOKIE": "seen=3"}
    assert call(shop(), "/items", "POST", b"name=Ann+B", **form)[2] == b"Ann B 3"


def test_uploads_are_read() -> None:
    app = Bottle()

    @app.post("/")
    def read() -> str:
        upload = request.files.get("up")
        return f"{upload.filename} {upload.file.read().decode()} {request.forms.word} {len(request.files)}"

    body = (
        b'--X\r\nContent-Disposition: form-data; name="up"; filename="../a b.txt"\r\n\r\ncontent\r\n'
        b'--X\r\nContent-Disposition: form-data; name="word"\r\n\r\n\xc3\xbc\r\n--X--\r\n'
    )
    answer = call(app, "/", "POST", body, CONTENT_TYPE="multipart/form-data; boundary=X")
    assert answer[2].decode() == "a-b.txt content ü 1"


def test_an_upload_that_is_too_large_for_memory_is_read() -> None:
    app = Bottle()
    app.post("/", callback=lambda: str(len(request.files.get("up").file.read())))
    body = (
        b'--X\r\nContent-Disposition: form-data; name="up"; filename="a"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--X--\r\n"
    )
    assert call(app, "/", "POST", body, CONTENT_TYPE="multipart/form-data; boundary=X")[2] == b"3000000"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/gone", "GET", 410),
        ("/away", "GET", 302),
        ("/fails", "GET", 500),
        ("/none", "GET", 404),
        ("/gone", "POST", 405),
        ("/gone/", "GET", 404),
        ("/gone", "OPTIONS", 405),
        ("/items/x", "GET", 404),
    ],
)
def test_wsgi_and_asgi_answer_alike(path: str, method: str, status: int) -> None:
    expected = 303 if status == 302 else status  # the client of the tests speaks HTTP/1.1, the environ above HTTP/1.0
    assert (call(shop(), path, method)[0], ask(shop(), path, method)[0]) == (status, expected)


def test_405_names_the_methods_of_the_path() -> None:
    assert call(shop(), "/gone", "PUT")[1]["allow"] == "GET"


def test_head_has_the_head_of_get_and_no_body() -> None:
    status, headers, body = call(shop(), "/items/7", "HEAD")
    assert (status, headers["content-length"], body) == (200, "22", b"")


def test_errors_go_to_the_stream_of_the_server() -> None:
    app, errors = shop(), io.StringIO()
    environ: Dict[str, Any] = {"PATH_INFO": "/fails", "wsgi.errors": errors}
    setup_testing_defaults(environ)
    app(environ, lambda status, headers, exc_info=None: None)
    assert "ZeroDivisionError" in errors.getvalue()


def test_catchall_false_raises() -> None:
    app = shop()
    app.catchall = False
    with pytest.raises(ZeroDivisionError):
        call(app, "/fails")
    app.catchall = True
    assert call(app, "/fails")[0] == 500


def test_an_error_handler_answers_and_its_headers_are_sent() -> None:
    app = shop()

    @app.error(404)
    def missing(error: HTTPError) -> str:
        response.set_header("X-Handled", "1")
        return f"none: {error.status_code}"

    status, headers, body = call(app, "/none")
    assert (status, headers["x-handled"], body) == (404, "1", b"none: 404")


def test_a_stream_is_sent_in_parts_and_closed() -> None:
    app, closed = Bottle(), []

    @app.get("/")
    def parts() -> Iterator[str]:
        try:
            yield "a"
            yield "ü"
        finally:
            closed.append(1)

    assert (call(app)[2].decode(), closed) == ("aü", [1])


def test_a_file_is_sent(tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("text")
    app = Bottle()
    app.get("/", callback=lambda: static_file("a.txt", tmp_path))
    status, headers, body = call(app)
    assert (status, headers["content-length"], body) == (200, "4", b"text")
    assert call(app, HTTP_RANGE="bytes=1-2")[2] == b"ex"
    assert call(app, HTTP_IF_NONE_MATCH=headers["etag"])[0] == 304


def test_hooks_run_around_every_request() -> None:
    app, order = shop(), []
    app.add_hook("before_request", lambda: order.append("before"))
    app.add_hook("after_request", lambda: order.append("after 1"))
    app.add_hook("after_request", lambda: order.append("after 2"))
    call(app, "/none")
    assert order == ["before", "after 2", "after 1"]


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_a_before_hook_may_send_the_request_to_another_route(way: str) -> None:
    app = shop()

    @app.hook("before_request")
    def strip() -> None:
        request.environ["PATH_INFO"] = request.environ["PATH_INFO"].rstrip("/")

    found = call(app, "/items/7/")[0] if way == "wsgi" else ask(app, "/items/7/")[0]
    assert found == 200


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_routes_may_be_added_and_replaced_after_the_start(way: str) -> None:
    app = shop()

    async def answers() -> List[str]:
        async with Client(app) as client:
            before = (await client.get("/new")).status
            app.get("/new", callback=lambda: "first")
            first = (await client.get("/new")).text
            app.get("/new", callback=lambda: "second")
            return [str(before), first, (await client.get("/new")).text]

    if way == "asgi":
        assert asyncio.run(answers()) == ["404", "first", "second"]
        return
    assert call(app, "/new")[0] == 404
    for text in ("first", "second"):
        app.get("/new", callback=lambda text=text: text)
        assert call(app, "/new")[2].decode() == text


def test_an_asynchronous_handler_runs_on_an_event_loop() -> None:
    app = Bottle()

    @app.get("/<name>")
    async def hello(name: str) -> Dict[str, str]:
        await asyncio.sleep(0)
        return {"hello": name}

    assert call(app, "/ann")[2] == b'{"hello": "ann"}'


def test_as_wsgi_serves_the_asgi_side() -> None:
    served = as_wsgi(shop())
    try:
        assert call(served, "/items/7")[0] == 200
    finally:
        served.close()


def test_middleware_is_not_left_out() -> None:
    app = shop()

    def refusing(inner: Any) -> Any:
        async def refuse(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"no"})

        return refuse

    app.add_middleware(refusing)
    assert call(app, "/items/7")[0] == 403


# -------------------------------------------------------------------- mounts


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_the_routes_of_a_mounted_bottle_app_become_the_apps(way: str) -> None:
    outer, inner = Bottle(), shop()
    outer.mount("/shop/", inner)
    found = call(outer, "/shop/items/7")[0] if way == "wsgi" else ask(outer, "/shop/items/7")[0]
    assert (found, inner.config["_mount.prefix"], len(outer.routes)) == (200, "/shop/", len(inner.routes))


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_a_mounted_wsgi_app_sees_the_rest_of_the_path(way: str) -> None:
    def legacy(environ: Any, start_response: Any) -> List[bytes]:
        start_response("201 Created", [("Content-Type", "text/plain"), ("X-Prefix", environ["SCRIPT_NAME"])])
        return [environ["PATH_INFO"].encode()]

    app = Bottle()
    app.mount("/old/", legacy)
    if way == "wsgi":
        status, headers, body = call(app, "/old/x/y")
        assert (status, headers["x-prefix"], body) == (201, "/old", b"/x/y")
    else:
        assert ask(app, "/old/x/y") == (201, "/x/y")


def test_a_bottle_app_is_mounted_as_it_is_without_a_slash() -> None:
    outer = Bottle()
    with pytest.warns(DeprecationWarning, match="without a slash"):
        outer.mount("/shop", shop())
    assert (call(outer, "/shop/gone")[0], ask(outer, "/shop/gone")[0]) == (410, 410)


def test_a_merged_app_keeps_its_own_plugins() -> None:
    part, app = Bottle(), Bottle()
    part.install(lambda callback: lambda: f"[{callback()}]")
    part.get("/part", callback=lambda: "part")
    app.merge(part)
    assert call(app, "/part")[2] == b"[part]"


# -------------------------------------------------------------------- what servers make of it


def test_servers_of_asgi_take_it_for_asgi_3() -> None:
    uvicorn = pytest.importorskip("uvicorn")
    config = uvicorn.Config(shop(), interface="auto", lifespan="off")
    config.load()
    assert config.interface in ("asgi3", "asgi2")
    app = config.loaded_app

    async def go() -> int:
        sent: List[Any] = []
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": "/gone"}
        scope.update(headers=[], query_string=b"", scheme="http", client=("127.0.0.1", 1), server=("127.0.0.1", 80))

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return int(sent[0]["status"])

    assert asyncio.run(go()) == 410


def test_a_scope_alone_gives_the_callable_of_asgi_2() -> None:
    async def go() -> List[Any]:
        sent: List[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/gone", "headers": [], "query_string": b""}
        await shop()(scope)(receive, send)
        return sent

    assert asyncio.run(go())[0]["status"] == 410


def test_an_attribute_of_the_app_can_be_set_once() -> None:
    app = Bottle()
    app.database = 1
    with pytest.raises(AttributeError, match="already"):
        app.database = 2
    del app.database
    app.database = 3
    assert app.database == 3


def test_a_rule_that_is_registered_twice_is_replaced_without_a_warning() -> None:
    app = Bottle()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app.get("/<a>", callback=lambda a: "first")
        app.get("/<b>", callback=lambda b: "second")
    assert call(app, "/x")[2] == b"second"


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_a_cookie_beyond_ascii_is_read_as_utf_8(way: str) -> None:
    app = Bottle()
    app.get("/", callback=lambda: f"{request.get_cookie('name')} {request.cookies.name}")
    wire = "name=Jürgen €".encode().decode("latin-1")
    if way == "wsgi":
        assert call(app, HTTP_COOKIE=wire)[2].decode() == "Jürgen € Jürgen €"
    else:
        assert ask(app, headers={"cookie": wire})[1] == "Jürgen € Jürgen €"


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/a\xff", "GET", 200), ("/\xff", "GET", 404), ("/a\xff", "POST", 405)]
)
def test_bytes_of_a_path_that_are_not_utf_8_are_left_out(path: str, method: str, status: int) -> None:
    app = Bottle()
    app.get("/a", callback=lambda: request.path)
    answer = call(app, path, method)
    assert answer[0] == status
