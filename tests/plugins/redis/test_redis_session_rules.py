"""The rules of fenrir-security for sessions that are stored in Redis."""

from __future__ import annotations

import asyncio
from typing import Any, Dict

import pytest

from fenrir_core.testing import Client
from fenrir_redis import Session
from fenrir_security import rotate_session


class Clock:
    """The wall clock, which a test moves; Redis keeps its own."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("time.time", found)
    return found


def shop(make: Any, **settings: Any) -> Any:
    app = make(redis_sessions=True, redis_session_secure=False, **settings)

    @app.get("/login")
    async def login(session: Session) -> str:
        rotate_session()
        session["user"] = "ada"
        return "in"

    @app.get("/me")
    async def me(session: Session) -> Dict[str, Any]:
        return {"user": session.get("user")}

    @app.get("/logout")
    async def logout(session: Session) -> str:
        session.clear()
        return "out"

    return app


def run(app: Any, steps: Any) -> None:
    async def main() -> None:
        async with Client(app) as client:
            await steps(client)

    asyncio.run(main())


async def user(client: Client) -> Any:
    return (await client.get("/me")).json()["user"]


def test_a_session_ends_when_it_is_not_used(make: Any, clock: Clock, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        for _ in range(3):
            clock.now += 50
            assert await user(client) == "ada"
        clock.now += 60
        assert await user(client) is None
        assert redis_server.keys("*session*") == []

    run(shop(make, session_idle=60), steps)


def test_a_session_ends_a_while_after_the_log_in_however_much_it_is_used(make: Any, clock: Clock) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        for _ in range(3):
            clock.now += 33
            assert await user(client) == "ada"
        clock.now += 1
        assert await user(client) is None

    run(shop(make, session_lifetime=100), steps)


@pytest.mark.parametrize("settings", [{}, {"session_lifetime": 100}])
def test_rotating_moves_the_session_to_a_new_id(make: Any, settings: Dict[str, int], redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        old = dict(client.cookies)
        await client.get("/login")
        assert await user(client) == "ada" and len(redis_server.keys("*session*")) == 1
        client.cookies.update(old)
        assert await user(client) is None

    run(shop(make, **settings), steps)


def test_an_emptied_session_leaves_nothing(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        await client.get("/login")
        await client.get("/logout")
        assert redis_server.keys("*session*") == [] and dict(client.cookies) == {}

    run(shop(make, session_lifetime=100), steps)
