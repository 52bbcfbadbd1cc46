"""What a task sees that a request has started and that continues after its end."""

from __future__ import annotations

import asyncio
from typing import Any, List

from fenrir import Fenrir, g, session
from fenrir import request as flask_request
from fenrir_core.testing import Client
from fenrir_sanic import Request


def answer_of_a_task(look: Any, prepare: Any) -> Any:
    """Let a task of a request read something after the request has ended; return what it read."""
    app = Fenrir(secret_key="of the tests")
    found: List[Any] = []
    ended = asyncio.Event

    @app.get("/start")
    async def start(request: Request) -> str:
        prepare()

        async def later() -> None:
            await over.wait()
            found.append(look())

        tasks.append(asyncio.ensure_future(later()))
        return "started"

    async def main() -> None:
        nonlocal over
        over = ended()
        async with Client(app) as client:
            assert (await client.get("/start?name=Ada")).text == "started"
            over.set()
            await asyncio.gather(*tasks)

    tasks: List[Any] = []
    over: Any = None
    asyncio.run(main())
    return found[0]


def test_g_holds_what_the_request_has_put_there() -> None:
    def prepare() -> None:
        g.user = "fenris"

    assert answer_of_a_task(lambda: g.user, prepare) == "fenris"


def test_the_request_can_still_be_read() -> None:
    assert answer_of_a_task(lambda: flask_request.args["name"], lambda: None) == "Ada"


def test_the_ctx_of_sanics_request_holds_what_the_request_has_put_there() -> None:
    def prepare() -> None:
        Request.get_current().ctx.user = "fenris"

    assert answer_of_a_task(lambda: Request.get_current().ctx.user, prepare) == "fenris"


def test_the_session_is_as_the_request_has_left_it() -> None:
    def prepare() -> None:
        session["user"] = "fenris"

    assert answer_of_a_task(lambda: session["user"], prepare) == "fenris"
