"""Events for many clients, with what those missed that come back."""

from __future__ import annotations

import asyncio
from typing import Any, List

from tests.asgi import Exchange, kernel_app, run

from fenrir_core import App, EventBuffer, EventSourceResponse, Request


def live_app(events: EventBuffer) -> App:
    app = kernel_app()

    @app.get("/live")
    async def live(request: Request) -> Any:
        return EventSourceResponse(events.subscribe(request.headers.get("last-event-id")))

    return app


def body(exchange: Exchange) -> bytes:
    return b"".join(message.get("body", b"") for message in exchange.sent[1:])


async def listening(events: EventBuffer) -> None:
    """Wait for the first client."""
    while not events.clients:  # noqa: ASYNC110 - nothing tells of a subscription
        await asyncio.sleep(0)


def read(events: EventBuffer, last: str, *published: str, until: bytes) -> bytes:
    """Connect with a last event id, publish, and give what came up to `until`."""
    app = live_app(events)

    async def main() -> bytes:
        async with app.lifespan():
            exchange = Exchange(app, "GET", "/live", headers={"last-event-id": last} if last else {})
            exchange.start()
            await listening(events)
            for data in published:
                events.publish(data)
            await exchange.until(lambda: until in body(exchange))
            exchange.leave()
            await exchange.finish()
            return body(exchange)

    return run(main())


def test_a_client_gets_what_is_published_after_it_came() -> None:
    events = EventBuffer()
    events.publish("before")
    assert read(events, "", "after", until=b"after") == b"id: 2\ndata: after\n\n"


def test_a_client_that_comes_back_gets_what_it_missed() -> None:
    events = EventBuffer()
    for data in ("one", "two", "three"):
        events.publish(data)
    assert read(events, "1", until=b"three") == b"id: 2\ndata: two\n\nid: 3\ndata: three\n\n"


def test_a_client_that_missed_more_than_is_kept_goes_on_with_the_oldest() -> None:
    events = EventBuffer(size=2)
    for data in ("one", "two", "three", "four"):
        events.publish(data)
    assert read(events, "1", until=b"four") == b"id: 3\ndata: three\n\nid: 4\ndata: four\n\n"


def test_an_id_that_was_never_given_is_taken_as_the_latest() -> None:
    events = EventBuffer()
    events.publish("one")
    assert read(events, "999", "two", until=b"two") == b"id: 2\ndata: two\n\n"


def test_a_subscription_ends_cleanly_when_the_app_stops() -> None:
    events = EventBuffer()
    app = live_app(events)
    ended: List[bool] = []

    async def main() -> None:
        async with app.lifespan():
            exchange = Exchange(app, "GET", "/live")
            exchange.start()
            await listening(events)
            app.shutdown_event.set()
            ended.append((await exchange.finish()).complete)

    run(main())
    assert ended == [True]


def test_a_client_that_leaves_is_counted_no_more() -> None:
    events = EventBuffer()
    read(events, "", "after", until=b"after")
    assert events.clients == 0
