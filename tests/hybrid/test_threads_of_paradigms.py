"""Which paradigm's synchronous code shares a thread: what is bound to a thread works as in the framework itself."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from contextvars import ContextVar
from typing import Any, Iterator, List, Set

import pytest
from tests.asgi import PATIENCE, Exchange, Socket, ask, fetch, run

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_fastapi import Depends, FastAPI, WebSocket
from fenrir_flask import Flask, g
from fenrir_wsgi import mount_wsgi

variable: ContextVar[str] = ContextVar("variable", default="unset")


def with_database(app: Any, path: Any) -> Any:
    """Register what Flask's tutorial does: a connection in `g`, which SQLite binds to its thread."""

    @app.before_request
    def connect() -> None:
        g.db = sqlite3.connect(str(path))

    @app.teardown_request
    def close(error: Any) -> None:
        g.db.close()

    return app


@pytest.fixture
def database(tmp_path: Any) -> Any:
    with closing(sqlite3.connect(str(tmp_path / "db"))) as connection, connection:
        connection.execute("create table notes (text text)")
        connection.execute("insert into notes values ('first')")
    return tmp_path / "db"


@pytest.mark.parametrize("make", [lambda: Flask(__name__), Fenrir])
def test_a_sqlite_connection_in_g_works_from_before_request_to_the_streams_end(make: Any, database: Any) -> None:
    app = with_database(make(), database)

    @app.route("/rows")
    def rows() -> Iterator[str]:
        yield g.db.execute("select text from notes").fetchone()[0]
        for _ in range(200):
            yield str(g.db.execute("select count(*) from notes").fetchone()[0])

    @app.route("/")
    def one() -> Any:
        return str(g.db.execute("select text from notes").fetchone()[0])

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app, path="/rows" if index % 2 else "/") for index in range(40)))
        assert {answer.text for answer in answers} == {"first", "first" + "1" * 200}
        assert all(answer.complete and answer.error is None for answer in answers)

    run(scenario())


def test_a_sqlite_connection_in_g_works_in_a_fastapi_endpoint_of_the_hybrid_app(database: Any) -> None:
    app = with_database(Fenrir(), database)

    @app.get("/", response_model=str)
    def one(number: int = 0) -> Any:
        return g.db.execute("select text from notes").fetchone()[0]

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app) for _ in range(20)))
        assert {answer.text for answer in answers} == {'"first"'}

    run(scenario())


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_registry_by_thread_gives_each_flask_request_its_own_session(kind: str) -> None:
    local = threading.local()
    lost: List[Any] = []
    app = Flask(__name__, threads=3)

    @app.before_request
    def opened() -> None:
        if hasattr(local, "owner"):
            lost.append("left over from another request")
        local.owner = g.owner = object()

    @app.teardown_request
    def closed(error: Any) -> None:
        if getattr(local, "owner", None) is not g.owner:
            lost.append("another request's")
        vars(local).clear()

    if kind == "sync":

        @app.route("/")
        def view() -> Any:
            return str(local.owner is g.owner)

    else:

        @app.route("/")
        async def view_async() -> Any:
            await asyncio.sleep(0.001)
            return "True"

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app) for _ in range(60)))
        assert {answer.text for answer in answers} == {"True"}

    run(scenario())
    assert lost == []


def test_an_error_handler_of_flask_runs_in_the_thread_of_its_view() -> None:
    app = Flask(__name__)
    seen: List[int] = []

    @app.errorhandler(ValueError)
    def handled(error: ValueError) -> Any:
        seen.append(threading.get_ident())
        return "handled"

    @app.route("/")
    def view() -> Any:
        seen.append(threading.get_ident())
        raise ValueError

    async def scenario() -> None:
        await asyncio.gather(*(ask(app) for _ in range(8)))
        seen.clear()
        assert (await ask(app)).text == "handled"

    run(scenario())
    assert len(set(seen)) == 1


def test_flasks_hooks_and_view_run_in_one_hop() -> None:
    app = Flask(__name__)
    app.before_request(lambda: None)
    app.before_request(lambda: None)
    app.after_request(lambda response: response)

    @app.route("/one")
    def view() -> Any:
        return "ok"

    assert fetch(app, path="/one").text == "ok"
    (source,) = [target.source for target in app.compiled_routes if target.route.path == "/one"]
    expected = source.split("except BaseException")[0]
    assert expected.count("await run_steps(") + expected.count("await in_thread(") == 1


def test_an_after_request_function_that_returns_nothing_is_an_error() -> None:
    app = Flask(__name__)
    app.after_request(lambda response: None)
    app.route("/")(lambda: "ok")
    assert fetch(app).status == 500


def test_bottles_hooks_around_an_asynchronous_callback_share_a_thread() -> None:
    app = Bottle(threads=2)
    seen: List[int] = []
    variables: List[str] = []

    @app.hook("before_request")
    def before() -> None:
        seen.append(threading.get_ident())
        variable.set("set")

    @app.hook("after_request")
    def after() -> None:
        seen.append(threading.get_ident())
        variables.append(variable.get())

    @app.route("/")
    async def callback() -> Any:
        await asyncio.sleep(0.001)
        return "ok"

    async def scenario() -> None:
        await asyncio.gather(*(ask(app) for _ in range(5)))
        seen.clear()
        assert (await ask(app)).text == "ok"

    run(scenario())
    assert len(set(seen)) == 1
    assert set(variables) == {"set"}


def test_websockets_of_fastapi_with_a_synchronous_yield_keep_no_threads() -> None:
    app = FastAPI(threads=1, threads_max=1)

    def opened() -> Iterator[str]:
        yield "opened"

    @app.websocket("/")
    async def echo(websocket: WebSocket, opened: str = Depends(opened)) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())

    async def scenario() -> None:
        sockets = [Socket(app) for _ in range(20)]
        for socket in sockets:
            socket.start()
        for socket in sockets:
            await socket.until(lambda socket=socket: "accept" in socket.types)  # type: ignore[misc]
        for socket in sockets:
            socket.say("hello")
            await socket.finish()
            assert socket.heard == ["hello"]

    run(scenario())


def test_slow_readers_of_a_mount_never_stop_a_handler() -> None:
    app = Fenrir(threads=4)
    stopped: Set[int] = set()

    def large(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        for _ in range(1000):
            yield b"x" * 100_000
        stopped.add(1)

    app.mount_wsgi(large, prefix="/large")

    @app.get("/")
    def handler() -> str:
        return "ok"

    class Reader(Exchange):
        """A client that takes the first chunk of a response and no more."""

        go: asyncio.Event

        async def _send(self, message: Any) -> None:
            await super()._send(message)
            await self.go.wait()

    async def scenario() -> None:
        Reader.go = asyncio.Event()
        readers = [Reader(app, path="/large/") for _ in range(40)]
        for reader in readers:
            reader.feed()
            reader.start()
        await readers[0].until(lambda: readers[0].sent)
        for _ in range(10):
            assert (await asyncio.wait_for(ask(app), PATIENCE)).text == "ok"
        assert not stopped
        for reader in readers:
            reader.leave()
        Reader.go.set()
        for reader in readers:
            await reader.finish()

    run(scenario())


def test_contexts_outside_of_requests_give_their_thread_back() -> None:
    app = Flask(__name__)
    seen: List[int] = []

    def note() -> None:
        seen.append(threading.get_ident())

    async def scenario() -> None:
        async with app.context() as scope:
            await scope.call(note)
            await scope.call(note)
        async with app.request_context("/") as request:
            await request.run_in_thread(note)
            await request.run_in_thread(note)

    run(scenario())
    assert (len(set(seen[:2])), len(set(seen[2:]))) == (1, 1)
    assert app.executor.lent == 0


def test_errors_of_mounts_and_unknown_paths_give_their_thread_back() -> None:
    app = Flask(__name__)

    @app.errorhandler(Exception)
    def handled(error: Exception) -> Any:
        return "handled", 500

    def broken(environ: Any, start_response: Any) -> Any:
        raise ValueError

    mount_wsgi(app, broken, prefix="/broken")

    async def scenario() -> None:
        assert (await ask(app, path="/broken/")).text == "handled"
        assert (await ask(app, path="/unknown")).status == 500

    run(scenario())
    assert (app.executor.lent, app.executor.running) == (0, 0)


def test_a_handler_that_calls_a_mounted_app_never_waits_for_its_own_thread() -> None:
    app = Fenrir(threads=1)

    def legacy(environ: Any, start_response: Any) -> List[bytes]:
        start_response("200 OK", [])
        return [asyncio.run(ask(app, path="/inner")).body]

    app.mount_wsgi(legacy, prefix="/legacy")

    @app.get("/outer")
    def outer() -> str:
        return asyncio.run(ask(app, path="/legacy/")).text

    @app.get("/inner")
    def inner() -> str:
        return "inner"

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app, path="/outer") for _ in range(4)))
        assert {answer.text for answer in answers} == {"inner"}

    run(scenario())
