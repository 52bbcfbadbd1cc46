"""The hook `fenrir_observers`: what observers are told of requests, streams, WebSockets and mounted apps."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, Callable, List, Optional

import pytest
from tests.asgi import Exchange, Server, Socket, fetch, run
from tests.core.hooks import ask, plugin

from fenrir_core import (
    App,
    BuildError,
    Call,
    ExceptionHandler,
    HTTPError,
    Middleware,
    Observation,
    Observer,
    Response,
    StreamingResponse,
    hookimpl,
)
from fenrir_core.testing import Client, make_app


class Told:
    """A plugin whose observer keeps what it is told."""

    def __init__(self, name: str = "told") -> None:
        self.__name__ = name
        self.phases: List[str] = []
        self.seen: List[Observation] = []

    @hookimpl
    def fenrir_observers(self) -> Any:
        phases = ("begin", "match", "answer", "end", "exit")
        yield Observer(self.__name__, **{f"on_{phase}": self._keep(phase) for phase in phases})

    def _keep(self, phase: str) -> Callable[[Observation], None]:
        def keep(observation: Observation) -> None:
            self.phases.append(phase)
            if phase == "begin":
                self.seen.append(observation)

        return keep

    def one(self) -> Observation:
        (found,) = self.seen
        return found


def observed(*routes: Any, **settings: Any) -> Any:
    """Return an app with an observer, and the observer."""
    told = Told()
    app = make_app([told], **settings)
    for path, endpoint in routes:
        app.get(path)(endpoint)
    return app, told


async def index() -> str:
    return "hello"


def test_fenrir_observers_are_told_the_route_the_status_the_size_and_the_duration() -> None:
    async def pet(pet_id: int) -> Any:
        return f"pet {pet_id}", 201

    app, told = observed(("/pets/{pet_id:int}", pet))
    ask(app, "GET /pets/7")
    seen = told.one()
    assert told.phases == ["begin", "match", "answer", "end", "exit"]
    assert (seen.template, seen.endpoint, seen.app) == ("/pets/{pet_id}", pet, app)
    assert (seen.route.path, seen.route.name) == ("/pets/{pet_id:int}", "pet")
    assert (seen.status, seen.size, seen.error, seen.is_complete) == (201, 5, None, True)
    assert 0 < seen.duration < 60


def test_fenrir_observers_are_told_of_a_request_that_no_route_matches() -> None:
    app, told = observed(("/", index))
    ask(app, "GET /nowhere", "POST /")
    assert told.phases == ["begin", "answer", "end", "exit"] * 2
    assert [(seen.status, seen.template, seen.route) for seen in told.seen] == [(404, None, None), (405, None, None)]
    assert [seen.error.status for seen in told.seen] == [404, 405]


def test_fenrir_observers_are_told_the_error_and_how_it_was_answered() -> None:
    error, answered = LookupError("rex"), ValueError("handled")

    async def crash() -> None:
        raise error

    async def fail() -> None:
        raise answered

    def fenrir_exception_handlers() -> Any:
        yield ExceptionHandler(ValueError, Call(lambda connection, error: ("no", 418), "inline"))

    told = Told()
    app = make_app([told, plugin(fenrir_exception_handlers)])
    app.get("/crash")(crash)
    app.get("/fail")(fail)
    ask(app, "GET /crash", "GET /fail")
    assert [(seen.status, seen.error) for seen in told.seen] == [(500, error), (418, answered)]


def test_fenrir_observers_see_what_middleware_answers_and_raises() -> None:
    error = RuntimeError("in a middleware")

    def refusing(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"] == "/fail":
                raise error
            await send({"type": "http.response.start", "status": 429, "headers": []})
            await send({"type": "http.response.body", "body": b"slow down"})

        return middleware

    def fenrir_middleware() -> Any:
        yield Middleware("refusing", refusing, layer="edge")

    told = Told()
    app = make_app([plugin(fenrir_middleware), told])
    app.get("/")(index)
    assert fetch(app, path="/").status == 429
    assert fetch(app, path="/fail").error is error
    assert [(seen.status, seen.size, seen.error) for seen in told.seen] == [(429, 9, None), (0, 0, error)]
    assert [seen.is_complete for seen in told.seen] == [True, False]


def test_fenrir_observers_hear_of_the_end_of_a_stream_at_its_last_byte() -> None:
    at_end: List[int] = []

    async def chunks() -> Any:
        for chunk in (b"one", b"two", b"three"):
            at_end.append(told.phases.count("end"))
            yield chunk

    async def stream() -> Any:
        return StreamingResponse(chunks())

    app, told = observed(("/", stream))
    ask(app, "GET /")
    assert at_end == [0, 0, 0]
    assert (told.phases[-2:], told.one().size, told.one().is_complete) == (["end", "exit"], 11, True)


def test_fenrir_observers_hear_of_a_stream_that_broke_off() -> None:
    error = LookupError("half way")

    async def chunks() -> Any:
        yield b"one"
        raise error

    async def stream() -> Any:
        return StreamingResponse(chunks())

    app, told = observed(("/", stream))
    fetch(app)
    assert (told.one().status, told.one().size, told.one().is_complete, told.one().error) == (200, 3, False, error)
    assert told.phases.count("end") == 1


def test_fenrir_observers_hear_of_a_client_that_leaves_a_stream() -> None:
    async def chunks() -> Any:
        yield b"one"
        await asyncio.Event().wait()

    async def stream() -> Any:
        return StreamingResponse(chunks())

    app, told = observed(("/", stream))

    async def main() -> None:
        exchange = Exchange(app)
        exchange.feed()
        exchange.start()
        await exchange.until(lambda: len(exchange.sent) > 1)
        exchange.leave()
        await exchange.finish()

    run(main())
    assert (told.one().size, told.one().is_complete, told.phases[-2:]) == (3, False, ["end", "exit"])


def test_fenrir_observers_hear_of_the_end_before_background_work_and_exit_after_it() -> None:
    during: List[str] = []

    async def work() -> None:
        during.extend(told.phases)

    async def respond() -> Response:
        return Response(b"sent", background=work)

    app, told = observed(("/", respond))
    ask(app, "GET /")
    assert during == ["begin", "match", "answer", "end"]
    assert told.phases[-1] == "exit"


def test_fenrir_observers_are_told_of_a_head_that_is_derived() -> None:
    app, told = observed(("/", index))
    ask(app, "HEAD /")
    assert (told.one().template, told.one().endpoint, told.one().status, told.one().size) == ("/", index, 200, 0)


# ---------------------------------------------------------------- WebSockets


def socket_app(endpoint: Any) -> Any:
    told = Told()
    app = make_app([told])
    app.websocket("/rooms/{name}")(endpoint)
    return app, told


def test_fenrir_observers_are_told_of_a_websocket_until_it_is_closed() -> None:
    async def echo(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_text("é" + await websocket.receive_text())
        assert "end" not in told.phases
        await websocket.close(4001)

    app, told = socket_app(echo)

    async def main() -> None:
        socket = Socket(app, "/rooms/a")
        socket.say("hi")
        await socket.finish()

    run(main())
    seen = told.one()
    assert (seen.template, seen.status, seen.size, seen.close_code) == ("/rooms/{name}", 101, 4, 4001)
    assert (seen.is_complete, told.phases) == (True, ["begin", "match", "answer", "end", "exit"])


def test_fenrir_observers_are_told_of_a_websocket_that_its_client_closes() -> None:
    at_disconnect: List[str] = []

    async def listen(websocket: Any) -> None:
        await websocket.accept()
        async for _ in websocket:
            pass
        at_disconnect.extend(told.phases)

    app, told = socket_app(listen)

    async def main() -> None:
        socket = Socket(app, "/rooms/a")
        socket.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await socket.finish()

    run(main())
    assert at_disconnect[-1] == "end"
    assert (told.one().close_code, told.one().is_complete) == (1001, True)


@pytest.mark.parametrize(("denial", "status"), [(True, 404), (False, 403)])
def test_fenrir_observers_are_told_how_a_websocket_was_refused(denial: bool, status: int) -> None:
    async def refuse(websocket: Any) -> None:
        raise HTTPError(404)

    app, told = socket_app(refuse)

    async def main() -> None:
        await Socket(app, "/rooms/a", denial=denial).finish()

    run(main())
    assert (told.one().status, told.one().is_complete, told.phases.count("end")) == (status, True, 1)


# ---------------------------------------------------------------- several observers, several apps


def test_fenrir_observers_never_blind_one_another() -> None:
    first, second = Told("first"), Told("second")
    app = make_app([first, second])
    app.get("/pets/{name}")(index)
    ask(app, "GET /pets/rex")
    assert first.one().template == second.one().template == "/pets/{name}"
    assert first.phases == second.phases == ["begin", "match", "answer", "end", "exit"]


@pytest.mark.parametrize("phase", ["begin", "match", "answer", "end", "exit"])
def test_fenrir_observers_that_raise_are_logged_and_break_nothing(phase: str, caplog: Any) -> None:
    def broken(observation: Observation) -> None:
        raise LookupError("the observer's own fault")

    def fenrir_observers() -> Any:
        yield Observer("broken", **{f"on_{phase}": broken})

    told = Told("told")
    app = make_app([plugin(fenrir_observers, "a_broken"), told])
    app.get("/")(index)
    (answer,) = ask(app, "GET /")
    assert (answer.status, answer.text) == (200, "hello")
    assert told.phases == ["begin", "match", "answer", "end", "exit"]
    (logged,) = [record for record in caplog.records if record.name == "fenrir.observer"]
    assert logged.getMessage() == f"The observer 'broken' failed (on_{phase})."


@pytest.mark.parametrize("prefix", ["/inner", ""])
@pytest.mark.parametrize("is_inner_observed", [True, False])
def test_fenrir_observers_are_told_the_routes_of_mounted_apps(prefix: str, is_inner_observed: bool) -> None:
    outer, inner = Told("outer"), Told("inner")
    child = make_app([inner] if is_inner_observed else [])
    child.get("/y/{n}")(index)
    app = make_app([outer])
    app.mount(prefix, child)
    ask(app, "GET " + prefix + "/y/1")
    template = prefix + "/y/{n}"
    assert (outer.one().template, outer.one().endpoint, outer.one().app) == (template, index, child)
    if is_inner_observed:
        assert (inner.one().template, inner.one().outer, outer.one().outer) == (template, outer.one(), None)


def test_fenrir_observers_are_told_the_routes_of_an_app_in_a_mounted_app() -> None:
    told, middle, inner = Told(), make_app(), make_app()
    inner.get("/y")(index)
    middle.mount("", inner)
    app = make_app([told])
    app.mount("", middle)
    ask(app, "GET /y")
    assert (told.one().template, told.one().app) == ("/y", inner)


def test_fenrir_observers_are_told_the_mount_of_a_foreign_app() -> None:
    async def foreign(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"legacy"})

    app, told = observed()
    app.mount("/legacy", foreign)
    ask(app, "GET /legacy/a/b")
    seen = told.one()
    assert (seen.template, seen.route, seen.endpoint, seen.app) == ("/legacy/*", None, foreign, app)
    assert (seen.status, seen.size) == (200, 6)


def test_fenrir_observers_keep_their_notes_in_the_state_and_set_the_context_of_the_request() -> None:
    tenant: ContextVar[Optional[str]] = ContextVar("tenant", default=None)
    found: List[Any] = []

    def fenrir_observers() -> Any:
        def begin(observation: Observation) -> None:
            observation.state["token"] = tenant.set("acme")

        def leave(observation: Observation) -> None:
            tenant.reset(observation.state["token"])

        yield Observer("tenant", on_begin=begin, on_exit=leave)

    def blocking() -> str:
        return str(tenant.get())

    app = make_app([plugin(fenrir_observers)])
    app.get("/")(blocking)

    async def main() -> None:
        async with Client(app) as client:
            found.append((await client.get("/")).text)
            found.append(tenant.get())

    asyncio.run(main())
    assert found == ["acme", None]


# ---------------------------------------------------------------- what it costs, and mistakes


def test_fenrir_observers_that_are_none_leave_the_servers_scope_alone() -> None:
    seen: List[Any] = []

    async def keep(request: Any) -> str:
        seen.append((request.scope, request.send))
        return ""

    app: App = make_app()
    app.get("/")(keep)

    async def main() -> None:
        lifespan = Server(app)
        await lifespan.startup()
        exchange = Exchange(app)
        exchange.feed()
        await exchange.finish()
        ((scope, send),) = seen
        assert scope is exchange.scope and send == exchange._send
        await lifespan.shutdown()

    run(main())


def test_fenrir_observers_must_be_synchronous() -> None:
    async def wait(observation: Observation) -> None: ...

    def fenrir_observers() -> Any:
        yield Observer("slow", on_end=wait)

    app = make_app([plugin(fenrir_observers)])
    with pytest.raises(BuildError, match=r"Observer 'slow', whose `on_end` is .*: it must be a synchronous function"):
        app.build()


def test_fenrir_observers_of_a_plugin_that_is_a_module_are_asked_with_the_build() -> None:
    def fenrir_observers(build: Any) -> Any:
        assert build.settings["derive_head"] is True
        return None

    app = make_app([SimpleNamespace(__name__="module", fenrir_observers=hookimpl(fenrir_observers))])
    app.get("/")(index)
    assert ask(app, "GET /")[0].text == "hello"
