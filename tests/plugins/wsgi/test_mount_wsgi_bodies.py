"""Request bodies of a mounted WSGI application."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Iterator, List

import pytest
from tests.asgi import Exchange
from tests.plugins.wsgi.mounted_apps import PATIENCE, ask, echo, mounted

from fenrir import Fenrir


def test_a_body_in_pieces_is_read_as_a_stream() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        assert "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ
        start_response("200 OK", [])
        return [line.strip() + b";" for line in environ["wsgi.input"]]

    pieces = [b"on", b"e\ntwo", b"\n", b"three"]
    answer = ask(mounted(application), "/legacy/", "POST", body=pieces, headers={"transfer-encoding": "chunked"})
    assert answer.text == "one;two;three;"


def test_a_body_of_known_length_comes_whole() -> None:
    answer = ask(mounted(echo), "/legacy/", "POST", body=[b"ab", b"cd", b""], headers={"content-length": "4"})
    assert answer.text == "POST /legacy / abcd"


def test_a_slow_upload_of_up_to_a_megabyte_holds_no_thread() -> None:
    app = Fenrir()
    app.mount_wsgi(echo, prefix="/legacy", threads=1)

    async def go() -> None:
        size = {"content-length": "1000000"}
        slow = [Exchange(app, "POST", "/legacy/", headers=size) for _ in range(3)]
        for upload in slow:
            upload.start()
            upload.feed(b"x" * 500_000, more=True)
        quick = Exchange(app, "POST", "/legacy/", headers={"content-length": "5"})
        quick.feed(b"quick")
        assert (await quick.finish()).body.endswith(b"quick")
        for upload in slow:
            upload.feed(b"x" * 500_000)
            assert (await upload.finish()).body.endswith(b"x" * 1_000_000)

    asyncio.run(go())


def test_the_application_reads_while_the_client_still_sends() -> None:
    async def go() -> None:
        inbox: asyncio.Queue[Dict[str, Any]] = asyncio.Queue()
        outbox: asyncio.Queue[Dict[str, Any]] = asyncio.Queue()
        scope = {"type": "http", "method": "POST", "path": "/legacy/", "headers": [], "http_version": "2"}

        def shout(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
            start_response("200 OK", [])
            for line in environ["wsgi.input"]:
                yield line.upper()

        running = asyncio.ensure_future(mounted(shout)(scope, inbox.get, outbox.put))
        for word in (b"one\n", b"two\n"):
            inbox.put_nowait({"type": "http.request", "body": word, "more_body": True})
            message = await asyncio.wait_for(outbox.get(), PATIENCE)
            if message["type"] == "http.response.start":
                message = await asyncio.wait_for(outbox.get(), PATIENCE)
            assert message["body"] == word.upper()
        inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        await asyncio.wait_for(running, PATIENCE)

    asyncio.run(go())


@pytest.mark.parametrize("headers", [{"content-length": "11"}, {}])
def test_a_body_over_the_limit_is_answered_with_413(headers: Dict[str, str]) -> None:
    app = mounted(echo, max_body=10)
    assert ask(app, "/legacy/", "POST", body=b"x" * 11, headers=headers).status == 413


def test_a_streamed_body_over_the_limit_is_answered_with_413_whatever_the_application_makes_of_it() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        try:
            environ["wsgi.input"].read()
        except Exception:
            start_response("200 OK", [])
        return [b"all is well"]

    app = mounted(application, max_body=10)
    assert ask(app, "/legacy/", "POST", body=[b"x" * 6, b"x" * 6, b""]).status == 413


class Odd:
    """An awaitable that is no coroutine, as a server's `receive` may return."""

    def __init__(self, message: Dict[str, Any]) -> None:
        self.message = message

    def __await__(self) -> Iterator[Any]:
        yield from asyncio.sleep(0).__await__()
        return self.message


WAYS: Dict[str, List[Dict[str, Any]]] = {
    "in one message": [{"body": b"abcdef"}],
    "with an empty last message": [{"body": b"abcdef", "more_body": True}, {"body": b"", "more_body": False}],
    "with an empty first message": [{"body": b"", "more_body": True}, {"body": b"abcdef"}],
    "without the keys that may be left out": [{"more_body": True}, {"body": b"abcdef", "more_body": True}, {}],
    "with empty messages between": [
        {"body": b"ab", "more_body": True},
        {"body": b"", "more_body": True},
        {"more_body": True},
        {"body": b"cdef", "more_body": False},
    ],
    "byte by byte": [*({"body": b"%c" % letter, "more_body": True} for letter in b"abcdef"), {"body": b""}],
}


@pytest.mark.parametrize("headers", [[(b"content-length", b"6")], [], [(b"expect", b"100-continue")]])
@pytest.mark.parametrize("awaitable", ["a coroutine", "no coroutine"])
@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_read_whole_however_the_server_cuts_it(way: str, awaitable: str, headers: Any) -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        body = environ["wsgi.input"].read()
        start_response("200 OK", [])
        return [body]

    messages = [{"type": "http.request", **message} for message in WAYS[way]]
    sent: List[Dict[str, Any]] = []

    async def receive() -> Dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    def receive_oddly() -> Any:
        return Odd(messages.pop(0)) if messages else receive()

    async def send(message: Dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/legacy/", "headers": headers, "http_version": "1.1"}
    serving = mounted(application)(scope, receive if awaitable == "a coroutine" else receive_oddly, send)
    asyncio.run(asyncio.wait_for(serving, PATIENCE))
    assert sent[0]["status"] == 200
    assert b"".join(message.get("body", b"") for message in sent[1:]) == b"abcdef"
