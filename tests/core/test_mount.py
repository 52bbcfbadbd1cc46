"""Mounted ASGI apps: paths, lifespans, failures by name, apps in apps."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, AsyncIterator, Dict, List

import pytest
from tests.asgi import Server, Socket, ask, fetch, kernel_app, run
from tests.profiling import profiled

from fenrir_core import App, Request, WebSocket
from fenrir_core.http import json as codec
from fenrir_core.http.scopes import http_scope


class Foreign:
    """An ASGI app that knows nothing of Fenrir: it tells what it was called with."""

    def __init__(self, name: str = "foreign", fails: str = "", lifespan: bool = True) -> None:
        self.name, self.fails, self.lifespan = name, fails, lifespan
        self.events: List[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            if not self.lifespan:
                raise ValueError("unknown scope type")
            await self.live(scope, receive, send)
            return
        told = {key: scope.get(key) for key in ("path", "root_path", "type")}
        told["raw_path"] = scope["raw_path"].decode()
        told["state"] = dict(scope.get("state") or {})
        told["name"] = self.name
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": codec.dumps(told)})

    async def live(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        if self.fails == "start":
            await send({"type": "lifespan.startup.failed", "message": "no database"})
            return
        self.events.append("start")
        scope["state"][self.name] = "its state"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        self.events.append("stop")
        if self.fails == "stop":
            await send({"type": "lifespan.shutdown.failed", "message": "would not stop"})
        elif self.fails == "stop hard":
            raise RuntimeError("broke while stopping")
        else:
            await send({"type": "lifespan.shutdown.complete"})


def told(app: Any, path: str, **options: Any) -> Dict[str, Any]:
    answer = fetch(app, path=path, **options)
    assert (answer.status, answer.error) == (200, None)
    value = codec.loads(answer.body)
    assert isinstance(value, dict)
    return value


def naming(name: str) -> App:
    """Make an app that answers each path with its name and what it sees of the path."""
    app = kernel_app()

    @app.get("/{rest:path}")
    @app.get("/")
    async def read(request: Request) -> Any:
        return {"app": name, "root_path": request.root_path, "params": request.path_params, "path": request.path}

    return app


# ------------------------------------------------------------ paths


def test_a_mounted_app_gets_the_whole_path_and_the_prefix_as_root_path() -> None:
    app = kernel_app()
    app.mount("/sub", Foreign())
    got = told(app, "/sub/a%20b")
    assert (got["path"], got["root_path"], got["raw_path"]) == ("/sub/a b", "/sub", "/sub/a%20b")


@pytest.mark.parametrize("path", ["/sub", "/sub/", "/sub//x", "/sub/x/"])
def test_a_mount_answers_its_prefix_and_all_below(path: str) -> None:
    app = kernel_app()
    app.mount("/sub", Foreign())
    assert told(app, path)["path"] == path


@pytest.mark.parametrize("path", ["/", "/subs", "/su", "/x/sub", "/Sub"])
def test_a_mount_answers_nothing_else(path: str) -> None:
    app = kernel_app()
    app.mount("/sub/", Foreign())
    assert fetch(app, path=path).status == 404


def test_routes_precede_mounts_and_the_longest_prefix_wins() -> None:
    app = kernel_app()
    app.mount("", Foreign("root"))
    app.mount("/a", Foreign("a"))
    app.mount("/a/b", Foreign("ab"))

    @app.get("/a/route")
    async def route() -> Any:
        return {"name": "route"}

    names = [told(app, path)["name"] for path in ("/", "/x", "/a", "/a/x", "/a/b/c", "/a/route")]
    assert names == ["root", "root", "a", "a", "ab", "route"]


def test_a_mount_prefix_that_is_no_path_is_refused() -> None:
    with pytest.raises(Exception, match="must start with '/'"):
        kernel_app().mount("sub", Foreign())


def test_something_that_is_no_app_is_refused_at_the_build_with_the_place() -> None:
    app = kernel_app()
    app.mount("/sub", object())
    with pytest.raises(Exception, match=r"test_mount.py:\d+: object mounted at '/sub' is no ASGI app"):
        app.build()


# ------------------------------------------------------------ Fenrir in Fenrir


def test_an_app_in_an_app_in_an_app_sees_its_own_part_of_the_path() -> None:
    inner, middle, outer = naming("inner"), kernel_app(), kernel_app()
    middle.mount("/inner", inner)
    outer.mount("/middle", middle)
    got = told(outer, "/middle/inner/x/y")
    assert got == {
        "app": "inner",
        "root_path": "/middle/inner",
        "params": {"rest": "x/y"},
        "path": "/middle/inner/x/y",
    }


def test_an_encoded_slash_stays_in_a_value_also_in_a_mounted_app() -> None:
    inner, outer = kernel_app(), kernel_app()

    @inner.get("/{name}/end")
    async def read(request: Request) -> Any:
        return request.path_params

    outer.mount("/sub", inner)
    assert told(outer, "/sub/a%2Fb/end") == {"name": "a/b"}
    assert told(outer, "/sub/a%2fb%20c/end") == {"name": "a/b c"}
    assert fetch(outer, path="/sub/a/b/end").status == 404


def test_a_prefix_with_letters_that_are_encoded_in_paths_is_found() -> None:
    outer = kernel_app()
    outer.mount("/café", naming("inner"))
    assert told(outer, "/caf%C3%A9/a%2Fb") == {
        "app": "inner",
        "root_path": "/café",
        "params": {"rest": "a/b"},
        "path": "/café/a/b",
    }


def test_a_mounted_apps_slash_redirect_keeps_the_prefix() -> None:
    inner, outer = kernel_app(), kernel_app()

    @inner.get("/page")
    async def page() -> Any:
        return "page"

    outer.mount("/sub", inner)
    answer = fetch(outer, path="/sub/page/", query="a=1")
    assert (answer.status, answer.headers["location"]) == (308, "/sub/page?a=1")


def test_an_inner_404_is_the_inner_apps() -> None:
    inner, outer = kernel_app(), kernel_app()
    inner.add_exception_handler(404, lambda request, error: ("inner 404", 404))
    outer.add_exception_handler(404, lambda request, error: ("outer 404", 404))
    outer.mount("/sub", inner)
    assert [fetch(outer, path=path).text for path in ("/sub/x", "/x")] == ["inner 404", "outer 404"]


def test_a_websocket_goes_to_the_mounted_app() -> None:
    inner, outer = kernel_app(), kernel_app()

    @inner.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.root_path)

    outer.mount("/sub", inner)

    async def scenario() -> List[Any]:
        socket = Socket(outer, "/sub/talk")
        await socket.finish()
        return list(socket.heard)

    assert run(scenario()) == ["/sub"]


# ------------------------------------------------------------ a prefix that a proxy adds


@pytest.mark.parametrize("path", ["/api/v1/items/a%2Fb", "/items/a%2Fb"])
def test_behind_a_prefix_the_path_may_come_with_or_without_it(path: str) -> None:
    app = kernel_app()

    @app.get("/items/{name}")
    async def read(request: Request) -> Any:
        return {"name": request.path_params["name"], "root_path": request.root_path}

    assert told(app, path, scope={"root_path": "/api/v1"}) == {"name": "a/b", "root_path": "/api/v1"}


def test_a_root_path_with_a_slash_at_its_end_is_the_same_prefix() -> None:
    app = kernel_app()
    app.mount("/sub", naming("inner"))
    assert told(app, "/api/sub/x", scope={"root_path": "/api/"})["root_path"] == "/api/sub"
    assert told(app, "/api/sub/x", scope={"root_path": "/api/"})["params"] == {"rest": "x"}


def test_a_path_that_only_begins_like_the_prefix_is_not_cut() -> None:
    app = kernel_app()

    @app.get("/apis/{name}")
    async def read(request: Request) -> Any:
        return request.path_params

    assert told(app, "/apis/x", scope={"root_path": "/api"}) == {"name": "x"}


@pytest.mark.parametrize("path", ["/sub/x", "/api/sub/x"])
def test_a_mounted_app_behind_a_prefix_finds_its_routes(path: str) -> None:
    outer = kernel_app()
    outer.mount("/sub", naming("inner"))
    assert told(outer, path, scope={"root_path": "/api"})["params"] == {"rest": "x"}


# ------------------------------------------------------------ lifespans


def test_a_mounted_apps_lifespan_runs_inside_the_apps_own() -> None:
    foreign, app = Foreign(), kernel_app()
    app.mount("/sub", foreign)

    async def scenario() -> None:
        server = Server(app)
        assert (await server.startup())["type"] == "lifespan.startup.complete"
        assert foreign.events == ["start"]
        assert (await server.shutdown())["type"] == "lifespan.shutdown.complete"

    run(scenario())
    assert foreign.events == ["start", "stop"]


def test_a_mounted_app_has_its_lifespan_state_and_no_other_apps() -> None:
    app = kernel_app()
    app.mount("/one", Foreign("one"))
    app.mount("/two", Foreign("two"))

    async def scenario() -> None:
        server = Server(app)
        await server.startup()
        states = [codec.loads((await server.ask(path=path)).body)["state"] for path in ("/one", "/two")]
        assert states == [{"one": "its state"}, {"two": "its state"}]
        await server.shutdown()

    run(scenario())


def test_a_mounted_app_sees_the_apps_state_beside_its_own() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[Dict[str, Any]]:
        yield {"db": "outer"}

    app = kernel_app(lifespan=lifespan)
    app.mount("/sub", Foreign("sub"))

    async def scenario() -> None:
        server = Server(app)
        await server.startup()
        assert codec.loads((await server.ask(path="/sub")).body)["state"] == {"db": "outer", "sub": "its state"}
        await server.shutdown()

    run(scenario())


def test_a_mounted_app_without_a_lifespan_is_left_alone() -> None:
    app = kernel_app()
    app.mount("/sub", Foreign(lifespan=False))

    async def scenario() -> None:
        server = Server(app)
        assert (await server.startup())["type"] == "lifespan.startup.complete"
        assert (await server.ask(path="/sub/x")).status == 200
        assert (await server.shutdown())["type"] == "lifespan.shutdown.complete"

    run(scenario())


def test_a_mounted_app_that_fails_to_start_fails_the_start_by_its_prefix() -> None:
    first, app = Foreign(), kernel_app()
    app.mount("/first", first)
    app.mount("/second", Foreign(fails="start"))

    async def scenario() -> None:
        answer = await Server(app).startup()
        assert answer["type"] == "lifespan.startup.failed"
        assert "mount /second" in answer["message"] and "no database" in answer["message"]

    run(scenario())
    assert first.events == ["start", "stop"]


@pytest.mark.parametrize("how", ["stop", "stop hard"])
def test_a_mounted_app_that_fails_to_stop_is_logged_by_its_prefix(how: str, caplog: pytest.LogCaptureFixture) -> None:
    other, app = Foreign(), kernel_app()
    app.mount("/other", other)
    app.mount("/sub", Foreign(fails=how))

    async def scenario() -> None:
        server = Server(app)
        await server.startup()
        assert (await server.shutdown())["type"] == "lifespan.shutdown.complete"

    run(scenario())
    assert "mount /sub" in caplog.text
    assert other.events == ["start", "stop"]


def test_a_mounted_fenrir_app_is_started_with_the_outer_one_and_names_its_failure() -> None:
    events: List[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("stop")

    @contextlib.asynccontextmanager
    async def failing(app: App) -> AsyncIterator[None]:
        raise ConnectionError("no database")
        yield  # type: ignore[unreachable]

    outer = kernel_app()
    outer.mount("/good", kernel_app(lifespan=lifespan))

    async def scenario() -> None:
        server = Server(outer)
        await server.startup()
        assert events == ["start"]
        await server.shutdown()
        assert events == ["start", "stop"]
        broken = kernel_app()
        broken.mount("/bad", kernel_app(lifespan=failing))
        assert "mount /bad" in (await Server(broken).startup())["message"]

    run(scenario())


def test_without_lifespan_events_mounted_apps_are_started_at_the_first_request() -> None:
    foreign, app = Foreign(), kernel_app()
    app.mount("/sub", foreign)

    async def scenario() -> None:
        assert (await ask(app, path="/sub")).status == 200
        assert foreign.events == ["start"]

    run(scenario())
    assert foreign.events == ["start", "stop"]


def test_an_app_that_is_mounted_twice_is_started_once() -> None:
    foreign, app = Foreign(), kernel_app()
    app.mount("/v1", foreign)
    app.mount("/latest", foreign)

    async def scenario() -> None:
        server = Server(app)
        await server.startup()
        states = [codec.loads((await server.ask(path=path)).body)["state"] for path in ("/v1", "/latest")]
        assert states == [{"foreign": "its state"}] * 2
        await server.shutdown()

    run(scenario())
    assert foreign.events == ["start", "stop"]


def test_a_mounted_fenrir_app_is_stopped_when_the_event_loop_ends() -> None:
    events: List[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        yield
        events.append("stop")

    inner, outer = kernel_app(lifespan=lifespan), kernel_app()
    outer.mount("/sub", inner)
    assert fetch(outer, path="/sub/x").status == 404
    assert events == ["stop"]


# ------------------------------------------------------------ cost


def test_a_mounted_app_costs_a_few_calls_more_than_itself() -> None:
    """The calls of Python functions are counted, so that a busy machine changes nothing."""

    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ok"})

    app = kernel_app()
    app.mount("/mounted", mounted)
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sent: List[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def scenario() -> None:
        async with app.lifespan():
            await app(http_scope("/mounted/x"), send, send)  # the first request makes what is made once
            scope = http_scope("/mounted/x")
            with profiled(profile):
                await app(scope, send, send)

    asyncio.run(scenario())
    assert sent[-1]["body"] == b"ok"
    assert count <= 20
