# mypy: disallow-untyped-decorators=False
"""The lifespan behind `as_wsgi`: the first request starts it, `close` and the end of the process stop it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, List

import pytest
from tests.plugins.wsgi.wsgi_calls import PATIENCE, START, ask, call, served

from fenrir import Fenrir
from fenrir_wsgi import StartupFailed, as_wsgi


def recording(events: List[str]) -> Fenrir:
    """Return an app that records its start and stop, and the threads that it runs in."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("stop")

    app = Fenrir(lifespan=lifespan)
    app.get("/")(lambda: "up")
    return app


def test_the_lifespan_starts_once_with_the_first_request_and_stops_at_close() -> None:
    events: List[str] = []
    application = as_wsgi(recording(events))
    assert events == []
    assert [call(application).body for _ in range(2)] == [b"up", b"up"]
    assert events == ["start"]
    application.close()
    application.close()
    assert events == ["start", "stop"]
    with pytest.raises(RuntimeError, match="was closed"):
        call(application)


def test_requests_that_come_first_at_once_start_it_once() -> None:
    events: List[str] = []
    with served(recording(events)) as application, ThreadPoolExecutor(16) as pool:
        answers = [*pool.map(lambda index: call(application).body, range(64))]
    assert answers == [b"up"] * 64
    assert events == ["start", "stop"]


def test_a_start_up_that_fails_is_raised_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    faults = [ValueError("no database")]

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        if faults:
            raise faults.pop()
        yield

    app = Fenrir(lifespan=lifespan)
    app.get("/")(lambda: "up")
    with served(app) as application:
        with pytest.raises(StartupFailed, match="did not start: .*no database"):
            call(application)
        assert call(application).body == b"up"


def test_an_application_without_a_lifespan_is_served() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send(START)
        await send({"type": "http.response.body", "body": b"up"})

    assert ask(app).body == b"up"


def test_the_state_of_the_lifespan_is_in_the_scope() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"]["pool"] = "a pool"
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.failed", "message": "could not"})
        else:
            await send(START)
            await send({"type": "http.response.body", "body": scope["state"]["pool"].encode()})

    with pytest.MonkeyPatch.context() as patch:
        logged: List[str] = []
        patch.setattr(logging.getLogger("fenrir.wsgi"), "error", lambda text, *args: logged.append(text % args))
        assert ask(app).body == b"a pool"
    assert logged == ["The application did not stop cleanly: could not"]


def test_an_application_that_waits_on_after_its_last_message_is_cancelled() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        while True:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})

    with served(app) as application, pytest.raises(StartupFailed, match="no database"):
        call(application)


def test_close_waits_for_running_requests_and_then_cancels_them() -> None:
    started = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            started.set()
            await asyncio.sleep(0.05 if scope["path"] == "/short" else 3600)
            await send(START)
            await send({"type": "http.response.body", "body": b"in time"})

    for path, status in (("/short", "200 OK"), ("/long", "500 Internal Server Error")):
        application = as_wsgi(app)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(call, application, path)
            assert started.wait(PATIENCE)
            application.close(timeout=0.5)
            assert answer.result(PATIENCE).status == status
        started.clear()


def run(code: str) -> List[str]:
    """Run code in an interpreter of its own, and return the lines that it prints."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.split()


PROGRAM = """
import io, os, sys
from contextlib import asynccontextmanager
from wsgiref.util import setup_testing_defaults
from fenrir_core import App
from fenrir_wsgi import as_wsgi

def note(text):
    print(text, flush=True)

@asynccontextmanager
async def lifespan(app):
    note("start")
    yield
    await app.run_in_thread(note, "stop")

app = App(paradigms=(), autoload=False, lifespan=lifespan)
app.get("/")(lambda: "up")
application = as_wsgi(app)

def request():
    environ = {}
    setup_testing_defaults(environ)
    result = application(environ, lambda status, headers, exc_info=None: None)
    note(b"".join(result).decode())
    result.close()

request()
"""


def test_it_is_stopped_when_the_interpreter_exits() -> None:
    assert run(PROGRAM) == ["start", "up", "stop"]


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="only Unix forks")
def test_a_process_that_is_forked_after_the_start_refuses_requests() -> None:
    fork = """
import warnings
warnings.simplefilter("ignore")
child = os.fork()
if child == 0:
    try:
        request()
    except RuntimeError as error:
        note("refused" if "forked after the first request" in str(error) else error)
    application.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
request()
"""
    assert run(PROGRAM + fork) == ["start", "up", "refused", "up", "stop"]
