"""What is served where a WSGI server calls `fenrir_falcon.App`, and what servers make of ``app:app``."""

from __future__ import annotations

import email
import io
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

import fenrir_falcon as falcon
import fenrir_falcon.asgi
from fenrir_falcon import testing


def ask(app: Any, method: str = "GET", path: str = "/", **kwargs: Any) -> Tuple[str, Dict[str, str], bytes]:
    start = testing.StartResponseMock()
    body = b"".join(testing.closed_wsgi_iterable(app(testing.create_environ(path, method=method, **kwargs), start)))
    return start.status or "", {name.lower(): value for name, value in start.headers or ()}, body


class Where:
    def on_get(self, req: Any, resp: Any) -> None:
        resp.media = {"wsgi": hasattr(req, "env"), "thread": threading.get_ident()}

    def on_head(self, req: Any, resp: Any) -> None:
        resp.text = "1234"

    def on_post(self, req: Any, resp: Any) -> None:
        resp.media = {"media": req.media, "again": req.get_media()}

    def on_put(self, req: Any, resp: Any) -> None:
        resp.data = b"-".join(iter(lambda: req.bounded_stream.read(3), b""))


def make(**kwargs: Any) -> falcon.App:
    app = falcon.App(**kwargs)
    app.add_route("/", Where())
    return app


def test_a_synchronous_app_is_served_in_the_thread_of_the_server() -> None:
    status, headers, body = ask(make())
    assert (status, headers["content-type"]) == ("200 OK", "application/json")
    assert body.decode() == f'{{"wsgi":true,"thread":{threading.get_ident()}}}'


def test_the_body_is_read_as_media_and_as_a_stream() -> None:
    json = {"Content-Type": "application/json"}
    assert ask(make(), "POST", body=b'{"a": 1}', headers=json)[2] == b'{"media":{"a":1},"again":{"a":1}}'
    assert ask(make(), "PUT", body=b"12345678")[2] == b"123-456-78"


def test_a_body_over_the_limit_is_refused() -> None:
    assert ask(make(max_body=4), "PUT", body=b"12345678")[0].startswith("413")


def test_head_has_the_length_and_no_body() -> None:
    status, headers, body = ask(make(), "HEAD")
    assert (status, headers["content-length"], body) == ("200 OK", "4", b"")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/x", "404"), ("DELETE", "/", "405"), ("PATCH", "/", "405")]
)
def test_what_no_resource_serves_is_an_error(method: str, path: str, status: str) -> None:
    found = ask(make(), method, path)
    assert found[0].startswith(status) and found[1]["vary"] == "Accept"


def test_a_stream_is_read_by_the_server_and_closed() -> None:
    files: List[io.BytesIO] = []

    class Stream:
        def on_get(self, req: Any, resp: Any) -> None:
            files.append(io.BytesIO(b"x" * 20_000))
            resp.set_stream(files[0], 20_000)

    app = falcon.App()
    app.add_route("/", Stream())
    status, headers, body = ask(app)
    assert (status, headers["content-length"], len(body), files[0].closed) == ("200 OK", "20000", 20_000, True)


def test_a_stream_that_head_does_not_send_is_closed() -> None:
    files: List[io.BytesIO] = []

    class Stream:
        def on_head(self, req: Any, resp: Any) -> None:
            files.append(io.BytesIO(b"x" * 20))
            resp.set_stream(files[0], 20)

    app = falcon.App()
    app.add_route("/", Stream())
    status, headers, body = ask(app, "HEAD")
    assert (status, headers["content-length"], body, files[0].closed) == ("200 OK", "20", b"", True)


def test_an_encoded_slash_is_a_slash_as_servers_of_wsgi_decode_it() -> None:
    class Pair:
        def on_get(self, req: Any, resp: Any, one: str, other: str) -> None:
            resp.text = f"{one} {other}"

    app = falcon.App()
    app.add_route("/{one}/{other}", Pair())
    for sent in ("/a%2Fb", "/a%2F%C3%A9"):
        environ = testing.create_environ(sent)
        environ["RAW_URI"] = sent
        body = b"".join(app(environ, testing.StartResponseMock()))
        assert body.decode() == f"a {environ['PATH_INFO'].encode('latin-1').decode()[3:]}"


def test_files_sinks_and_handlers_are_served(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a file")

    def sink(req: Any, resp: Any, name: str) -> None:
        raise LookupError(name)

    def handle(req: Any, resp: Any, error: Any, params: Any) -> None:
        resp.status, resp.text = 418, f"no {error}"

    app = make()
    app.add_static_route("/files", tmp_path)
    app.add_sink(sink, r"/sink/(?P<name>\w+)")
    app.add_error_handler(LookupError, handle)
    assert ask(app, path="/files/a.txt")[2] == b"a file"
    assert (ask(app, path="/sink/b")[0][:3], ask(app, path="/sink/b")[2]) == ("418", b"no b")


def test_several_ranges_of_a_file_are_parts_of_a_response(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"0123456789")
    app = make()
    app.add_static_route("/files", tmp_path)
    status, headers, body = ask(app, path="/files/a.txt", headers={"Range": "bytes=0-1,-2"})
    kind = headers["content-type"]
    assert (status, headers["content-length"]) == ("206 Partial Content", str(len(body)))
    assert kind.startswith("multipart/byteranges; boundary=")
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    # the parts, not a search in the body: its boundary is random and has any two digits now and then
    assert [(part["content-range"], part.get_payload()) for part in message.get_payload()] == [
        ("bytes 0-1/10", "01"),
        ("bytes 8-9/10", "89"),
    ]


def test_components_are_called_by_their_synchronous_methods() -> None:
    class Both:
        def process_request(self, req: Any, resp: Any) -> None:
            req.context.by = "sync"

        async def process_request_async(self, req: Any, resp: Any) -> None:
            req.context.by = "async"

        def process_response(self, req: Any, resp: Any, resource: Any, ok: bool) -> None:
            resp.set_header("X-By", f"{req.context.by} {ok}")

        async def process_response_async(self, req: Any, resp: Any, resource: Any, ok: bool) -> None:
            resp.set_header("X-By", f"{req.context.by} {ok}")

    assert ask(make(middleware=[Both()]))[1]["x-by"] == "sync True"
    assert testing.simulate_get(_asgi_only(make(middleware=[Both()])), "/").headers["x-by"] == "async True"


def _asgi_only(app: Any) -> Any:
    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return serve


def test_what_is_added_late_is_served() -> None:
    app = make()
    ask(app)
    app.add_route("/late", Where())
    assert ask(app, path="/late")[0] == "200 OK"


def test_an_app_with_asynchronous_code_runs_on_a_loop_of_its_own() -> None:
    class Async:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = threading.current_thread().name

    app = make()
    ask(app)
    app.add_route("/async", Async())
    assert ask(app, path="/async")[2] == b"fenrir-wsgi"
    app._wsgi.close()  # type: ignore[union-attr]  # its thread


def test_one_app_is_called_by_servers_of_both_kinds() -> None:
    app = make()
    assert ask(app)[0] == "200 OK"
    assert testing.simulate_get(_asgi_only(app), "/").json["wsgi"] is False
    assert ask(app)[2].startswith(b'{"wsgi":true')
    app._wsgi.close()  # type: ignore[union-attr]  # its thread


# ---------------------------------------------------------------- servers

APP = """
import fenrir_falcon as falcon
import fenrir_falcon.asgi

class Kind:
    def on_get(self, req, resp):
        resp.media = "wsgi" if hasattr(req, "env") else "asgi"

class AsyncKind:
    async def on_get(self, req, resp):
        resp.media = "asgi"

app = falcon.App()
app.add_route("/", Kind())
asgi_app = falcon.asgi.App()
asgi_app.add_route("/", AsyncKind())
"""
SERVERS = {
    "gunicorn": (["gunicorn", "-b", "127.0.0.1:{port}"], "wsgi"),
    "uvicorn": (["uvicorn", "--port", "{port}", "--log-level", "warning"], "asgi"),
    "hypercorn": (["hypercorn", "-b", "127.0.0.1:{port}"], "asgi"),
    "granian": (["granian", "--interface", "asgi", "--port", "{port}"], "asgi"),
    "granian wsgi": (["granian", "--interface", "wsgi", "--port", "{port}"], "wsgi"),
}


@pytest.fixture
def served(request: Any, tmp_path: Path, free_port: int) -> Iterator[str]:
    command, name = request.param
    if find_spec(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    (tmp_path / "made.py").write_text(APP)
    arguments = [part.format(port=free_port) for part in command[1:]]
    with subprocess.Popen(
        [sys.executable, "-m", command[0], *arguments, f"made:{name}"],
        cwd=str(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            yield _first_answer(f"http://127.0.0.1:{free_port}/", server)
        finally:
            server.terminate()


def _first_answer(url: str, server: Any) -> str:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            return str(error)
        except OSError:
            assert server.poll() is None, "the server has ended"
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.mark.parametrize(
    ("served", "kind"),
    [((command, "app"), kind) for command, kind in SERVERS.values()],
    indirect=["served"],
    ids=list(SERVERS),
)
def test_a_server_takes_the_app_for_what_it_can_serve(served: str, kind: str) -> None:
    assert served == f'"{kind}"'


@pytest.mark.parametrize("served", [(SERVERS["hypercorn"][0], "asgi_app")], indirect=True, ids=["hypercorn"])
def test_an_app_of_asgi_is_taken_for_one(served: str) -> None:
    assert served == '"asgi"'


def test_an_app_of_asgi_is_no_wsgi_application() -> None:
    with pytest.raises(TypeError):
        ask(fenrir_falcon.asgi.App())
