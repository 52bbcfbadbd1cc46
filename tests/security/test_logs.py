"""No line of a log begins with what a client has sent."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any, Callable, Dict, List

import pytest
from tests.asgi import fetch

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_cli.access_log import AccessLog, AccessWriter
from fenrir_cli.logs import FORMAT, LineFormatter
from fenrir_cli.pages.crash import CrashPages
from fenrir_core.authoring import printable
from fenrir_falcon.asgi import App as Falcon
from fenrir_fastapi import FastAPI
from fenrir_fastapi.responses import PlainTextResponse
from fenrir_flask import Flask, session, stream_with_context
from fenrir_sanic import Sanic, SanicException
from fenrir_wsgi import as_wsgi

FORGED = "\n2026-01-01 ERROR \r\x1b[2J\x85\u2028\x9b forged"
SENT = "/x%0a2026-01-01%20ERROR%20%0d%1b[2J%c2%85%e2%80%a8%c2%9b%20forged"


FORMATTERS = {
    "of fenrir run": LineFormatter(FORMAT),
    "of an application": logging.Formatter("%(levelname)s %(message)s"),
}


@pytest.fixture(params=FORMATTERS)
def log(request: pytest.FixtureRequest) -> Any:
    """Return what all loggers write, with each formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATTERS[request.param])
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def check(log: io.StringIO, part: str) -> None:
    text = log.getvalue()
    assert part in text and "forged" in text
    assert not {"\r", "\x1b", "\x85", "\u2028", "\x9b"}.intersection(text)
    assert not [line for line in text.split("\n") if line.startswith("2026-01-01 ERROR")]


def fail(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError(f"the message has it too: {FORGED}")


async def fail_async(*args: Any, **kwargs: Any) -> Any:
    fail()


def hybrid() -> Any:
    app = Fenrir()
    app.get("/{path:path}")(fail_async)
    return app


def fastapi() -> Any:
    app = FastAPI()

    @app.get("/{path}")  # in Starlette `path` takes no end of line
    async def handler(path: str) -> Any:
        fail()

    return app


def flask() -> Any:
    app = Flask("logs")
    app.route("/<path:path>")(lambda path: fail())
    return app


def falcon() -> Any:
    app = Falcon()
    app.add_sink(fail_async, "/")
    return app


def sanic() -> Any:
    app = Sanic("logs")
    app.get("/<path:path>")(fail_async)
    return app


def sanic_page() -> Any:
    app = Sanic("pages")

    @app.get("/<path:path>")
    async def handler(request: Any, path: str) -> Any:
        raise SanicException("loud", 500)

    return app


def bottle() -> Any:
    app = Bottle()
    app.route("/<path:path>")(lambda path: fail())
    return app


def mounted() -> Any:
    app = Fenrir()
    app.mount_wsgi(fail, prefix="/")
    return app


APPS: Dict[str, Callable[[], Any]] = {
    function.__name__: function for function in (hybrid, fastapi, flask, falcon, sanic, sanic_page, bottle, mounted)
}


@pytest.mark.parametrize("name", APPS)
def test_the_record_of_a_failed_request_is_one_line(name: str, log: io.StringIO) -> None:
    assert fetch(APPS[name](), "GET", SENT).status == 500
    check(log, "ERROR")


def test_the_record_of_a_late_change_of_a_session_is_one_line(log: io.StringIO) -> None:
    app = Flask("logs")
    app.secret_key = "secret"

    @app.route("/<path:path>")
    def handler(path: str) -> Any:
        async def parts() -> Any:  # a synchronous one may be ahead of the headers
            yield "a"
            session["late"] = 1

        session["early"] = 1
        return app.response_class(stream_with_context(parts()))

    fetch(app, "GET", SENT)
    check(log, "the session was changed after")


@pytest.mark.parametrize("answers", [False, True], ids=["before the response", "after it"])
def test_the_record_of_a_failed_request_in_a_wsgi_server_is_one_line(answers: bool, log: io.StringIO) -> None:
    path = f"/x{FORGED}".encode().decode("latin-1")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "h",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0), "wsgi.multithread": True,
    }  # fmt: skip

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise RuntimeError("no lifespan")
        if answers:
            await PlainTextResponse("sent")(scope, receive, send)
        fail()

    served = as_wsgi(app)
    assert list(served(environ, lambda *args: lambda data: None))
    served.close()
    check(log, "failed after its response" if answers else "failed")


def test_the_record_of_a_wsgi_response_that_can_not_be_closed_is_one_line(log: io.StringIO) -> None:
    class Body:
        close = fail

        def __iter__(self) -> Any:
            return iter([b"sent"])

    def wsgi(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return Body()

    app = Fenrir()
    app.mount_wsgi(wsgi, prefix="/")
    assert fetch(app, "GET", "/x", scope={"raw_path": f"/x{FORGED}".encode()}).text == "sent"
    check(log, "close() failed for /x")


def test_the_record_of_an_error_that_a_page_shows_is_one_line(log: io.StringIO) -> None:
    answer = fetch(CrashPages(fail_async, lambda: "state"), "GET", SENT, headers={"accept": "text/html"})
    assert answer.status == 500
    check(log, "GET /x")


def test_the_access_log_has_one_line_for_a_request(log: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        pass

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/x{FORGED}",
        "query_string": FORGED.encode("utf-8"),
        "client": (f"10.0.0.1{FORGED}", 1),
    }

    async def served(writer: AccessWriter) -> None:
        await AccessLog(app, writer)(scope, send, send)

    with caplog.at_level(logging.INFO, "fenrir.access"), AccessWriter() as writer:
        asyncio.run(served(writer))
    assert log.getvalue().count("\n") == 1
    assert log.getvalue().count("forged") == 3  # the address, the path, the query
    check(log, "GET")


def test_letters_stay_as_they_are() -> None:
    signs: List[Any] = ["/é/日本", "a b", "back\\slash", "\ud800", "\x7f", 3]
    assert [printable(sign) for sign in signs] == ["/é/日本", "a b", "back\\slash", "\\ud800", "\\x7f", "3"]
