"""What each mount has of its own: threads, the limit of bodies, and how long a client may take nothing."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Dict, Iterator, List

import pytest
from tests.asgi import Exchange, Message, ask, run
from tests.plugins.wsgi.mounted_apps import EMPTY, echo, recorder, talk

from fenrir import Fenrir
from fenrir_core import BuildError
from fenrir_wsgi import StalledReader

PATIENCE = 10


class Endless:
    """An application whose body has no end; it tells when it was closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self._parts()

    def _parts(self) -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            self.closed.set()


class Stalling(Exchange):
    """A client that takes status and headers and then nothing any more."""

    async def _send(self, message: Message) -> None:
        await super()._send(message)
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()


def test_a_reader_that_takes_nothing_is_left_and_its_thread_is_free_again() -> None:
    app, endless = Fenrir(), Endless()
    app.mount_wsgi(endless, prefix="/old", threads=1, send_timeout=0.05)

    async def scenario() -> None:
        client = Stalling(app, path="/old/x")
        client.feed()
        answer = await client.finish()
        assert isinstance(answer.error, StalledReader)
        assert not answer.complete
        assert await asyncio.get_running_loop().run_in_executor(None, endless.closed.wait, PATIENCE)
        # the one thread of the mount serves again
        other = Exchange(app, path="/old/y")
        other.feed()
        other.start()
        await other.until(lambda: len(other.sent) > 1)
        other.leave()
        await other.finish()

    run(scenario())


def test_slow_readers_of_a_mount_hold_up_neither_another_mount_nor_the_app() -> None:
    app = Fenrir(threads=2)
    app.mount_wsgi(Endless(), prefix="/slow", threads=2)
    app.mount_wsgi(echo, prefix="/other")

    @app.get("/own")
    def own() -> str:
        return "own"

    async def scenario() -> List[str]:
        stalled = [Stalling(app, path="/slow") for _ in range(5)]
        for client in stalled:
            client.feed()
            client.start()
        await stalled[1].until(lambda: len(stalled[1].sent) > 1)
        texts = [(await ask(app, path=path)).text for path in ("/own", "/other/x")]
        for client in stalled:
            client.leave()
            assert client.task is not None
            client.task.cancel()
        await asyncio.gather(*[client.task for client in stalled if client.task], return_exceptions=True)
        return texts

    assert run(scenario()) == ["own", "GET /other /x "]


def test_a_cancelled_request_is_not_taken_for_a_stalled_reader() -> None:
    app = Fenrir()
    app.mount_wsgi(Endless(), prefix="/old", send_timeout=60)

    async def scenario() -> None:
        client = Stalling(app, path="/old")
        client.feed()
        client.start()
        await client.until(lambda: len(client.sent) > 1)
        assert client.task is not None
        client.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client.task

    run(scenario())


@pytest.mark.parametrize(("threads", "expected"), [(1, False), (2, True), (None, True)])
def test_an_application_in_one_thread_is_told_so(threads: Any, expected: bool) -> None:
    seen: Dict[str, Any] = {}
    app = Fenrir()
    app.mount_wsgi(recorder(seen), prefix="/old", threads=threads)
    talk(app, {"path": "/old"}, [EMPTY])
    assert seen["wsgi.multithread"] is expected


def test_the_limit_of_bodies_may_be_a_mounts_own() -> None:
    app = Fenrir(max_body=10)
    app.mount_wsgi(echo, prefix="/small")
    app.mount_wsgi(echo, prefix="/large", max_body=20)
    statuses = [run(ask(app, "POST", path, body=b"x" * 15)).status for path in ("/small", "/large")]
    assert statuses == [413, 200]


@pytest.mark.parametrize("option", ["threads", "max_body", "send_timeout"])
def test_a_number_that_nothing_can_run_with_is_refused(option: str) -> None:
    with pytest.raises(BuildError, match=f"{option}=0 must be greater than 0"):
        Fenrir().mount_wsgi(echo, prefix="/old", **{option: 0})
