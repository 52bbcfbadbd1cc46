"""Shadow mode: what is compared, what never leaves the shadow, and its limits."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import Any, Callable, Dict, List, Optional

import pytest
from tests.asgi import Answer, Server, run
from tests.plugins.takeover.legacy_apps import until

from fenrir import Fenrir
from fenrir_core import Response
from fenrir_core.http import json as codec


class Old:
    """A legacy application whose response a test says; it counts its calls."""

    def __init__(self, body: Any, status: str = "200 OK", headers: Any = ()) -> None:
        self.body, self.status, self.headers = body, status, [("Content-Type", "application/json"), *headers]
        self.calls: List[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self, environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        self.calls.append(environ["REQUEST_METHOD"])
        assert self.may_answer.wait(10)
        start_response(self.status, self.headers)
        return [self.body if isinstance(self.body, bytes) else codec.dumps(self.body)]


def shadowed(old: Old, make: Callable[[], Any], side: str = "new", **options: Any) -> Fenrir:
    app = Fenrir()
    percent = 100 if side == "new" else 0
    rule = {"new": percent, "shadow": options.pop("share", 100)}
    app.take_over(old, switches={"/thing": rule}, **options)

    @app.route("/thing", ("GET", "POST"))
    async def thing() -> Any:
        return make()

    return app


class Asked:
    """What a client got, and what was logged."""

    def __init__(self, answers: List[Answer], log: str, shadows: Any) -> None:
        self.answers, self.log, self.shadows = answers, log, shadows


def ask(
    app: Fenrir,
    caplog: pytest.LogCaptureFixture,
    *methods: str,
    after: Optional[Callable[[], Any]] = None,
    **options: Any,
) -> Asked:
    """Send requests, and wait for what follows the last of them."""
    from fenrir_takeover.takeover import State

    async def scenario() -> List[Answer]:
        server = Server(app)
        await server.startup()
        answers = [await server.ask(method, "/thing", **options) for method in methods or ("GET",)]
        if after is not None:
            await until(after)
        await server.shutdown()
        return answers

    with caplog.at_level(logging.WARNING, "fenrir.takeover"):
        answers = run(scenario())
    return Asked(answers, caplog.text, app.store(State).metrics.differences)


def compared(app: Fenrir, count: int = 1) -> Callable[[], bool]:
    from fenrir_takeover.takeover import State

    return lambda: sum(found[0] for found in app.store(State).metrics.differences.values()) >= count


@pytest.mark.parametrize("side", ["new", "legacy"])
def test_a_planted_difference_is_found_and_shown(side: str, caplog: pytest.LogCaptureFixture) -> None:
    app = shadowed(Old({"name": "ada", "price": 10}), lambda: {"name": "ada", "price": 12}, side)
    asked = ask(app, caplog, after=compared(app))
    sent, shadow = (12, 10) if side == "new" else (10, 12)
    assert json.loads(asked.answers[0].body)["price"] == sent
    assert f'- "price": {sent}' in asked.log
    assert f'+ "price": {shadow}' in asked.log
    assert '"name"' in asked.log
    assert asked.shadows == {"GET /thing": [1, 1]}


def test_equal_json_is_equal_whatever_its_blanks_and_order(caplog: pytest.LogCaptureFixture) -> None:
    app = shadowed(Old(b'{ "b": [1, 2],\n "a": 1 }'), lambda: {"a": 1, "b": [1, 2]})
    asked = ask(app, caplog, after=compared(app))
    assert (asked.log, asked.shadows) == ("", {"GET /thing": [1, 0]})


def test_status_and_headers_are_compared(caplog: pytest.LogCaptureFixture) -> None:
    old = Old({}, "201 Created", [("Cache-Control", "no-store"), ("Date", "yesterday"), ("X-Id", "7")])
    app = shadowed(old, lambda: {}, ignored_headers=["X-Id"])
    log = ask(app, caplog, after=compared(app)).log
    assert "- status 200" in log
    assert "+ status 201" in log
    assert "+ cache-control: no-store" in log
    assert "yesterday" not in log
    assert "x-id" not in log


def test_masked_fields_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    old = Old({"user": {"Token": "old-secret", "age": 1}}, headers=[("X-Key", "old-key")])
    app = shadowed(old, lambda: {"user": {"Token": "new-secret", "age": 2}}, masked=["token", "x-key"])
    log = ask(app, caplog, after=compared(app)).log
    assert '"age": 2' in log
    assert "secret" not in log
    assert "old-key" not in log


def test_that_only_masked_fields_differ_is_said(caplog: pytest.LogCaptureFixture) -> None:
    app = shadowed(Old({"token": 1}), lambda: {"token": 2}, masked=["token"])
    assert "masked fields differ" in ask(app, caplog, after=compared(app)).log


def test_other_bodies_differ_as_a_whole(caplog: pytest.LogCaptureFixture) -> None:
    old = Old(b"<p>old</p>")
    app = shadowed(old, lambda: Response("<p>new!</p>", 200, None, "application/json"))
    assert "the bodies differ (11 and 10 bytes)" in ask(app, caplog, after=compared(app)).log


def test_a_log_line_cannot_be_forged_by_a_response(caplog: pytest.LogCaptureFixture) -> None:
    app = shadowed(Old({"a": "x\nERROR forged \x1b[31m"}), lambda: {"a": "y"})
    log = ask(app, caplog, after=compared(app)).log
    assert "\nERROR forged" not in log
    assert "\x1b" not in log


@pytest.mark.parametrize("side", ["new", "legacy"])
def test_the_shadows_cookies_do_not_reach_the_client(side: str, caplog: pytest.LogCaptureFixture) -> None:
    def make() -> Response:
        response = Response("{}", 200, None, "application/json")
        response.set_cookie("new", "1")
        return response

    app = shadowed(Old({}, headers=[("Set-Cookie", "legacy=1")]), make, side)
    asked = ask(app, caplog, after=compared(app))
    assert [cookie.partition("=")[0] for cookie in asked.answers[0].headers.getlist("set-cookie")] == [side]
    assert asked.log == ""


def test_only_get_and_head_have_a_shadow(caplog: pytest.LogCaptureFixture) -> None:
    old = Old({})
    app = shadowed(old, lambda: {})
    ask(app, caplog, "POST", "GET", "HEAD", after=compared(app, 2))
    assert sorted(old.calls) == ["GET", "HEAD"]


def test_a_share_of_zero_is_no_shadow(caplog: pytest.LogCaptureFixture) -> None:
    old = Old({})
    ask(shadowed(old, lambda: {}, share=0), caplog, "GET", "GET")
    assert old.calls == []


def test_a_shadow_of_our_route_is_not_switched_again(caplog: pytest.LogCaptureFixture) -> None:
    old, ours = Old({"side": "legacy"}), []

    def make() -> Any:
        ours.append("called")
        return {"side": "new"}

    app = shadowed(old, make, "legacy")
    ask(app, caplog, after=compared(app))
    assert (old.calls, ours) == (["GET"], ["called"])


def test_the_client_has_its_response_before_the_shadow_is_called(caplog: pytest.LogCaptureFixture) -> None:
    old = Old({})
    old.may_answer.clear()
    app = shadowed(old, lambda: {})

    def after() -> bool:
        if old.calls:  # the response is there, and the shadow waits
            old.may_answer.set()
        return compared(app)()

    assert ask(app, caplog, after=after).answers[0].status == 200


def test_a_shadow_that_takes_too_long_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    class Slow:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await asyncio.Event().wait()

    app = shadowed(Slow(), lambda: {}, shadow_timeout=0.02)  # type: ignore[arg-type]
    asked = ask(app, caplog, after=lambda: "Shadow" in caplog.text)
    assert "no response in 0.02 s" in asked.log
    assert asked.answers[0].status == 200


def test_no_more_shadows_than_allowed_run_at_once(caplog: pytest.LogCaptureFixture) -> None:
    old = Old({})
    old.may_answer.clear()
    app = shadowed(old, lambda: {}, shadow_at_once=1)

    def after() -> bool:
        if old.calls:
            old.may_answer.set()
        return compared(app)()

    ask(app, caplog, "GET", "GET", "GET", after=after)
    assert old.calls == ["GET"]


def test_a_shadow_that_fails_is_logged_and_nothing_else_happens(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                raise RuntimeError("the old database is away")

    app = shadowed(Broken(), lambda: {"fine": True})  # type: ignore[arg-type]
    asked = ask(app, caplog, after=lambda: "Shadow" in caplog.text)
    assert asked.answers[0].status == 200
    assert "RuntimeError: the old database is away" in asked.log


def test_a_body_that_is_too_large_is_not_compared(caplog: pytest.LogCaptureFixture) -> None:
    old = Old({"a": "x" * 2000})
    app = shadowed(old, lambda: {"a": "y" * 2000}, shadow_bytes=1000)
    asked = ask(app, caplog, "GET")
    assert (old.calls, asked.shadows, asked.log) == ([], {}, "")
