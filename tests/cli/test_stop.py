"""The stop of `fenrir run`, on each server: what it waits for, how long, and how it ends."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import threading
import time
from typing import Any, List, Tuple

import pytest
from tests.cli.test_servers import GRANIAN, SERVERS

pytestmark = pytest.mark.once

APP = """\
import asyncio
import os
import socket
import time
from contextlib import asynccontextmanager
from pathlib import Path

from fenrir_core import App, EventSourceResponse, StreamingResponse
from fenrir_wsgi import mount_wsgi


@asynccontextmanager
async def life(app):
    yield
    await {down}
    Path("stopped").write_text("")


async def nothing():
    pass


app = App(paradigms=[], lifespan=life, stop_streams=0.3)


@app.get("/")
async def home():
    return "home"


def begun():
    print("begun", flush=True)


@app.get("/slow")
async def slow():
    begun()
    await asyncio.sleep(0.6)
    return "slow"


@app.get("/slow-thread")
def slow_thread():
    begun()
    time.sleep(0.6)
    return "slow-thread"


def slow_wsgi(environ, start_response):
    begun()
    time.sleep(0.6)
    start_response("200 OK", [("content-length", "10")])
    return [b"slow-wsgi", b"."]


mount_wsgi(app, slow_wsgi, prefix="/slow-wsgi")


@app.get("/waits")
async def waits():
    begun()
    await asyncio.sleep(3600)


@app.get("/in-thread")
def in_thread():
    begun()
    time.sleep(3600)


@app.get("/blocks")
async def blocks():
    begun()
    time.sleep(3600)


@app.get("/stubborn")
async def stubborn():
    begun()
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass


async def pieces():
    begun()
    while True:
        yield "piece"
        await asyncio.sleep(0.02)


@app.get("/stream")
async def stream():
    return StreamingResponse(pieces())


@app.get("/until-stop")
async def until_stop():
    async def last():
        begun()
        await app.shutdown_event.wait()
        yield "last"

    return StreamingResponse(last())


def stream_wsgi(environ, start_response):
    start_response("200 OK", [])

    def pieces():
        begun()
        while True:
            yield b"piece"
            time.sleep(0.02)

    return pieces()


mount_wsgi(app, stream_wsgi, prefix="/stream-wsgi")


@app.get("/events")
async def events():
    return EventSourceResponse(pieces())


@app.websocket("/ws")
async def ws(websocket):
    await websocket.accept()
    begun()
    async for message in websocket:
        pass
    print("left", flush=True)


@app.get("/lose-the-socket")
async def lose():
    port = int(os.environ["PORT_TO_LOSE"])
    for number in range(3, 200):
        try:
            with socket.socket(fileno=os.dup(number)) as copy:
                if copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and copy.getsockname()[1] == port:
                    copy.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    return "lost"
"""
#: Short times; what must not last is far longer.
TIMES = ("--graceful-timeout", "0.8", "--shutdown-timeout", "0.5")


@pytest.fixture
def start(project: Any, serve: Any) -> Any:
    def started(server: str, *options: str, down: str = "nothing()", **extra: str) -> Any:
        project.write("app.py", APP.replace("{down}", down))
        return serve("app:app", "--server", server, *(options or TIMES), **extra)

    return started


class Asker:
    """A client that waits for the answer to one request."""

    def __init__(self, server: Any, path: str) -> None:
        self.address = server.url.rpartition("/")[2].split(":")
        self.path = path
        self.answer: Any = None
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(self.address[0], int(self.address[1]), timeout=30)
        try:
            connection.request("GET", self.path)
            response = connection.getresponse()
            self.answer = response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            self.answer = error
        finally:
            connection.close()

    def wait(self) -> Any:
        self._thread.join(30)
        return self.answer


def stopped(server: Any, number: int = signal.SIGTERM) -> Tuple[int, float]:
    """Return the exit code and the seconds of a stop."""
    began = time.monotonic()
    return server.stop(number), time.monotonic() - began


@pytest.mark.parametrize("name", SERVERS)
def test_open_requests_of_each_kind_are_answered_and_idle_connections_not_waited_for(start: Any, name: str) -> None:
    server = start(name, "--graceful-timeout", "20")
    host, port = server.url.rpartition("/")[2].split(":")
    kept = http.client.HTTPConnection(host, int(port), timeout=30)
    kept.request("GET", "/")
    assert kept.getresponse().read() == b"home"
    askers = [Asker(server, path) for path in ("/slow", "/slow-thread", "/slow-wsgi")]
    server.until_printed("begun", 3)
    with socket.create_connection((host, int(port))) as half:
        half.sendall(b"GET / HTTP/1.1\r\nho")
        code, seconds = stopped(server)
    kept.close()
    assert (code, seconds < 15) == (0, True), server.output
    assert [asker.wait() for asker in askers] == [(200, b"slow"), (200, b"slow-thread"), (200, b"slow-wsgi.")]


@pytest.mark.parametrize("name", SERVERS)
def test_requests_that_do_not_end_are_cut_off_and_named(start: Any, name: str) -> None:
    server = start(name)
    paths = ("/waits", "/in-thread", "/stubborn")
    askers = [Asker(server, path) for path in paths]
    server.until_printed("begun", 3)
    code, seconds = stopped(server)
    assert code == 1, server.output
    assert 0.8 <= seconds < 15
    assert all(f"GET {path}" in server.output for path in paths), server.output
    assert "Traceback" not in server.output, server.output
    answers = [asker.wait() for asker in askers]
    assert all(isinstance(answer, Exception) or answer[0] == 500 for answer in answers)


def test_a_handler_that_blocks_the_event_loop_is_named_with_its_line(start: Any) -> None:
    server = start("uvicorn")
    asker = Asker(server, "/blocks")
    server.until_printed("begun")
    code, seconds = stopped(server)
    assert (code, seconds < 15) == (1, True)
    assert re.search(r"GET /blocks in blocks\(\) \(app.py:\d+\), at app.py:\d+", server.output)
    assert isinstance(asker.wait(), Exception)


@pytest.mark.parametrize("name", SERVERS)
def test_a_shutdown_step_that_hangs_is_cut_off_and_named(start: Any, name: str) -> None:
    server = start(name, down="asyncio.sleep(3600)")
    code, seconds = stopped(server)
    assert code == 1
    assert 0.5 <= seconds < 15
    assert "The shutdown of the app took over 0.5 s and is cut off" in server.output
    assert "These did not stop in time: lifespan" in server.output


def test_a_shutdown_step_that_hangs_in_a_thread_does_not_keep_the_process(start: Any) -> None:
    server = start("uvicorn", down="app.run_in_thread(time.sleep, 3600)")
    code, seconds = stopped(server)
    assert (code, seconds < 15) == (1, True)
    assert "The shutdown of the app took over 0.5 s and is cut off" in server.output


@pytest.mark.parametrize("name", SERVERS)
def test_open_streams_and_websockets_are_told_without_a_traceback(start: Any, name: str) -> None:
    websockets = pytest.importorskip("websockets.sync.client")
    server = start(name, "--graceful-timeout", "20")
    events = Asker(server, "/events")
    with websockets.connect(server.url.replace("http", "ws") + "/ws") as connection:
        server.until_printed("begun", 2)
        code, seconds = stopped(server)
        with pytest.raises(Exception, match="1012"):
            connection.recv(timeout=30)
    assert code == 0, server.output
    assert seconds < 15
    status, body = events.wait()
    assert (status, body[-2:]) == (200, b"\n\n")
    assert "left" in server.output.splitlines()
    assert "Traceback" not in server.output, server.output


@pytest.mark.parametrize("name", SERVERS)
def test_a_stream_that_does_not_end_is_cut_off_and_the_exit_code_says_so(start: Any, name: str) -> None:
    server = start(name, "--graceful-timeout", "20")
    streams = [Asker(server, "/stream"), Asker(server, "/stream-wsgi")]
    server.until_printed("begun", 2)
    code, seconds = stopped(server)
    assert (code, seconds < 15) == (1, True), server.output
    assert all(isinstance(stream.wait(), http.client.IncompleteRead) for stream in streams)
    assert "GET /stream: The stream was cut off: the app stops." in server.output
    assert "Traceback" not in server.output, server.output


@pytest.mark.parametrize("name", SERVERS)
def test_a_stream_that_watches_the_stop_has_ended(start: Any, name: str) -> None:
    server = start(name, "--graceful-timeout", "20")
    stream = Asker(server, "/until-stop")
    server.until_printed("begun")
    assert stopped(server)[0] == 0, server.output
    assert stream.wait() == (200, b"last")


@pytest.mark.parametrize("name", SERVERS)
def test_clients_that_keep_asking_lose_no_request(start: Any, name: str) -> None:
    server = start(name, "--graceful-timeout", "20")
    host, port = server.url.rpartition("/")[2].split(":")
    lost: List[str] = []
    counts: List[int] = []

    def ask() -> None:
        count = 0
        while True:
            connection = http.client.HTTPConnection(host, int(port), timeout=30)
            try:
                connection.connect()
            except OSError:  # refused: the client knows that nothing was taken
                break
            try:
                while connection.sock is not None:
                    connection.request("GET", "/")
                    assert connection.getresponse().read() == b"home"
                    count += 1
            except (OSError, http.client.HTTPException) as error:
                lost.append(f"{type(error).__name__} after {count}")
            connection.close()
        counts.append(count)

    clients = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
    for client in clients:
        client.start()
    server.until(lambda: server.get() == "home", "an answer")
    time.sleep(0.3)  # the load goes on meanwhile
    assert stopped(server)[0] == 0
    for client in clients:
        client.join(30)
    assert lost == []
    assert min(counts) > 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_second_signal_ends_the_process_at_once_even_where_a_handler_blocks_the_loop(
    start: Any, number: int, code: int
) -> None:
    server = start("uvicorn", "--graceful-timeout", "600")
    Asker(server, "/blocks")
    server.until_printed("begun")
    server.process.send_signal(number)
    time.sleep(0.1)  # two signals of one kind that come at once are one
    assert server.stop(number) == code


def test_sighup_stops_one_process_gracefully(start: Any, project: Any) -> None:
    server = start("uvicorn", "--graceful-timeout", "20")
    asker = Asker(server, "/slow")
    server.until_printed("begun")
    assert server.stop(signal.SIGHUP) == 0
    assert asker.wait() == (200, b"slow")
    assert (project.directory / "stopped").exists()


@pytest.mark.parametrize("name", ["uvicorn", GRANIAN])
def test_a_server_whose_listening_socket_is_lost_ends_with_a_message(start: Any, name: str, free_port: int) -> None:
    server = start(name, PORT_TO_LOSE=str(free_port))
    assert server.get("/lose-the-socket") == "lost"
    assert server.process.wait(30) == 1
    assert "The listening socket is lost" in server.output
