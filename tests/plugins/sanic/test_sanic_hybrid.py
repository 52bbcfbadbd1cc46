"""Sanic's listeners, middleware and tasks in the hybrid app."""

from __future__ import annotations

import asyncio
import logging
import runpy
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, AsyncIterator, Callable, List

import httpx
import pytest

from fenrir_core import BuildError, Fenrir, Response, WebSocket
from fenrir_core.exceptions import StartupFailed
from fenrir_sanic import Forbidden, Request, Sanic

SNIPPET = Path(__file__).resolve().parents[2] / "documentation" / "sanic_paradigm.py"


def hybrid(*paradigms: str) -> Fenrir:
    return Fenrir(paradigms=["sanic", *paradigms])


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    await app.lifespan_manager.start()
    try:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client
    finally:
        await app.lifespan_manager.stop()


def ask(app: Any, method: str, path: str, **kwargs: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        async with served(app) as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(run())


def live(app: Any, during: Callable[[], Any] = lambda: None) -> None:
    async def run() -> None:
        async with served(app):
            await asyncio.sleep(0)
            value = during()
            if asyncio.iscoroutine(value):
                await value

    asyncio.run(run())


# -------------------------------------------------------------------- listeners


def test_the_documentations_listeners_and_task_run(capsys: pytest.CaptureFixture[str]) -> None:
    live(runpy.run_path(str(SNIPPET))["app"])
    assert capsys.readouterr().out == "Database connection initiated!\nPolling metrics...\n"


def test_the_six_phases_run_in_order_and_stop_in_reverse_order_of_registration() -> None:
    app, seen = hybrid(), []
    for phase in (
        "main_process_stop", "after_server_stop", "before_server_stop",
        "after_server_start", "before_server_start", "main_process_start",
    ):  # fmt: skip
        for number in (1, 2):

            def note(app: Any, phase: str = phase, number: int = number) -> None:
                seen.append((phase, number))

            app.register_listener(note, phase)
    live(app, lambda: seen.append(("serving", 0)))
    assert seen == [
        ("main_process_start", 1), ("main_process_start", 2),
        ("before_server_start", 1), ("before_server_start", 2),
        ("after_server_start", 1), ("after_server_start", 2),
        ("serving", 0),
        ("before_server_stop", 2), ("before_server_stop", 1),
        ("after_server_stop", 2), ("after_server_stop", 1),
        ("main_process_stop", 2), ("main_process_stop", 1),
    ]  # fmt: skip


def test_an_unknown_phase_is_an_error_at_decoration_with_the_nearest() -> None:
    with pytest.raises(BuildError, match="Did you mean before_server_start"):
        hybrid().listener("before_server_strat")


def test_a_listener_without_phase_is_an_error_with_the_remedy() -> None:
    with pytest.raises(BuildError, match=r"needs arguments: write @app\.listener\('before_server_start'\)"):
        hybrid().listener(lambda app: None)


def test_a_listener_may_take_the_loop_too() -> None:
    app, seen = hybrid(), []

    @app.listener("before_server_start")
    async def note(app_inst: Any, loop: Any) -> None:
        seen.append((app_inst is app, loop is asyncio.get_running_loop()))

    live(app)
    assert seen == [(True, True)]


def test_a_listener_may_have_dependencies() -> None:
    from fenrir_fastapi import Depends

    app, seen = hybrid("fastapi"), []

    async def database() -> AsyncIterator[str]:
        seen.append("open")
        yield "db"
        seen.append("closed")

    @app.listener("before_server_start")
    async def note(app_inst: Any, db: str = Depends(database)) -> None:
        seen.append(db)

    live(app)
    assert seen == ["open", "db", "closed"]


def test_a_failing_listener_stops_the_start_with_its_name_and_phase() -> None:
    app = hybrid()

    @app.listener("before_server_start")
    async def connect(app: Any) -> None:
        raise OSError("no route to host")

    with pytest.raises(StartupFailed, match="before_server_start listener .*connect failed: OSError: no route to host"):
        live(app)


def test_the_stop_phases_run_whose_start_phase_had_begun() -> None:
    app, seen = hybrid(), []

    @app.listener("before_server_start")
    async def connect(app: Any) -> None:
        raise OSError

    for phase in ("before_server_stop", "after_server_stop", "main_process_stop"):
        app.register_listener(lambda app, phase=phase: seen.append(phase), phase)
    with pytest.raises(StartupFailed):
        live(app)
    assert seen == ["after_server_stop", "main_process_stop"]


def test_a_stop_listener_that_fails_is_logged_and_does_not_keep_the_others(caplog: pytest.LogCaptureFixture) -> None:
    app, seen = hybrid(), []
    app.register_listener(lambda app: seen.append("ran"), "before_server_stop")

    @app.listener("before_server_stop")
    def broken(app: Any) -> None:
        raise OSError

    live(app)
    assert seen == ["ran"]
    assert "broken" in caplog.text


def test_a_listener_after_the_start_is_an_error() -> None:
    app = hybrid()

    async def scenario() -> None:
        async with app.lifespan():
            with pytest.raises(BuildError, match="the listener .* can't be added: .* started"):
                app.register_listener(lambda app: None, "before_server_start")

    asyncio.run(scenario())


# -------------------------------------------------------------------- middleware


def order_app(seen: List[str]) -> Fenrir:
    app = hybrid()

    @app.middleware("request")
    async def first(request: Any) -> None:
        seen.append("first")

    @app.middleware
    def second(request: Any) -> None:
        seen.append("second")

    @app.on_request(priority=1)
    async def urgent(request: Any) -> None:
        seen.append("urgent")

    @app.middleware("response")
    async def inner_after(request: Any, response: Any) -> None:
        seen.append("registered first")

    @app.on_response
    def outer_after(request: Any, response: Any) -> None:
        seen.append("registered last")

    @app.get("/")
    async def home() -> str:
        seen.append("handler")
        return "home"

    return app


def test_middleware_runs_in_order_of_registration_priority_first_and_back_in_reverse() -> None:
    seen: List[str] = []
    ask(order_app(seen), "GET", "/")
    assert seen == ["urgent", "first", "second", "handler", "registered last", "registered first"]


def test_middleware_runs_for_unknown_paths_and_methods() -> None:
    seen: List[str] = []
    app = order_app(seen)
    assert ask(app, "GET", "/nowhere").status_code == 404
    assert seen == ["urgent", "first", "second", "registered last", "registered first"]


def test_a_request_middleware_that_returns_ends_the_request_and_response_middleware_runs() -> None:
    app, seen = hybrid(), []

    @app.middleware("request")
    async def guard(request: Any) -> Any:
        return {"stopped": True}, 403

    @app.middleware("response")
    async def stamp(request: Any, response: Any) -> None:
        response.headers["x-stamp"] = "yes"

    @app.get("/")
    async def home() -> None:
        seen.append("handler")

    answer = ask(app, "GET", "/")
    assert (answer.status_code, answer.json(), answer.headers["x-stamp"]) == (403, {"stopped": True}, "yes")
    assert seen == []


def test_a_response_middleware_may_return_another_response() -> None:
    app = hybrid()

    @app.middleware("response")
    async def other(request: Any, response: Any) -> Response:
        return Response(b"other " + response.body)

    @app.get("/")
    async def home() -> str:
        return "home"

    assert ask(app, "GET", "/").text == "other home"


def test_middleware_guards_the_routes_of_other_paradigms() -> None:
    app = hybrid("falcon")

    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = "secret"

    @app.middleware("request")
    async def guard(request: Request) -> None:
        if request.token != "letmein":
            raise Forbidden("No.")

    app.add_route("/", Thing())
    refused = ask(app, "GET", "/")
    assert (refused.status_code, refused.json()) == (403, {"detail": "No."})
    assert ask(app, "GET", "/", headers={"authorization": "Bearer letmein"}).text == "secret"


def test_middleware_guards_websockets_too() -> None:
    app, sent = hybrid(), []

    @app.middleware("request")
    async def guard(request: Any) -> Any:
        return Response("no", 401)

    @app.websocket("/ws")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b"", "subprotocols": []}
    asyncio.run(app(scope, receive, send))
    assert sent == ["websocket.close"]


def test_the_request_of_middleware_and_handler_is_one() -> None:
    app = hybrid()

    @app.middleware("request")
    def mark(request: Any) -> None:
        request.ctx.user = "ada"

    @app.get("/me")
    async def me(request: Request) -> Any:
        return {"user": request.ctx.user}

    assert ask(app, "GET", "/me").json() == {"user": "ada"}


def test_an_unknown_middleware_kind_is_an_error_at_decoration() -> None:
    with pytest.raises(BuildError, match="There is no middleware kind 'requests'"):
        hybrid().middleware("requests")


def test_fastapis_kind_of_middleware_is_left_to_fastapi() -> None:
    with pytest.raises(BuildError, match="fits none of the plugins"):
        hybrid().middleware("http")


# -------------------------------------------------------------------- tasks


def test_a_coroutine_that_is_added_before_the_start_runs_after_the_listeners() -> None:
    app, seen = hybrid(), []

    async def work() -> None:
        seen.append("task")

    app.add_task(work())

    @app.listener("after_server_start")
    async def last(app: Any) -> None:
        seen.append("listener")

    live(app, lambda: asyncio.sleep(0))
    assert seen == ["listener", "task"]


def test_a_task_function_may_take_the_app() -> None:
    app, seen = hybrid(), []

    async def work(app_inst: Any) -> None:
        seen.append(app_inst is app)

    app.add_task(work)
    live(app, lambda: asyncio.sleep(0))
    assert seen == [True]


def test_tasks_are_cancelled_and_awaited_at_the_stop() -> None:
    app, seen = hybrid(), []

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            seen.append("ended")

    app.add_task(forever())
    live(app, lambda: asyncio.sleep(0))
    assert seen == ["ended"]


def test_the_failure_of_a_task_is_logged_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    app = hybrid()

    async def broken() -> None:
        raise OSError("lost")

    app.add_task(broken(), name="poller")
    with caplog.at_level(logging.ERROR):
        live(app, lambda: asyncio.sleep(0))
    assert "The task 'poller' failed" in caplog.text


def test_a_named_task_can_be_found_and_cancelled() -> None:
    app = hybrid()

    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    async def during() -> None:
        task = app.add_task(forever(), name="poller")
        assert app.get_task("poller") is task
        assert task.get_name() == "poller"
        await asyncio.sleep(0)
        await app.cancel_task("poller")
        assert task.cancelled()
        assert app.get_task("poller", raise_exception=False) is None

    live(app, during)


@pytest.mark.parametrize("make", [hybrid, lambda: Sanic("tasks")], ids=["hybrid", "Sanic"])
def test_a_task_that_failed_is_begun_again_when_it_was_added_so(make: Callable[[], Any]) -> None:
    app = make()
    runs: List[str] = []

    async def flaky() -> None:
        runs.append("run")
        if len(runs) == 1:
            raise ConnectionError

    async def during() -> None:
        task = app.add_task(flaky, name="flaky", on_error="restart")
        await asyncio.wait_for(task, 5)

    live(app, during)
    assert runs == ["run", "run"]


def test_a_task_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    with pytest.raises(LookupError, match="no task 'x'"):
        hybrid().get_task("x")


def test_a_name_is_taken_by_one_running_task_only() -> None:
    app = hybrid()

    async def nothing() -> None: ...

    first, second = nothing(), nothing()
    app.add_task(first, name="a")
    with pytest.raises(BuildError, match="named 'a' already"):
        app.add_task(second, name="a")
    first.close()
    second.close()


def test_what_is_no_task_is_refused() -> None:
    with pytest.raises(BuildError, match="is a coroutine or a function"):
        hybrid().add_task(3)


# -------------------------------------------------------------------- the request


def test_the_request_view_has_sanics_names() -> None:
    app = hybrid()

    @app.post("/things/{number:int}")
    async def thing(request: Request, number: int) -> Any:
        return {
            "args": request.args.get("a"),
            "all": request.args.getlist("a"),
            "json": request.json,
            "body": request.body.decode(),
            "method": request.method,
            "path": request.path,
            "token": request.token,
            "match": request.match_info,
            "cookie": request.cookies.get("c"),
            "url": request.url,
            "template": request.uri_template,
        }

    headers = {"authorization": "Bearer t", "cookie": "c=1"}
    assert ask(app, "POST", "/things/3?a=1&a=2", content=b"[1]", headers=headers).json() == {
        "args": "1",
        "all": ["1", "2"],
        "json": [1],
        "body": "[1]",
        "method": "POST",
        "path": "/things/3",
        "token": "t",
        "match": {"number": 3},
        "cookie": "1",
        "url": "http://test/things/3?a=1&a=2",
        "template": "/things/{number:int}",
    }


def test_a_form_and_its_files_are_read() -> None:
    app = hybrid()

    @app.post("/")
    def upload(request: Request) -> Any:
        file = request.files.get("doc")
        return {"title": request.form.get("title"), "file": [file.name, file.type, file.body.decode()]}

    answer = ask(app, "POST", "/", data={"title": "T"}, files={"doc": ("a.txt", b"hello", "text/plain")})
    assert answer.json() == {"title": "T", "file": ["a.txt", "text/plain", "hello"]}


def test_malformed_json_is_400() -> None:
    app = hybrid()

    @app.post("/")
    async def home(request: Request) -> Any:
        return request.json

    assert ask(app, "POST", "/", content=b"{").status_code == 400
