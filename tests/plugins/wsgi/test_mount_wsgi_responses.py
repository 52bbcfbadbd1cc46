"""Responses and errors of a mounted WSGI application."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any, Dict, Iterator, List, Optional

import pytest
from tests.plugins.wsgi.mounted_apps import PATIENCE, ask, mounted, talk

from fenrir_core.testing import Client

# ---------------------------------------------------------------- answers


def test_repeated_headers_and_the_status_are_kept_and_the_connection_is_the_servers() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("299 Odd", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Connection", "close")])
        return [b"x"]

    answer = ask(mounted(application), "/legacy")
    assert answer.status == 299
    assert answer.headers.getlist("set-cookie") == ["a=1", "b=2"]
    assert "connection" not in answer.headers and answer.headers["content-length"] == "1"


def test_head_has_the_headers_and_no_body() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("200 OK", [("Content-Length", "5")])
        return [b"hello"]

    answer = ask(mounted(application), "/legacy", "HEAD")
    assert (answer.headers["content-length"], answer.body) == ("5", b"")


def test_the_write_callable_sends() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        write = start_response("200 OK", [])
        write(b"one ")
        write(b"two ")
        return [b"three"]

    assert ask(mounted(application), "/legacy").text == "one two three"


def test_start_response_may_be_called_again_with_an_error_before_the_first_bytes() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        import sys

        start_response("200 OK", [])
        yield b""
        try:
            raise ValueError("late")
        except ValueError:
            start_response("503 Busy", [("X-Late", "1")], sys.exc_info())
        yield b"busy"

    answer = ask(mounted(application), "/legacy")
    assert (answer.status, answer.headers["x-late"], answer.text) == (503, "1", "busy")


def test_an_answer_in_pieces_is_sent_as_it_comes_and_waits_for_the_client() -> None:
    made: List[int] = []

    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        for index in range(64):
            made.append(index)
            yield b"x" * 65536

    async def go() -> None:
        async with Client(mounted(application)) as client, client.stream("GET", "/legacy") as stream:
            size = 0
            async for chunk in stream:
                if size == 0:
                    # 256 KiB, four pieces, each: read, in the client's one place, on the way to it, in the channel; and
                    # one piece is being made
                    assert len(made) <= 17
                size += len(chunk)
            assert size == 64 * 65536

    asyncio.run(go())


def test_the_iterable_is_closed_when_the_client_leaves() -> None:
    closed = threading.Event()

    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.set()

    async def go() -> None:
        async with Client(mounted(application)) as client, client.stream("GET", "/legacy") as stream:
            async for _ in stream:
                break

    asyncio.run(go())
    assert closed.wait(PATIENCE)


def test_an_application_that_waits_for_a_body_is_let_go_when_the_client_leaves() -> None:
    seen: List[BaseException] = []
    ended = threading.Event()

    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            seen.append(error)
            raise
        finally:
            ended.set()
        return []

    part = {"type": "http.request", "body": b"x", "more_body": True}
    scope = {"path": "/legacy", "method": "POST"}
    assert talk(mounted(application), scope, [part, {"type": "http.disconnect"}]) == []
    assert ended.wait(PATIENCE) and "disconnected" in str(seen[0])


# ---------------------------------------------------------------- errors


def raising(error: BaseException, before: Optional[bytes] = None) -> Any:
    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        if before is not None:
            start_response("200 OK", [])
            yield before
        raise error

    return application


def test_an_exception_before_the_headers_is_logged_and_answered_with_500(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "fenrir.error"):
        answer = ask(mounted(raising(RuntimeError("secret"))), "/legacy", raise_errors=False)
    assert answer.status == 500 and "secret" not in answer.text
    assert "RuntimeError: secret" in caplog.text


def test_an_exception_before_the_headers_reaches_the_apps_own_handlers() -> None:
    app = mounted(raising(KeyError("gone")))

    @app.exception_handler(KeyError)
    def gone(connection: Any, error: BaseException) -> Any:
        return {"gone": str(error)}, 410

    answer = ask(app, "/legacy")
    assert (answer.status, answer.json()) == (410, {"gone": "'gone'"})


def test_an_exception_after_the_headers_breaks_the_answer_off() -> None:
    taken = threading.Event()

    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"half"
        assert taken.wait(PATIENCE)
        raise RuntimeError("late")

    async def go() -> None:
        async with Client(mounted(application), raise_errors=False) as client:
            async with client.stream("GET", "/legacy") as stream:
                async for _ in stream:
                    taken.set()

    with pytest.raises(RuntimeError, match="late"):
        asyncio.run(go())


def test_an_application_that_exits_does_not_end_the_server() -> None:
    assert ask(mounted(raising(SystemExit(3))), "/legacy", raise_errors=False).status == 500


@pytest.mark.parametrize(
    "application, message",
    [
        (lambda environ, start_response: [b"x"], "before it called start_response"),
        (lambda environ, start_response: start_response("200 OK", []) and ["text"], "returned str as body"),
        (lambda environ, start_response: start_response("OK", []) and [], "the status 'OK'"),
        (lambda environ, start_response: start_response("200 OK", [("X", "a\r\nb")]) and [], "X|x"),
    ],
)
def test_what_wsgi_forbids_is_an_error(application: Any, message: str) -> None:
    with pytest.raises(Exception, match=message):
        ask(mounted(application), "/legacy")


def test_a_close_that_fails_is_logged_and_the_answer_stands(caplog: pytest.LogCaptureFixture) -> None:
    class Body(List[bytes]):
        def close(self) -> None:
            raise ValueError("close failed")

    def application(environ: Dict[str, Any], start_response: Any) -> Body:
        start_response("200 OK", [])
        return Body([b"fine"])

    assert ask(mounted(application), "/legacy").text == "fine"
    assert "close failed" in caplog.text
