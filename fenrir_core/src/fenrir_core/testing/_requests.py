"""Conformance: how a paradigm serves a request."""

from __future__ import annotations

import asyncio
import threading
from typing import AsyncIterator, Callable, List, Optional

from .._types import Message, Receive, Scope, Send
from ..exceptions import HTTPError
from ..http.connection import Connection, current_connection
from ..http.response import PlainTextResponse, Response
from ._kit import ParadigmKit
from ._talk import Refused

#: Seconds that two handlers wait for each other before the check fails.
_MEETING = 10.0


async def answers_what_a_handler_gives(kit: ParadigmKit) -> None:
    """Text is sent as UTF-8, with its charset and its length in bytes."""
    app = kit.app()
    kit.text(app, "/hello", "hällo")
    async with kit.client(app) as client:
        answer = await client.get("/hello")
        assert (answer.status, answer.text) == (200, "hällo"), answer
        assert answer.headers["content-length"] == "6", answer.headers
        kind = (answer.headers["content-type"] or "").lower()
        assert not kind.startswith("text/") or "charset=utf-8" in kind, kind


async def passes_path_parameters_decoded(kit: ParadigmKit) -> None:
    """A path value is decoded once, an encoded slash is part of it, and a converter rejects what it can't read."""
    app = kit.app()
    kit.echo(app, "/text/{name}", "name")
    is_typed = kit.template("/number/{count:int}") is not None
    if is_typed:
        kit.echo(app, "/number/{count:int}", "count")
    async with kit.client(app) as client:
        for sent, value in (("a%20%C3%A9", "a é"), ("a%2Fb", "a/b"), ("100%25", "100%"), ("%252F", "%2F")):
            answer = await client.get(f"/text/{sent}")
            assert answer.json() == {"value": value}, (sent, answer)
        assert not is_typed or (await client.get("/number/12")).json() == {"value": 12}
        for path in ("/number/twelve", "/text/a/b"):
            assert (await client.get(path)).status == 404, path


async def answers_methods_and_paths_that_are_not_there(kit: ParadigmKit) -> None:
    """404, and 405 with `Allow`; HEAD and OPTIONS are derived or refused, without a body or a 500."""
    app = kit.app()
    kit.text(app, "/hello", "hello")
    async with kit.client(app) as client:
        assert (await client.get("/nowhere")).status == 404
        if kit.any_method:
            for method in ("POST", "DELETE", "OPTIONS"):
                answer = await client.request(method, "/hello")
                assert (answer.status, answer.text) == (200, "hello"), (method, answer)
            answer = await client.head("/hello")
            assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "5"), answer
            return
        for method, statuses in (("POST", (405,)), ("OPTIONS", (200, 405))):
            answer = await client.request(method, "/hello")
            assert answer.status in statuses, answer
            allowed = [word.strip() for word in (answer.headers.get("allow") or "").split(",")]
            assert "GET" in allowed and len(allowed) == len(set(allowed)), (method, allowed)
        answer = await client.head("/hello")
        assert (answer.body, answer.status in (200, 405)) == (b"", True), answer
        assert answer.status == 405 or answer.headers["content-length"] == "5", answer.headers


async def hands_over_the_body_within_its_limit(kit: ParadigmKit) -> None:
    """A body arrives complete, in any number of chunks; one over `max_body` gets a 413."""
    app = kit.app(max_body=10)
    kit.receive(app, "/body")
    async with kit.client(app) as client:
        assert (await client.post("/body", body=[b"one", b"", b"two"])).body == b"onetwo"
        assert (await client.post("/body")).body == b""
        assert (await client.post("/body", body=[b"123456", b"123456"])).status == 413
        announced = {"content-length": "11"}
        assert (await client.post("/body", body=[b"1", b"2345678901"], headers=announced)).status == 413


async def answers_errors_and_tells_no_secret(kit: ParadigmKit) -> None:
    """An `HTTPError` has its status, anything else is a 500 without details, and a handler covers subclasses."""
    app = kit.app()

    def forbid() -> str:
        raise HTTPError(403, "not you")

    def fail() -> str:
        raise ZeroDivisionError("secret")

    def miss() -> str:
        raise KeyError("handled")

    for path, function in (("/forbid", forbid), ("/fail", fail), ("/miss", miss)):
        kit.call(app, path, function)
    app.add_exception_handler(LookupError, _tell)
    async with kit.client(app) as client:
        answers = [await client.get(path) for path in ("/forbid", "/fail", "/miss")]
        assert [answer.status for answer in answers] == [403, 500, 418], answers
        assert "secret" not in answers[1].text, answers[1]
        assert "handled" in answers[2].text, answers[2]


async def picks_the_most_specific_exception_handler(kit: ParadigmKit) -> None:
    """Of the handlers of one level that of the nearest class is called, in any order of registration."""
    app = kit.app()

    def miss() -> str:
        raise KeyError("key")

    def index() -> str:
        raise IndexError("index")

    kit.call(app, "/key", miss)
    kit.call(app, "/index", index)

    async def nearest(connection: Connection, error: BaseException) -> Response:
        return PlainTextResponse("nearest", 409)

    app.add_exception_handler(KeyError, nearest)
    app.add_exception_handler(LookupError, _tell)
    async with kit.client(app) as client:
        answers = [await client.get("/key"), await client.get("/index")]
        assert [answer.status for answer in answers] == [409, 418], answers


async def keeps_concurrent_requests_apart(kit: ParadigmKit) -> None:
    """`current_connection()` inside a handler is the connection of that handler's request."""
    app = kit.app()
    kit.call(
        app, kit.typed("/mine/{number:int}", "/mine/{number}"), lambda: str(current_connection().path_params["number"])
    )
    async with kit.client(app) as client:
        answers = await asyncio.gather(*[client.get(f"/mine/{number}") for number in range(50)])
        assert [answer.text for answer in answers] == [str(number) for number in range(50)]


async def forgets_the_state_of_a_request(kit: ParadigmKit) -> None:
    """`connection.state` of one request is empty in the next."""
    app = kit.app()

    def count() -> str:
        state = current_connection().state
        state["count"] = state.get("count", 0) + 1
        return str(state["count"])

    kit.call(app, "/count", count)
    async with kit.client(app) as client:
        assert [(await client.get("/count")).text for _ in range(2)] == ["1", "1"]


async def runs_blocking_handlers_beside_one_another(kit: ParadigmKit) -> None:
    """A synchronous handler that blocks does not make other requests wait."""
    assert kit.blocking is not None
    app = kit.app()
    barrier = threading.Barrier(2, timeout=_MEETING)

    def meet() -> str:
        barrier.wait()
        return current_connection().path

    kit.blocking(app, kit.typed("/meet/{number:int}", "/meet/{number}"), meet)
    async with kit.client(app) as client:
        answers = await asyncio.gather(client.get("/meet/1"), client.get("/meet/2"))
        texts = [answer.text for answer in answers]
        assert texts == ["/meet/1", "/meet/2"], f"The second request waited for the first: {answers}"


async def runs_background_work_after_the_answer_in_its_context(kit: ParadigmKit) -> None:
    """Background work runs after the last byte, in the context of its request."""
    assert kit.background is not None
    app = kit.app()
    seen: List[str] = []
    kit.background(app, "/work", lambda: seen.append(current_connection().path))

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def recording(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                seen.append("last byte")

        await app(scope, receive, recording)

    async with kit.client(app) as client:
        client.app = watched
        assert (await client.get("/work")).status == 200
        assert seen == ["last byte", "/work"], seen
        client.app = app


# -------------------------------------------------------------------- headers


async def keeps_repeated_headers(kit: ParadigmKit) -> None:
    """A header that is set several times is sent several times, in order."""
    assert kit.headers is not None
    app = kit.app()
    kit.headers(app, "/two", [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-one", "1")])
    async with kit.client(app) as client:
        answer = await client.get("/two")
        found = [value.partition(";")[0] for value in answer.headers.getlist("set-cookie")]
        assert (answer.status, found, answer.headers["x-one"]) == (200, ["a=1", "b=2"], "1"), answer


async def refuses_forged_headers(kit: ParadigmKit) -> None:
    """A header value with CR, LF or NUL never reaches the client."""
    assert kit.headers is not None
    values = ("a\r\nset-cookie: forged=1", "a\nset-cookie: forged=1", "a\rb", "a\0b")
    app = kit.app()
    for index, value in enumerate(values):
        kit.headers(app, f"/forged/{index}", [("x-name", value)])
    async with kit.client(app) as client:
        for index, value in enumerate(values):
            answer = await client.get(f"/forged/{index}")
            assert answer.status == 500, (value, answer)
            for name, text in answer.headers.items():
                assert not any(character in text for character in "\r\n\0"), (name, text)
            assert "set-cookie" not in answer.headers, answer.headers


# -------------------------------------------------------------------- streams


async def streams_piece_by_piece(kit: ParadigmKit) -> None:
    """Chunks are sent as they are made, no faster than the client reads; a disconnect closes the generator."""
    assert kit.stream is not None
    app = kit.app()
    made: List[object] = []

    async def count() -> AsyncIterator[bytes]:
        try:
            for number in range(10_000):
                made.append(number)
                yield b"%d," % number
        finally:
            made.append("closed")

    kit.stream(app, "/count", count)
    async with kit.client(app) as client:
        async with client.stream("GET", "/count") as stream:
            taken: List[bytes] = []
            async for chunk in stream:
                taken.append(chunk)
                if len(taken) == 3:
                    break
            assert (stream.status, taken) == (200, [b"0,", b"1,", b"2,"]), f"The first chunks were {taken}"[:200]
            assert len(made) < 20, f"{len(made)} chunks were made for a client that read 3."
            await stream.disconnect()
        assert made[-1] == "closed", "The generator was not closed when the client disconnected."


async def answers_an_early_stream_error_with_a_status(kit: ParadigmKit) -> None:
    """An error before the first chunk becomes a status."""
    assert kit.stream is not None
    app = kit.app()

    def failing(error: Exception) -> Callable[[], AsyncIterator[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            raise error
            yield b""  # type: ignore[unreachable]  # it makes this a generator

        return chunks

    kit.stream(app, "/busy", failing(HTTPError(503, "busy")))
    kit.stream(app, "/broken", failing(ZeroDivisionError("secret")))
    async with kit.client(app) as client:
        assert (await client.get("/busy")).status == 503
        answer = await client.get("/broken")
        assert (answer.status, "secret" in answer.text) == (500, False), answer


async def breaks_a_failing_stream_off(kit: ParadigmKit) -> None:
    """A later error cuts the connection off: an incomplete response never ends cleanly."""
    assert kit.stream is not None
    app = kit.app()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError("late")

    kit.stream(app, "/half", chunks)
    taken: List[bytes] = []
    failure: Optional[BaseException] = None
    async with kit.client(app) as client:
        async with client.stream("GET", "/half") as stream:
            try:
                taken.extend([chunk async for chunk in stream])
            except Exception as error:
                failure = error
    assert failure is not None, f"The response ended as if it were complete: {taken}"


# -------------------------------------------------------------------- WebSockets


async def talks_over_websockets(kit: ParadigmKit) -> None:
    """A WebSocket is accepted, carries text both ways, and ends when the client disconnects."""
    assert kit.websocket is not None
    app = kit.app()
    kit.websocket(app, "/echo")
    async with kit.client(app) as client:
        async with client.websocket("/echo") as session:
            for text in ("one", "zwei ü"):
                await session.send(text)
                assert await session.receive() == text


async def refuses_websockets_where_there_is_none(kit: ParadigmKit) -> None:
    """A WebSocket at a path that has no handler for it is refused, not left waiting."""
    app = kit.app()
    kit.text(app, "/hello", "hello")
    async with kit.client(app) as client:
        for path in ("/nowhere", "/hello"):
            try:
                async with client.websocket(path):
                    raise AssertionError(f"A WebSocket at {path} was accepted.")
            except Refused as refused:
                assert 400 <= refused.answer.status < 500, refused.answer


async def _tell(connection: Connection, error: BaseException) -> Response:
    return PlainTextResponse(str(error), 418)
