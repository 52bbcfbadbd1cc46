"""Sessions in Redis."""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from typing import Any, Dict, List, Optional
from urllib.parse import unquote

import pytest

from fenrir_core import BuildError, HTTPError, NoRequest, Request, StreamingResponse, WebSocket
from fenrir_core.testing import Client
from fenrir_redis import Session, open_session, rate_limit

COOKIE = "__Host-session"


class Browser:
    """A client that keeps the session cookie between requests, so that a test can read and change it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookie: Optional[str] = None
        self.sent: List[str] = []

    async def get(self, path: str) -> Any:
        self.client.cookies.clear()  # two browsers may share the client
        headers = {} if self.cookie is None else {"cookie": f"{COOKIE}={self.cookie}"}
        answer = await self.client.get(path, headers=headers)
        self.sent = [text for text in answer.headers.getlist("set-cookie") if text.startswith(COOKIE)]
        for text in self.sent:
            value = text.split(";")[0].split("=", 1)[1]
            self.cookie = value or None
        return answer


def routes(app: Any) -> Any:
    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    @app.get("/read")
    async def read(session: Session) -> Dict[str, Any]:
        return dict(session)

    @app.get("/write/{name}")
    async def write(session: Session, name: str) -> str:
        session["name"] = name
        return "ok"

    @app.get("/append/{item}")
    async def append(session: Session, item: str) -> str:
        session.setdefault("items", []).append(item)
        return "ok"

    @app.get("/login")
    async def login(session: Session) -> str:
        session.rotate()
        session["user"] = "ada"
        return "ok"

    @app.get("/logout")
    async def logout(session: Session) -> str:
        session.clear()
        return "ok"

    return app


def run(app: Any, steps: Any, **options: Any) -> None:
    async def main() -> None:
        async with Client(app, **options) as client:
            await steps(Browser(client))

    asyncio.run(main())


def test_what_is_put_in_is_there_in_the_next_request(make: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        assert (await browser.get("/read")).json() == {"name": "ada"}

    run(routes(make(redis_sessions=True)), steps)


def test_the_cookie_has_an_opaque_id_and_safe_attributes(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada@home")
        attributes = set(browser.sent[0].split("; ")[1:])
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"} <= attributes
        assert len(browser.cookie or "") == 43
        assert "ada@home" not in unquote(browser.sent[0])
        # reading the database is not enough to take the session over
        assert [browser.cookie in key for key in redis_server.keys()] == [False]

    run(routes(make(redis_sessions=True)), steps)


def test_a_route_that_does_not_use_the_session_asks_redis_for_nothing(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        before = redis_server.calls()
        answer = await browser.get("/plain")
        assert (redis_server.calls(), answer.headers.getlist("vary")) == (before, [])

    run(routes(make(redis_sessions=True)), steps)


def test_a_client_without_a_session_that_only_reads_costs_redis_nothing(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        before = redis_server.calls()
        assert (await browser.get("/read")).json() == {}
        assert (redis_server.calls(), browser.sent, redis_server.keys()) == (before, [], [])

    run(routes(make(redis_sessions=True)), steps)


def test_a_session_that_did_not_change_is_read_and_not_written(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        before = redis_server.calls()
        answer = await browser.get("/read")
        assert redis_server.calls() - before == 2  # GET and PTTL, in one round trip
        assert (browser.sent, answer.headers["vary"]) == ([], "Cookie")

    run(routes(make(redis_sessions=True)), steps)


def test_a_change_deep_inside_is_noticed(make: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/append/a")
        await browser.get("/append/b")
        assert (await browser.get("/read")).json() == {"items": ["a", "b"]}

    run(routes(make(redis_sessions=True)), steps)


def test_rotate_gives_a_new_id_and_ends_the_old_one(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        old = browser.cookie
        await browser.get("/login")
        assert browser.cookie != old
        assert (await browser.get("/read")).json() == {"name": "ada", "user": "ada"}
        browser.cookie = old
        assert (await browser.get("/read")).json() == {}
        assert len(redis_server.keys()) == 1

    run(routes(make(redis_sessions=True)), steps)


def test_clear_deletes_the_key_and_the_cookie(make: Any, redis_server: Any, caplog: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        await browser.get("/logout")
        assert "Max-Age=0" in browser.sent[0]
        assert (browser.cookie, redis_server.keys()) == (None, [])

    with caplog.at_level(logging.WARNING):
        run(routes(make(redis_sessions=True)), steps)
    assert caplog.text == ""


def test_clear_deletes_the_cookie_of_a_session_that_has_ended(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        redis_server.say("FLUSHALL")
        await browser.get("/logout")
        assert "Max-Age=0" in browser.sent[0]
        await browser.get("/logout")
        assert browser.sent == []

    run(routes(make(redis_sessions=True)), steps)


def test_what_is_put_in_after_clear_gets_a_new_id(make: Any, redis_server: Any) -> None:
    app = routes(make(redis_sessions=True))

    @app.get("/again")
    async def again(session: Session) -> str:
        session.clear()
        session["name"] = "bob"
        return "ok"

    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        old = browser.cookie
        await browser.get("/again")
        assert browser.cookie not in (old, None)
        assert len(redis_server.keys()) == 1

    run(app, steps)


@pytest.mark.parametrize("planted", ["A" * 43, "short", "x" * 5000, "../../etc", "A" * 42 + "%"])
def test_an_id_that_redis_does_not_know_is_never_adopted(make: Any, redis_server: Any, planted: str) -> None:
    async def steps(browser: Browser) -> None:
        browser.cookie = planted
        assert (await browser.get("/read")).json() == {}
        assert browser.sent == []  # the cookie may be that of a request that a concurrent log-in overtook
        await browser.get("/write/ada")
        assert browser.cookie not in (planted, None)

    run(routes(make(redis_sessions=True)), steps)


def test_a_session_expires(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        (key,) = redis_server.keys()
        assert 55 < int(redis_server.say("TTL", key)[1:]) <= 60
        redis_server.say("PEXPIRE", key, "1")
        await redis_server.until(lambda: not redis_server.keys())
        assert (await browser.get("/read")).json() == {}

    run(routes(make(redis_sessions=True, redis_session_lifetime=60)), steps)


@pytest.mark.parametrize("path", ["/read", "/write/bob"])
def test_use_renews_a_session_that_rolls(make: Any, redis_server: Any, path: str) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        (key,) = redis_server.keys()
        redis_server.say("EXPIRE", key, "30")
        await browser.get(path)
        assert int(redis_server.say("TTL", key)[1:]) > 55
        assert "Max-Age=60" in browser.sent[0]

    run(routes(make(redis_sessions=True, redis_session_lifetime=60)), steps)


@pytest.mark.parametrize("path", ["/read", "/write/bob"])
def test_a_session_that_does_not_roll_ends_at_its_time(make: Any, redis_server: Any, path: str) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        (key,) = redis_server.keys()
        redis_server.say("EXPIRE", key, "30")
        await browser.get(path)
        assert int(redis_server.say("TTL", key)[1:]) <= 30
        assert browser.sent == []

    run(routes(make(redis_sessions=True, redis_session_lifetime=60, redis_session_rolling=False)), steps)


def test_a_log_out_is_not_undone_by_a_request_that_was_under_way(make: Any, redis_server: Any) -> None:
    app = routes(make(redis_sessions=True))
    reached, go_on = asyncio.Event, asyncio.Event
    events: Dict[str, asyncio.Event] = {}

    @app.get("/slow")
    async def slow(session: Session) -> str:
        events["reached"].set()
        await events["go on"].wait()
        session["late"] = True
        return "ok"

    async def steps(browser: Browser) -> None:
        events.update({"reached": reached(), "go on": go_on()})
        await browser.get("/write/ada")
        other = Browser(browser.client)
        other.cookie = browser.cookie
        task = asyncio.ensure_future(other.get("/slow"))
        await events["reached"].wait()
        await browser.get("/logout")
        events["go on"].set()
        assert (await task).status == 200
        assert (redis_server.keys(), other.sent) == ([], [])

    run(app, steps)


def test_a_step_that_loads_the_session_keeps_the_one_that_is_there(make: Any, redis_server: Any) -> None:
    app = make(redis_sessions=True)

    async def note(session: Session) -> str:
        session["noted"] = True
        return "all"

    @app.get("/", session=True, rate_limit=rate_limit("9/hour", key=note))
    async def index(session: Session) -> Dict[str, Any]:
        return session

    async def steps(browser: Browser) -> None:
        assert (await browser.get("/")).json() == {"noted": True}

    run(app, steps)


def test_dependencies_helpers_and_the_handler_share_one_session(make: Any, redis_server: Any) -> None:
    app = make(redis_sessions=True)

    @app.get("/")
    async def index(session: Session, request: Request) -> Dict[str, bool]:
        return {"helper": await open_session() is session, "scope": request.scope["session"] is session}

    async def steps(browser: Browser) -> None:
        assert (await browser.get("/")).json() == {"helper": True, "scope": True}

    run(app, steps)


def test_outside_of_requests_there_is_no_session(make: Any) -> None:
    app = make(redis_sessions=True)

    async def main() -> None:
        with pytest.raises(NoRequest):
            await open_session()
        async with Client(app), app.context() as scope:
            with pytest.raises(NoRequest):
                await scope.call(open_session)

    asyncio.run(main())


def test_it_is_saved_before_a_stream_begins(make: Any) -> None:
    app = routes(make(redis_sessions=True))

    @app.get("/stream")
    async def stream(session: Session) -> Any:
        async def pieces() -> Any:
            session["name"] = "first piece"
            yield b"one"
            yield b"two"

        return StreamingResponse(pieces())

    async def steps(browser: Browser) -> None:
        await browser.get("/stream")
        assert (await browser.get("/read")).json() == {"name": "first piece"}

    run(app, steps)


def test_a_change_after_the_headers_were_sent_is_lost_and_logged(make: Any, caplog: Any) -> None:
    app = routes(make(redis_sessions=True))

    @app.get("/stream")
    async def stream(session: Session) -> Any:
        async def pieces() -> Any:
            yield b"one"
            session["name"] = "late"

        return StreamingResponse(pieces())

    async def steps(browser: Browser) -> None:
        await browser.get("/stream")
        assert (await browser.get("/read")).json() == {}

    with caplog.at_level(logging.WARNING, "fenrir.redis"):
        run(app, steps)
    assert "/stream: the session was changed after the headers were sent" in caplog.text


def test_a_session_is_saved_with_the_answer_to_an_error(make: Any) -> None:
    app = routes(make(redis_sessions=True))

    @app.get("/refused")
    async def refused(session: Session) -> None:
        session["attempts"] = session.get("attempts", 0) + 1
        raise HTTPError(403)

    async def steps(browser: Browser) -> None:
        await browser.get("/refused")
        assert (await browser.get("/refused")).status == 403
        assert (await browser.get("/read")).json() == {"attempts": 2}

    run(app, steps)


def test_a_value_that_is_no_json_is_an_error_that_names_its_key(make: Any, caplog: Any) -> None:
    app = make(redis_sessions=True)

    @app.get("/")
    async def index(session: Session) -> str:
        session["today"] = date(2026, 1, 2)
        session["object"] = object()
        return "ok"

    async def steps(browser: Browser) -> None:
        assert (await browser.get("/")).status == 500

    run(app, steps, raise_errors=False)
    assert "session['object'] can't be stored" in caplog.text


def test_a_session_of_another_program_that_is_broken_is_taken_as_none(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        (key,) = redis_server.keys()
        redis_server.say("SET", key, "{broken")
        assert (await browser.get("/read")).json() == {}

    run(routes(make(redis_sessions=True)), steps)


def test_without_redis_a_route_that_needs_the_session_answers_503(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        redis_server.stop()
        assert (await browser.get("/read")).status == 503
        assert (await browser.get("/plain")).status == 200
        browser.cookie = None
        assert (await browser.get("/write/bob")).status == 503

    run(routes(make(redis_sessions=True)), steps)


def test_when_redis_is_back_sessions_work_again(make: Any, redis_server: Any) -> None:
    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        redis_server.stop()
        redis_server.start()
        assert (await browser.get("/read")).json() == {}  # nothing was persisted
        await browser.get("/write/bob")
        assert (await browser.get("/read")).json() == {"name": "bob"}

    run(routes(make(redis_sessions=True)), steps)


def test_a_websocket_reads_the_session(make: Any, caplog: Any) -> None:
    app = routes(make(redis_sessions=True))

    @app.websocket("/ws")
    async def socket(websocket: WebSocket, session: Session) -> None:
        await websocket.accept()
        await websocket.send_json(dict(session))
        session["late"] = True

    async def steps(browser: Browser) -> None:
        await browser.get("/write/ada")
        async with browser.client.websocket("/ws", headers={"cookie": f"{COOKIE}={browser.cookie}"}) as session:
            assert await session.receive() == '{"name":"ada"}'

    with caplog.at_level(logging.WARNING, "fenrir.redis"):
        run(app, steps)
    assert "/ws: the session was changed after" in caplog.text


def test_a_cookie_for_plain_http_has_a_name_that_browsers_take(make: Any) -> None:
    async def steps(browser: Browser) -> None:
        answer = await browser.get("/write/ada")
        (sent,) = answer.headers.getlist("set-cookie")
        assert sent.startswith("session_id=") and "Secure" not in sent

    run(routes(make(redis_sessions=True, redis_session_secure=False)), steps)


@pytest.mark.parametrize(
    "settings",
    [
        {"redis_session_secure": False, "redis_session_cookie": "__Host-id"},
        {"redis_session_secure": False, "redis_session_samesite": "none"},
    ],
)
def test_settings_that_make_browsers_drop_the_cookie_are_a_build_error(make: Any, settings: Any) -> None:
    with pytest.raises(BuildError, match="session cookie contradict each other. .*secure=True"):
        routes(make(redis_sessions=True, **settings)).build()


def test_sessions_without_a_redis_are_a_build_error_that_says_what_to_do(make: Any) -> None:
    with pytest.raises(BuildError, match="'redis_sessions' is True, but no Redis is set.*FENRIR_REDIS_URL"):
        make(redis_sessions=True, redis_url=None).build()


@pytest.mark.parametrize("option", [True, False])
def test_a_route_that_wants_a_session_where_they_are_off_is_a_build_error(make: Any, option: bool) -> None:
    app = make()
    if option:
        app.get("/x", session=True)(lambda: "x")
    else:
        routes(app)
    with pytest.raises(BuildError, match="test_redis_sessions.py:.*Set redis_sessions=True"):
        app.build()
