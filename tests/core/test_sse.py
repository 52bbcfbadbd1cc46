"""Server-sent events: the format, the heartbeat, the error event."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Callable, List

import pytest
from tests.asgi import Exchange, fetch, kernel_app, run

from fenrir_core import EventSourceResponse, ServerSentEvent


def serving(content: Callable[[], Any], **options: Any) -> Any:
    app = kernel_app()

    @app.get("/")
    async def events() -> Any:
        return EventSourceResponse(content(), **options)

    return app


@pytest.mark.parametrize(
    ("event", "encoded"),
    [
        (ServerSentEvent("hello"), "data: hello\n\n"),
        (ServerSentEvent("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerSentEvent({"a": 1}), 'data: {"a":1}\n\n'),
        (ServerSentEvent(b"raw"), "data: raw\n\n"),
        (ServerSentEvent(""), "data: \n\n"),
        (ServerSentEvent(0), "data: 0\n\n"),
        (ServerSentEvent("x", event="tick", id="7", retry=500), "event: tick\nid: 7\nretry: 500\ndata: x\n\n"),
        (ServerSentEvent(comment="a\nb"), ": a\n: b\n\n"),
        (ServerSentEvent("é"), "data: é\n\n"),
    ],
)
def test_an_event_has_the_format_of_the_standard(event: ServerSentEvent, encoded: str) -> None:
    assert event.encode() == encoded.encode()


@pytest.mark.parametrize("field", ["event", "id"])
@pytest.mark.parametrize("evil", ["a\nb", "a\rb", "a\0b"])
def test_a_name_or_id_can_not_forge_a_line(field: str, evil: str) -> None:
    with pytest.raises(ValueError, match=field):
        ServerSentEvent("x", **{field: evil})  # type: ignore[arg-type]


def test_the_answer_is_an_event_stream_that_nobody_caches() -> None:
    answer = fetch(serving(lambda: ["a", {"b": 1}, ServerSentEvent("c", id="1")]))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text == 'data: a\n\ndata: {"b":1}\n\nid: 1\ndata: c\n\n'
    assert answer.complete


def test_headers_that_the_author_sets_are_kept() -> None:
    answer = fetch(serving(lambda: ["a"], headers={"cache-control": "no-store"}))
    assert answer.headers.getlist("cache-control") == ["no-store"]


def test_an_error_before_the_first_event_is_a_real_status() -> None:
    async def events() -> AsyncIterator[str]:
        raise LookupError
        yield "never"  # type: ignore[unreachable]

    assert fetch(serving(events)).status == 500


def test_a_later_error_is_an_event_without_details_and_then_a_break() -> None:
    async def events() -> AsyncIterator[str]:
        yield "a"
        raise LookupError("the password is hunter2")

    answer = fetch(serving(events))
    assert answer.text.startswith("data: a\n\nevent: error\ndata: ")
    assert "hunter2" not in answer.text
    assert not answer.complete
    assert isinstance(answer.error, LookupError)


def test_silence_is_filled_with_comments() -> None:
    async def events() -> AsyncIterator[str]:
        yield "a"
        await asyncio.sleep(0.3)
        yield "b"

    answer = fetch(serving(events, heartbeat=0.05))
    assert answer.text.startswith("data: a\n\n: ")
    assert answer.text.endswith("\n\ndata: b\n\n")
    assert 2 <= answer.text.count(": keep-alive\n\n") <= 6


def test_silence_before_the_first_event_starts_the_answer_and_is_filled_with_comments() -> None:
    async def events() -> AsyncIterator[str]:
        await asyncio.sleep(0.2)
        yield "a"

    async def scenario() -> List[Any]:
        exchange = Exchange(serving(events, heartbeat=0.05))
        exchange.feed()
        await exchange.finish()
        return exchange.sent

    sent = run(scenario())
    assert [message["type"] for message in sent[:2]] == ["http.response.start", "http.response.body"]
    assert sent[1]["body"] == b": keep-alive\n\n"
    assert sent[-2]["body"] == b"data: a\n\n"


def test_an_error_after_a_first_silence_is_an_event_because_the_status_is_out() -> None:
    async def events() -> AsyncIterator[str]:
        await asyncio.sleep(0.2)
        raise LookupError
        yield "never"  # type: ignore[unreachable]

    answer = fetch(serving(events, heartbeat=0.05))
    assert (answer.status, answer.complete) == (200, False)
    assert "event: error\n" in answer.text


def test_no_heartbeat_is_sent_when_there_is_none() -> None:
    async def events() -> AsyncIterator[str]:
        yield "a"
        await asyncio.sleep(0.1)
        yield "b"

    assert fetch(serving(events, heartbeat=None)).text == "data: a\n\ndata: b\n\n"


def test_a_heartbeat_never_lands_inside_an_event() -> None:
    async def events() -> AsyncIterator[str]:
        for number in range(20):
            await asyncio.sleep(0.004)
            yield str(number)

    chunks = fetch(serving(events, heartbeat=0.005)).chunks
    assert all(chunk.endswith(b"\n\n") for chunk in chunks)
    assert [chunk for chunk in chunks if chunk.startswith(b"data")] == [b"data: %d\n\n" % n for n in range(20)]


def test_a_client_that_leaves_a_silent_stream_ends_it() -> None:
    closed: List[str] = []

    async def events() -> AsyncIterator[str]:
        try:
            yield "a"
            await asyncio.sleep(3600)
        finally:
            closed.append("yes")

    async def scenario() -> None:
        exchange = Exchange(serving(events, heartbeat=0.02))
        exchange.feed()
        exchange.start()
        await exchange.until(lambda: len(exchange.sent) > 3)
        exchange.leave()
        assert (await exchange.finish()).error is None

    run(scenario())
    assert closed == ["yes"]
