"""An app behind a real WSGI server: that of the standard library, with a thread a connection."""

from __future__ import annotations

import asyncio
import http.client
import socketserver
import threading
from contextlib import closing, contextmanager
from typing import Any, AsyncIterator, Iterator
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.validate import validator

import pytest

from fenrir import Fenrir
from fenrir_core import Request, Response, StreamingResponse
from fenrir_wsgi import as_wsgi

PATIENCE = 10
MEGABYTE = 1024 * 1024


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """wsgiref's server with threads, which end with the test."""

    daemon_threads = True

    def server_bind(self) -> None:
        # `HTTPServer` looks its own host name up, which may take seconds
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


class Handler(WSGIRequestHandler):
    """wsgiref's handler without its log."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(app: Fenrir, check: bool = True) -> Iterator[int]:
    """Serve an app, under the validator unless told otherwise, and give the port."""
    application = as_wsgi(app)
    server = make_server("127.0.0.1", 0, validator(application) if check else application, Server, Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        application.close()


@pytest.fixture
def app() -> Fenrir:
    app = Fenrir(max_body=None)

    @app.get("/hello/{name}")
    def hello(name: str) -> str:
        return f"Hello {name}"

    @app.post("/size", stream=True)
    async def size(request: Request) -> str:
        found = 0
        async for chunk in request.stream():
            found += len(chunk)
        return str(found)

    @app.get("/big")
    async def big() -> Response:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(256):
                yield b"x" * 65536

        return StreamingResponse(parts(), media_type="text/x")

    return app


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
    with closing(connect(port)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def test_it_answers_over_a_socket(app: Fenrir) -> None:
    with serving(app) as port:
        status, headers, body = ask(port, "GET", "/hello/gr%C3%BC%C3%9Fe")
        assert (status, body.decode()) == (200, "Hello grüße")
        assert headers["content-length"] == str(len(body))
        assert ask(port, "HEAD", "/hello/x")[2] == b""


def test_large_bodies_go_up_and_down(app: Fenrir) -> None:
    with serving(app) as port:
        assert ask(port, "POST", "/size", b"x" * (8 * MEGABYTE))[2] == b"%d" % (8 * MEGABYTE)
        assert len(ask(port, "GET", "/big")[2]) == 16 * MEGABYTE


def test_a_body_is_read_while_the_client_still_sends(app: Fenrir) -> None:
    seen = threading.Event()

    @app.post("/first", stream=True)
    async def first(request: Request) -> str:
        sizes = []
        async for chunk in request.stream():
            sizes.append(len(chunk))
            seen.set()
        return str(sum(sizes))

    def body() -> Iterator[bytes]:
        yield b"one"
        assert seen.wait(PATIENCE)  # sent on only when the app has the first part
        yield b"two"

    # the validator hides `read1`, the one way to read what there is; `read` waits for all that it is asked for
    with serving(app, check=False) as port, closing(connect(port)) as connection:
        connection.putrequest("POST", "/first")
        connection.putheader("content-length", "6")
        connection.endheaders()
        for part in body():
            connection.send(part)
        assert connection.getresponse().read() == b"6"


def test_a_client_that_leaves_ends_the_stream(app: Fenrir) -> None:
    closed = threading.Event()

    @app.get("/endless")
    async def endless() -> Response:
        async def parts() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65536
                    await asyncio.sleep(0)
            finally:
                closed.set()

        return StreamingResponse(parts(), media_type="text/x")

    with serving(app) as port:
        connection = connect(port)
        connection.request("GET", "/endless")
        assert connection.getresponse().read(65536)
        connection.close()
        assert closed.wait(PATIENCE)
