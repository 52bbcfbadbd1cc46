"""A mount around which nothing runs answers as one with hooks does, though its route has no response object."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest
from tests.core.hooks import Steps

from fenrir_core import App, Call, Connection, HTTPError, RouteHook
from fenrir_core.authoring import current
from fenrir_core.http.scopes import http_scope

Messages = List[Dict[str, Any]]
Seen = Tuple[Messages, Optional[Tuple[type, str]]]
START = {"type": "http.response.start", "status": 200, "headers": [(b"x-mounted", b"1")]}
BODY = {"type": "http.response.body", "body": b"ok"}


async def plain(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)


async def trailing(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "trailers": True})
    await send(BODY)


async def numbered(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": HTTPStatus.CREATED})
    await send(BODY)


async def raises(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("before the start")


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    raise HTTPError(418)


async def breaks_off(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    raise ValueError("after the start")


async def forges(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "headers": [(b"x-forged", b"a\r\nb: c")]})


async def names_badly(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "headers": [(b"x forged", b"a")]})


async def is_silent(scope: Any, receive: Any, send: Any) -> None:
    pass


async def starts_twice(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)
    await send(START)


async def reads(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await plain(scope, receive, send)


async def reads_and_fails(scope: Any, receive: Any, send: Any) -> None:
    while True:
        if (await receive())["type"] == "http.disconnect":
            raise ValueError("gone")


async def starts_and_reads(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    while (await receive()).get("more_body"):
        pass
    await send(BODY)


async def adds_a_header(scope: Any, receive: Any, send: Any) -> None:
    def step(response: Any) -> None:
        response.headers["x-late"] = "1"

    current.get().on_response_start(step)
    await plain(scope, receive, send)


async def cleans_up(scope: Any, receive: Any, send: Any) -> None:
    async def close(error: Optional[BaseException]) -> None:
        await send({"type": "http.response.body", "body": f"{error!r}".encode()})

    current.get().add_cleanup(close)
    await send(START)


APPS = [
    plain, trailing, numbered, raises, refuses, breaks_off, forges, names_badly, is_silent, starts_twice, reads,
    reads_and_fails, starts_and_reads, adds_a_header, cleans_up,
]  # fmt: skip
PIECES: Messages = [{"type": "http.request", "body": b"x" * 40, "more_body": more} for more in (True, True, False)]


async def _nothing(connection: Connection) -> None:
    """Do nothing, before the mounted app."""


HOOK = RouteHook("nothing", Call(_nothing, "async"))


def served(mounted: Callable[..., Any], hooked: bool, method: str, headers: List[Tuple[bytes, bytes]]) -> Seen:
    """Return what a mount sends, and what it raises."""
    app = App(paradigms=(), autoload=False, plugins=[Steps(HOOK)] if hooked else [], max_body=100)

    async def without_lifespan(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError  # ASGI: the server must continue without lifespan
        await mounted(scope, receive, send)

    app.mount("/mounted", without_lifespan)
    sent: Messages = []
    pieces = iter([*PIECES, {"type": "http.disconnect"}])

    async def receive() -> Dict[str, Any]:
        return next(pieces)

    async def send(message: Any) -> None:
        sent.append(message)

    async def scenario() -> Optional[Tuple[type, str]]:
        async with app.lifespan():
            try:
                await app({**http_scope("/mounted/x", method), "headers": headers}, receive, send)
            except Exception as error:
                return type(error), str(error)
        return None

    return sent, asyncio.run(scenario())


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"120")], [(b"content-length", b"80")]], ids=str)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "ODD"])
@pytest.mark.parametrize("mounted", APPS, ids=[app.__name__ for app in APPS])
def test_a_mount_answers_alike_with_and_without_a_step_before_it(
    mounted: Callable[..., Any], method: str, headers: List[Tuple[bytes, bytes]]
) -> None:
    bare, hooked = (served(mounted, is_hooked, method, headers) for is_hooked in (False, True))
    assert bare == hooked


@pytest.mark.parametrize(
    ("mounted", "status"),
    [(raises, 500), (refuses, 418), (forges, 500), (names_badly, 500), (reads_and_fails, 413), (reads, 413)],
)
def test_what_a_mounted_app_may_not_send_is_refused_where_nothing_runs_around_it(
    mounted: Callable[..., Any], status: int
) -> None:
    sent, _ = served(mounted, False, "POST", [])
    assert sent[0]["status"] == status


def test_a_head_over_the_limits_never_reaches_a_mounted_app() -> None:
    sent, _ = served(plain, False, "GET", [(b"x-long", b"x" * 70_000)])
    assert [message.get("status") for message in sent] == [431, None]


def test_a_mounted_app_may_add_steps_and_clean_up_where_nothing_runs_around_it() -> None:
    with_step, _ = served(adds_a_header, False, "GET", [])
    assert with_step[0]["headers"] == [(b"x-mounted", b"1"), (b"x-late", b"1")]
    cleaned, _ = served(cleans_up, False, "GET", [])
    assert cleaned[-1]["body"] == b"None"
