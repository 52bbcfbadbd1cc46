"""The access log of `fenrir run`: what is written, in which order, and that nothing is lost."""

from __future__ import annotations

import asyncio
import http.client
import importlib.util
import logging
import os
import re
import signal
import subprocess
import threading
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

from fenrir_cli.access_log import LIMIT, AccessLog, AccessWriter
from fenrir_cli.logs import LineHandler

from .conftest import PATIENCE

pytestmark = pytest.mark.once

SERVERS = [
    pytest.param(name, marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is missing"))
    for name in ("uvicorn", "hypercorn", "granian", "asteri")
]
LINE = re.compile(r"\d\d:\d\d:\d\d INFO     fenrir\.access: 127\.0\.0\.1:\d+ GET (/\S*) (\d+|-) \d+\.\dms")
APP = """\
import asyncio
import contextvars
import logging
from contextlib import asynccontextmanager
from pathlib import Path

from fenrir_core import App

name = contextvars.ContextVar("name", default="nobody")


@asynccontextmanager
async def life(app):
    yield
    LAST


app = App(paradigms=[], lifespan=life)


@app.get("/told")
async def told():
    logging.getLogger("shop").warning("sold out")
    name.set("ada")
    return "told"


@app.get("/hangs")
async def hangs():
    Path("asked").write_text("")
    await app.shutdown_event.wait()
    Path("ending").write_text("")
    await asyncio.sleep(60)


@app.get("/fails")
async def fails():
    raise RuntimeError("bad luck")


@app.get("/{number}")
async def numbered(number):
    return number
"""
OWN_LOGGING = """\
import logging.config


class Named(logging.Filter):
    def filter(self, record):
        record.user = name.get()
        return True


logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"named": {"()": Named}},
    "formatters": {"own": {"format": "%(levelname)s of %(user)s: %(message)s (%(msecs)d)"}},
    "handlers": {"own": {"class": "logging.StreamHandler", "formatter": "own", "filters": ["named"]}},
    "root": {"level": "INFO", "handlers": ["own"]},
})
"""


@pytest.fixture
def site(project: Any) -> Any:
    project.write("app.py", APP.replace("LAST", "pass"))
    return project


def ask(server: Any, paths: List[str]) -> None:
    """Send requests one after the other, on one connection if the server keeps it."""
    connection = http.client.HTTPConnection(server.url[len("http://") :], timeout=PATIENCE)
    for path in paths:
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()


def logged(output: str) -> List[str]:
    return [found[1] for found in map(LINE.fullmatch, output.splitlines()) if found]


PATHS = [f"/{number}" for number in range(60)]


@pytest.mark.parametrize("name", SERVERS)
def test_the_lines_of_all_requests_are_written_in_order_when_the_server_is_stopped(
    site: Any, serve: Any, name: str
) -> None:
    server = serve("app:app", "--access-log", "--server", name)
    ask(server, PATHS)
    assert server.stop() == 0
    assert logged(server.output) == PATHS


def test_the_lines_are_written_when_the_server_is_interrupted(site: Any, serve: Any) -> None:
    server = serve("app:app", "--access-log")
    ask(server, PATHS)
    assert server.stop(signal.SIGINT) == 0
    assert logged(server.output) == PATHS


def test_the_lines_are_written_at_a_second_interrupt(site: Any, serve: Any) -> None:
    server = serve("app:app", "--access-log")
    broken = (OSError, http.client.HTTPException)
    client = threading.Thread(target=lambda: pytest.raises(broken, server.get, "/hangs"), daemon=True)
    client.start()
    server.until((site.directory / "asked").exists, "the request")
    ask(server, PATHS)
    server.process.send_signal(signal.SIGINT)
    server.until((site.directory / "ending").exists, "the beginning of the stop")
    assert server.stop(signal.SIGINT) == 130
    client.join()
    assert logged(server.output) == PATHS


def test_the_lines_are_written_when_the_shutdown_fails(site: Any, serve: Any) -> None:
    site.write("app.py", APP.replace("LAST", 'raise RuntimeError("no goodbye")'))
    server = serve("app:app", "--access-log")
    ask(server, PATHS)
    server.stop()
    assert logged(server.output) == PATHS


@pytest.mark.parametrize("through", ["pipe", "file"])
def test_the_lines_of_several_workers_are_written_whole(site: Any, serve: Any, tmp_path: Path, through: str) -> None:
    """They share one pipe, in which only short writes stay in one piece, or one file."""
    log = tmp_path / "output.txt"
    with log.open("ab") as kept:
        reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=kept)
        assert reader.stdin is not None
        stderr = reader.stdin if through == "pipe" else kept
        server = serve("app:app", "--access-log", "--workers", "2", stderr=stderr)
        paths = [f"/{letter * 70}{number}" for letter in "ab" for number in range(200)]
        starts = (0, 100, 200, 300)
        clients = [threading.Thread(target=ask, args=(server, paths[start : start + 100])) for start in starts]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert server.stop() == 0
        reader.stdin.close()
        assert reader.wait(PATIENCE) == 0
    assert sorted(logged(log.read_text("utf-8"))) == sorted(paths)


def test_a_record_of_the_app_comes_after_the_lines_of_earlier_requests(site: Any, serve: Any) -> None:
    server = serve("app:app", "--access-log")
    ask(server, ["/1", "/2", "/told", "/3"])
    assert server.stop() == 0
    lines = server.output.splitlines()
    (told,) = [number for number, line in enumerate(lines) if line.endswith("shop: sold out")]
    assert logged("\n".join(lines[:told])) == ["/1", "/2"]
    assert logged("\n".join(lines[told:])) == ["/told", "/3"]


def test_a_start_up_that_fails_ends_the_command(site: Any) -> None:
    site.write("app.py", APP.replace("    yield\n", '    raise RuntimeError("no database")\n    yield\n'))
    done = site.run("run", "app:app", "--port", "0", "--access-log")
    assert done.returncode == 1
    assert "RuntimeError: no database" in done.stderr


def test_handlers_that_the_app_has_set_up_have_a_record_of_each_request_in_its_context(site: Any, serve: Any) -> None:
    site.write("app.py", APP.replace("LAST", "pass") + OWN_LOGGING)
    server = serve("app:app", "--access-log")
    ask(server, ["/told", "/1"])
    assert server.stop() == 0
    told, other = [line for line in server.output.splitlines() if " GET " in line]
    assert re.fullmatch(r"INFO of ada: 127\.0\.0\.1:\d+ GET /told 200 \d+\.\dms \(\d+\)", told)
    assert re.fullmatch(r"INFO of nobody: 127\.0\.0\.1:\d+ GET /1 200 \d+\.\dms \(\d+\)", other)


def test_a_filter_of_the_app_that_fails_does_not_stop_the_log(site: Any, serve: Any) -> None:
    failing = OWN_LOGGING.replace("name.get()", '1 / ("GET /1 " not in record.getMessage())')
    site.write("app.py", APP.replace("LAST", "pass") + failing)
    server = serve("app:app", "--access-log")
    ask(server, ["/1", "/2"])
    assert server.stop() == 0
    assert " GET /2 200 " in server.output


def test_a_level_that_the_app_sets_holds(site: Any, serve: Any) -> None:
    quiet = 'logging.getLogger("fenrir.access").setLevel("WARNING")\n'
    site.write("app.py", APP.replace("LAST", "pass") + quiet)
    server = serve("app:app", "--access-log")
    ask(server, ["/1"])
    assert server.stop() == 0
    assert logged(server.output) == []


def test_a_request_that_fails_is_logged_with_its_status(site: Any, serve: Any) -> None:
    server = serve("app:app", "--access-log")
    ask(server, ["/fails"])
    server.until_printed(" GET /fails 500 ")


# ---------------------------------------------------------------- the queue


class Pipe:
    """A pipe that is the standard error of the log's handler, and is read when a test says so."""

    def __init__(self) -> None:
        self._readable, writable = os.pipe()
        self.handler = LineHandler()
        self.handler.setStream(os.fdopen(writable, "w", encoding="utf-8"))
        self._parts: List[bytes] = []
        self._reader = threading.Thread(target=self._read)

    def _read(self) -> None:
        while True:
            part = os.read(self._readable, 65536)
            if not part:
                return
            self._parts.append(part)

    def start_reading(self) -> None:
        self._reader.start()

    def text(self) -> str:
        """Close the pipe and return all that was written."""
        self.handler.stream.close()
        if self._reader.ident is None:
            self.start_reading()
        self._reader.join()
        return b"".join(self._parts).decode("utf-8")

    def close(self) -> None:
        if not self.handler.stream.closed:
            self.text()
        os.close(self._readable)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    opened = Pipe()
    yield opened
    opened.close()


@contextmanager
def writing(*handlers: logging.Handler) -> Iterator[AccessWriter]:
    """Write the access log to these handlers of the root logger, and to no other."""
    access = logging.getLogger("fenrir.access")
    before, logging.root.handlers = logging.root.handlers, list(handlers)
    access.setLevel(logging.INFO)
    try:
        with AccessWriter() as writer:
            yield writer
    finally:
        logging.root.handlers = before
        access.setLevel(logging.NOTSET)


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def requests(app: Any) -> Callable[[str], Any]:
    async def sent(message: Any) -> None:
        pass

    def request(path: str) -> Any:
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "client": ("127.0.0.1", 1)}
        return app(scope, sent, sent)

    return request


@pytest.mark.parametrize("others", [(), (logging.NullHandler(),)], ids=["alone", "beside another handler"])
def test_requests_wait_where_nothing_reads_the_log_and_none_is_lost(pipe: Pipe, others: Any) -> None:
    paths = [f"/{number:060}" for number in range(LIMIT + 3000)]

    async def load(writer: AccessWriter) -> None:
        request = requests(AccessLog(hello, writer))

        async def ask_all() -> None:
            for path in paths:
                await request(path)

        asking = asyncio.ensure_future(ask_all())
        await asyncio.wait([asking], timeout=1)
        waited = not asking.done()
        pipe.start_reading()
        await asyncio.wait_for(asking, PATIENCE)
        assert waited

    with writing(pipe.handler, *others) as writer:
        asyncio.run(load(writer))
    assert logged(pipe.text()) == paths


def test_each_request_has_its_own_client_status_and_text(pipe: Pipe) -> None:
    clients = (("127.0.0.1", 1), ["::1", 2], None, ("127.0.0.1", 1), ("a\nb", 3))
    targets = (("GET", "/a", b""), ("GET", "/a", b"b=1"), ("PUT", "/a", b""), ("GET", "/\x1b", b""))
    expected = []

    async def load(writer: AccessWriter) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": scope["status"], "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async def sent(message: Any) -> None:
            pass

        log = AccessLog(app, writer)
        for status in (200, 404):
            for client, shown in zip(clients, ("127.0.0.1:1", "::1:2", "-", "127.0.0.1:1", "a\\nb:3")):
                for (method, path, query), target in zip(targets, ("/a", "/a?b=1", "/a", "/\\x1b")):
                    scope = {"type": "http", "method": method, "path": path, "query_string": query}
                    await log({**scope, "client": client, "status": status}, sent, sent)
                    expected.append(f"{shown} {method} {target} {status}")

    with writing(pipe.handler) as writer:
        asyncio.run(load(writer))
    lines = pipe.text().splitlines()
    assert [line.partition("fenrir.access: ")[2].rpartition(" ")[0] for line in lines] == expected


def test_a_child_that_the_app_forks_writes_no_line_again(pipe: Pipe) -> None:
    async def load(writer: AccessWriter) -> None:
        await requests(AccessLog(hello, writer))("/once")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # there are other threads, as in apps that fork
            child = os.fork()
        if not child:
            logging.getLogger("shop").warning("of the child")
            writer.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0  # noqa: ASYNC222 - the child ends at once

    with writing(pipe.handler) as writer:
        asyncio.run(load(writer))
    assert logged(pipe.text()) == ["/once"]
