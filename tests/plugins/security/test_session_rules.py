"""Sessions that end, and that get a new id at each log-in: in signed cookies of each kind, and in Redis."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List

import pytest
from tests.plugins.security.apps import KEY, drive

from fenrir import Fenrir, session
from fenrir_core import BuildError, Connection, NoRequest
from fenrir_core.authoring import opened_sessions
from fenrir_core.testing import Client
from fenrir_fastapi import FastAPI
from fenrir_fastapi import Request as FastAPIRequest
from fenrir_fastapi import WebSocket as FastAPIWebSocket
from fenrir_fastapi.middleware.sessions import SessionMiddleware
from fenrir_flask import Flask
from fenrir_security import rotate_session


class Clock:
    """The wall clock, which a test moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("time.time", found)
    return found


def _with_session(app: Any) -> Any:
    @app.route("/login")
    def login() -> str:
        session.permanent = True
        rotate_session(session)
        session["user"] = "ada"
        return "in"

    @app.route("/me")
    def me() -> str:
        return str(session.get("user"))

    @app.route("/logout")
    def logout() -> str:
        session.clear()
        return "out"

    @app.route("/forget")
    def forget() -> str:
        del session["user"], session["_permanent"]
        return "out"

    return app


def flask(**settings: Any) -> Any:
    return _with_session(Flask("sessions", secret_key=KEY, permanent_session_lifetime=10**6, **settings))


def hybrid(**settings: Any) -> Any:
    return _with_session(Fenrir(secret_key=KEY, permanent_session_lifetime=10**6, **settings))


def starlette(**settings: Any) -> Any:
    app = FastAPI(**settings)
    app.add_middleware(SessionMiddleware, secret_key=KEY, max_age=10**6)

    @app.get("/login")
    async def login(request: FastAPIRequest) -> str:
        rotate_session()
        request.session["user"] = "ada"
        return "in"

    @app.get("/me")
    async def me(request: FastAPIRequest) -> str:
        return str(request.session.get("user"))

    @app.get("/logout")
    async def logout(request: FastAPIRequest) -> str:
        request.session.clear()
        return "out"

    @app.get("/forget")
    async def forget(request: FastAPIRequest) -> str:
        del request.session["user"]
        return "out"

    return app


MAKERS: Dict[str, Callable[..., Any]] = {"flask": flask, "hybrid": hybrid, "starlette": starlette}
each_store = pytest.mark.parametrize("store", MAKERS)


async def text(client: Client, path: str) -> str:
    return (await client.get(path)).text.strip('"')


@each_store
def test_a_session_ends_when_it_is_not_used(store: str, clock: Clock) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        for _ in range(5):
            clock.now += 50
            assert await text(client, "/me") == "ada"
        clock.now += 60
        assert await text(client, "/me") == "None"

    drive(steps, MAKERS[store](session_idle=60))


@each_store
def test_a_session_ends_a_while_after_the_log_in_however_much_it_is_used(store: str, clock: Clock) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        for _ in range(5):
            clock.now += 19
            assert await text(client, "/me") == "ada"
        clock.now += 5
        assert await text(client, "/me") == "None"
        await client.get("/login")
        clock.now += 99
        assert await text(client, "/me") == "ada"

    drive(steps, MAKERS[store](session_lifetime=100))


@each_store
def test_an_ended_session_stays_ended_for_who_kept_the_cookie(store: str, clock: Clock) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        kept = dict(client.cookies)
        clock.now += 100
        assert await text(client, "/me") == "None"
        client.cookies.update(kept)
        assert await text(client, "/me") == "None"

    drive(steps, MAKERS[store](session_lifetime=100))


@each_store
@pytest.mark.parametrize("path", ["/logout", "/forget"])
def test_a_session_that_was_emptied_leaves_nothing(store: str, path: str, clock: Clock) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        answer = await client.get(path)
        assert "1970" in answer.headers["set-cookie"] and dict(client.cookies) == {}

    drive(steps, MAKERS[store](session_lifetime=100))


@each_store
def test_a_client_without_a_session_gets_none(store: str) -> None:
    async def steps(client: Client) -> None:
        assert "set-cookie" not in (await client.get("/me")).headers

    drive(steps, MAKERS[store](session_lifetime=100, session_idle=60))


@each_store
def test_a_session_of_before_the_rules_gets_its_time_at_its_next_use(store: str, clock: Clock) -> None:
    without, with_rules = MAKERS[store](), MAKERS[store](session_lifetime=100)

    async def main() -> None:
        async with Client(without) as before, Client(with_rules) as client:
            if store != "starlette":
                await before.get("/me")
            await before.get("/login")
            client.cookies.update(before.cookies)
            assert await text(client, "/me") == "ada"
            clock.now += 100
            assert await text(client, "/me") == "None"

    asyncio.run(main())


@pytest.mark.parametrize("stamp", ["yesterday", [1], [True, "x"], None])
def test_a_session_with_something_else_in_the_place_of_its_time_is_emptied(stamp: Any, clock: Clock) -> None:
    without, with_rules = hybrid(), hybrid(session_lifetime=100)

    @without.get("/other")
    def other() -> str:
        session.update(user="ada", _security=stamp)
        return "ok"

    async def main() -> None:
        async with Client(without) as before, Client(with_rules) as client:
            await before.get("/other")
            client.cookies.update(before.cookies)
            assert await text(client, "/me") == "None"

    asyncio.run(main())


def test_a_session_ends_for_websockets_too(clock: Clock) -> None:
    app = starlette(session_lifetime=100)

    @app.websocket("/ws")
    async def who(websocket: FastAPIWebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(str(websocket.session.get("user")))

    async def steps(client: Client) -> None:
        await client.get("/login")
        for user in ("ada", "None"):
            async with client.websocket("/ws") as socket:
                assert await socket.receive() == user
            clock.now += 100

    drive(steps, app)


@each_store
def test_rotating_signs_another_cookie_with_the_same_content(store: str) -> None:
    async def steps(client: Client) -> None:
        seen = set()
        for _ in range(3):
            await client.get("/login")
            seen.add(next(iter(client.cookies.values())))
            assert await text(client, "/me") == "ada"
        assert len(seen) == 3

    drive(steps, MAKERS[store]())


@pytest.mark.parametrize("store", ["flask", "hybrid"])
def test_without_a_session_given_all_that_are_open_are_rotated(store: str) -> None:
    app = MAKERS[store]()

    @app.route("/again")
    def again() -> str:
        session["seen"] = True
        rotate_session()
        return "ok"

    async def steps(client: Client) -> None:
        seen = set()
        for _ in range(3):
            await client.get("/again")
            seen.add(client.cookies["session"])
        assert len(seen) == 3

    drive(steps, app)


def test_where_no_session_is_open_the_error_says_so() -> None:
    app = Fenrir(secret_key=KEY)
    app.get("/")(lambda: rotate_session() or "ok")

    async def steps(_: Client) -> None:
        with pytest.raises(RuntimeError, match=r"GET /: rotate_session\(\) found no session. Use it before"):
            await Client(app).get("/")

    drive(steps, app)


def test_outside_a_request_there_is_no_session() -> None:
    with pytest.raises(NoRequest):
        rotate_session({})


@pytest.mark.parametrize("name", ["session_idle", "session_lifetime"])
@pytest.mark.parametrize("wrong", [0, -1, "soon"])
def test_a_time_that_is_none_is_an_error_when_it_is_set(name: str, wrong: Any) -> None:
    with pytest.raises(BuildError, match=f"'{name}' can't be"):
        Fenrir(**{name: wrong})


def test_a_plugin_can_ask_which_sessions_are_open() -> None:
    found: List[Any] = []
    app = Fenrir(secret_key=KEY)

    @app.get("/")
    def index(connection: Connection) -> str:
        session["a"] = 1
        found.extend(opened_sessions(connection))
        return "ok"

    async def steps(client: Client) -> None:
        await client.get("/")

    drive(steps, app)
    assert [dict(each) for each in found] == [{"a": 1}]


def test_off_it_adds_nothing_to_a_route() -> None:
    app = hybrid()
    app.build()
    assert not [route.source for route in app.compiled_routes if "session_rules" in route.source]


@pytest.mark.parametrize("kind", ["compiled", "walk"])
def test_a_session_of_a_synchronous_flask_view_ends_though_nothing_rotated_it(kind: str, clock: Clock) -> None:
    class Walking(Flask):
        def dispatch_request(self, *args: Any) -> Any:
            return super().dispatch_request(*args)

    app = (Flask if kind == "compiled" else Walking)(__name__, session_lifetime=100, secret_key=KEY)

    @app.route("/in")
    def login() -> str:
        session["user"] = "ada"
        return "in"

    @app.route("/me")
    def me() -> str:
        return str(session.get("user"))

    async def steps(client: Client) -> None:
        await client.get("/in")
        assert await text(client, "/me") == "ada"
        clock.now += 101
        assert await text(client, "/me") == "None"

    drive(steps, app)
