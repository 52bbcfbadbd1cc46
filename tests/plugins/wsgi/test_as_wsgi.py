# mypy: disallow-untyped-decorators=False
from __future__ import annotations

import asyncio
import io
import logging
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Optional, Tuple
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from tests.conformance.kits import KITS, kernel

from fenrir import Fenrir
from fenrir_core import BackgroundTasks, BuildError, ClientDisconnect, Request, Response, StreamingResponse
from fenrir_wsgi import StartupFailed, WSGICallable, as_wsgi

PATIENCE = 10
MEGABYTE = 1024 * 1024


class Answer:
    """What a WSGI server was told: status line, headers and body."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: List[Tuple[str, str]] = []
        self.body = b""
        #: The errors that `start_response` was called with.
        self.errors: List[BaseException] = []
        self.headers_sent = False

    def start_response(self, status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info is not None:
            self.errors.append(exc_info[1])
            if self.headers_sent:
                raise exc_info[1].with_traceback(exc_info[2])
        self.status, self.headers = status, headers
        return lambda data: None

    def header(self, name: str) -> Optional[str]:
        return dict(self.headers).get(name)


def environ(path: str = "/", method: str = "GET", body: Any = b"", **more: Any) -> Dict[str, Any]:
    found: Dict[str, Any] = {"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", **more}
    setup_testing_defaults(found)
    if isinstance(body, bytes):
        found["CONTENT_LENGTH"] = str(len(body))
        body = io.BytesIO(body)
    found["wsgi.input"] = body
    return found


@contextmanager
def served(app: Any) -> Iterator[WSGICallable]:
    """Close the callable of an app afterwards."""
    callable_ = as_wsgi(app)
    try:
        yield callable_
    finally:
        callable_.close()


def call(application: Any, *args: Any, check: bool = True, **options: Any) -> Answer:
    """Call a WSGI application as a server does, under the validator of the standard library."""
    answer = Answer()
    application = validator(application) if check else application
    result = application(environ(*args, **options), answer.start_response)
    try:
        for chunk in result:
            answer.body += chunk
            answer.headers_sent = answer.headers_sent or bool(chunk)
    finally:
        result.close()
    return answer


def ask(app: Any, *args: Any, **options: Any) -> Answer:
    with served(app) as application:
        return call(application, *args, **options)


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


def responding(response: Callable[[], Response]) -> Fenrir:
    app = Fenrir()
    app.route("/", ("GET", "POST"))(response)
    return app


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


# ---------------------------------------------------------------- bodies


def test_a_response_is_sent_in_parts_as_they_are_made() -> None:
    gate = threading.Semaphore(0)

    def parts() -> Iterator[bytes]:
        for index in range(3):
            assert gate.acquire(timeout=PATIENCE)
            yield b"%d" % index

    with served(responding(lambda: StreamingResponse(parts(), media_type="text/x"))) as application:
        gate.release()
        result = validator(application)(environ(), Answer().start_response)
        iterator, found = iter(result), []
        for _ in range(3):
            found.append(next(iterator))
            gate.release()
        assert found == [b"0", b"1", b"2"] and [*iterator] == []
        result.close()  # type: ignore[attr-defined]


class Upload:
    """A request body of `size` bytes that is made when it is read, and that counts its reads."""

    def __init__(self, size: int) -> None:
        self.size, self.reads, self.threads = size, 0, set()  # type: ignore[var-annotated]

    def read(self, size: int) -> bytes:
        self.reads += 1
        self.threads.add(threading.get_ident())
        size = min(size, self.size)
        self.size -= size
        return b"x" * size

    def readline(self, size: int = -1) -> bytes:
        raise NotImplementedError

    def readlines(self, hint: int = -1) -> List[bytes]:
        raise NotImplementedError

    __iter__: Any = readlines


def test_bodies_stream_both_ways_in_flat_memory() -> None:
    app = Fenrir(max_body=None)
    size = 32 * MEGABYTE

    @app.post("/", stream=True)
    async def echo(request: Request) -> Response:
        return StreamingResponse(request.stream(), media_type="text/x")

    upload, found = Upload(size), 0
    with served(app) as application:
        call(application, "/", "POST", b"warm")
        result = application(environ("/", "POST", upload, CONTENT_LENGTH=str(size)), Answer().start_response)
        tracemalloc.start()
        try:
            for chunk in result:
                found += len(chunk)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            result.close()
    assert found == size
    assert peak < 4 * MEGABYTE
    assert upload.threads == {threading.get_ident()}


def test_an_app_that_makes_its_response_faster_than_it_is_taken_waits() -> None:
    made = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal made
        while True:
            made += 1
            yield b"x" * 65536

    with served(responding(lambda: StreamingResponse(parts(), media_type="text/x"))) as application:
        result = application(environ(), Answer().start_response)
        assert next(iter(result))
        before = -1
        while before != made:  # until it makes no more
            before = made
            time.sleep(0.05)
        assert made <= 15
        result.close()


def test_the_body_is_read_when_the_app_receives_and_not_beyond_its_length() -> None:
    app, upload = kernel(), Upload(10)
    app.post("/refuse")(lambda: Response(b"no", 403, media_type="text/x"))

    @app.post("/accept")
    async def accept(request: Request) -> str:
        return str(len(await request.body()))

    with served(app) as application:
        assert call(application, "/refuse", "POST", upload, CONTENT_LENGTH="4").status == "403 Forbidden"
        assert upload.reads == 0
        assert call(application, "/accept", "POST", upload, CONTENT_LENGTH="4").body == b"4"
        assert upload.size == 6


@pytest.mark.parametrize("terminated, length", [(True, b"10"), (False, b"0")])
def test_a_body_without_a_length_is_read_if_the_server_marks_its_end(terminated: bool, length: bytes) -> None:
    app = Fenrir()

    @app.post("/")
    async def accept(request: Request) -> str:
        return str(len(await request.body()))

    more = {"wsgi.input_terminated": terminated}
    assert ask(app, "/", "POST", Upload(10), **more).body == length


def test_a_body_that_ends_before_its_length_is_a_disconnect() -> None:
    app, seen = kernel(), []

    @app.post("/")
    async def accept(request: Request) -> str:
        try:
            await request.body()
        except ClientDisconnect as error:
            seen.append(error)
            raise
        return "complete"

    answer = ask(app, "/", "POST", Upload(10), CONTENT_LENGTH="11", check=False)
    assert (answer.status, len(seen)) == ("400 Bad Request", 1)


def test_a_body_that_can_not_be_read_is_a_disconnect_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Upload):
        def read(self, size: int) -> bytes:
            raise OSError("the socket is gone")

    app = Fenrir()

    @app.post("/")
    async def accept(request: Request) -> str:
        return (await request.body()).decode()

    assert ask(app, "/", "POST", Broken(1), CONTENT_LENGTH="1", check=False).status == "400 Bad Request"
    assert "the socket is gone" in caplog.text


def test_a_body_over_the_limit_is_answered_with_413() -> None:
    app = Fenrir(max_body=10)

    @app.post("/")
    async def accept(request: Request) -> str:
        return (await request.body()).decode()

    assert ask(app, "/", "POST", b"x" * 11).status.startswith("413 ")


# ---------------------------------------------------------------- the client leaves


def test_closing_the_iterable_disconnects_the_client_and_closes_the_stream() -> None:
    closed = threading.Event()

    async def parts() -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.sleep(3600)
        finally:
            closed.set()

    with served(responding(lambda: StreamingResponse(parts(), media_type="text/x"))) as application:
        result = validator(application)(environ(), Answer().start_response)
        assert next(iter(result)) == b"first"
        result.close()  # type: ignore[attr-defined]
        assert closed.wait(PATIENCE)


def test_after_closing_receive_gives_a_disconnect_and_send_fails() -> None:
    seen: List[Any] = []
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append(await receive())
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/x")]})
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            seen.append(await receive())
            try:
                await send({"type": "http.response.body", "body": b"y"})
            except OSError as error:
                seen.append(type(error))
            ended.set()

    with served(app) as application:
        result = validator(application)(environ(), Answer().start_response)
        assert next(iter(result)) == b"x"
        result.close()  # type: ignore[attr-defined]
        assert ended.wait(PATIENCE)
    assert seen == [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
        ConnectionResetError,
    ]


def test_after_a_complete_response_receive_gives_a_disconnect_and_background_work_goes_on() -> None:
    app, ended = Fenrir(), threading.Event()

    @app.get("/")
    async def index(tasks: BackgroundTasks) -> str:
        tasks.add_task(ended.set)
        return "done"

    with served(app) as application:
        assert call(application).body == b"done"
        assert ended.wait(PATIENCE)


# ---------------------------------------------------------------- errors


def test_an_error_of_a_handler_is_answered_by_the_app(caplog: pytest.LogCaptureFixture) -> None:
    app = Fenrir()

    @app.get("/")
    async def fail() -> None:
        raise RuntimeError("secret")

    answer = ask(app)
    assert answer.status == "500 Internal Server Error" and b"secret" not in answer.body
    assert "RuntimeError: secret" in caplog.text


def failing(*messages: Dict[str, Any], error: BaseException) -> Any:
    """Return an ASGI application that sends messages and then raises."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            for message in messages:
                await send(message)
            raise error

    return app


START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/x")]}
PART = {"type": "http.response.body", "body": b"part", "more_body": True}
EMPTY = {**PART, "body": b""}


@pytest.mark.parametrize("messages", [(), (START,), (START, EMPTY)])
def test_an_error_before_the_first_bytes_is_a_real_500_with_exc_info(
    messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    error = ValueError("secret")
    answer = ask(failing(*messages, error=error))
    assert (answer.status, answer.body) == ("500 Internal Server Error", b"Internal Server Error")
    assert answer.errors == [error]
    assert "ValueError: secret" in caplog.text


def test_an_error_after_the_first_bytes_is_raised_so_that_the_server_breaks_off() -> None:
    answer = Answer()
    with served(failing(START, PART, error=ValueError("late"))) as application:
        result = application(environ(), answer.start_response)
        iterator = iter(result)
        assert next(iterator) == b"part"
        answer.headers_sent = True
        with pytest.raises(ValueError, match="late"):
            next(iterator)
        result.close()
    assert answer.status == "200 OK"


def test_an_error_after_the_response_is_logged_and_the_response_stands(caplog: pytest.LogCaptureFixture) -> None:
    last = {"type": "http.response.body", "body": b"all"}
    assert ask(failing(START, last, error=ValueError("afterwards"))).body == b"all"
    assert "ValueError: afterwards" in caplog.text


def test_an_application_that_exits_does_not_end_the_server() -> None:
    with served(failing(error=SystemExit(3))) as application:
        assert call(application).status == "500 Internal Server Error"
        assert call(application).status == "500 Internal Server Error"


@pytest.mark.parametrize(
    "messages, message",
    [
        ((PART,), "sent 'http.response.body'"),
        ((START, START), "sent 'http.response.start'"),
        (({"type": "http.response.nonsense"},), "sent 'http.response.nonsense'"),
    ],
)
def test_messages_that_asgi_does_not_allow_are_errors(
    messages: Any, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(failing(*messages, error=ValueError())).status == "500 Internal Server Error"
    assert message in caplog.text


def test_an_application_that_ends_without_a_response_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    assert ask(app).status == "500 Internal Server Error"
    assert "ended before its response was complete" in caplog.text


# ---------------------------------------------------------------- lifespan


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
