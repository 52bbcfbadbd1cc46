"""Rate limits that are counted in the process: the same rules, headers and answers as in Redis."""

from __future__ import annotations

import asyncio
import re
from typing import Any, List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plugins.security.apps import add, ask, drive, each_class, make, say

from fenrir import Fenrir
from fenrir_core import BuildError, Request, WebSocket
from fenrir_core.testing import Client, Refused
from fenrir_fastapi import FastAPI
from fenrir_fastapi.responses import Response
from fenrir_fastapi.routing import Route as StarletteRoute
from fenrir_security import TooManyRequests, rate_limit
from fenrir_security.memory import MemoryBackend


def limited(app: Any, limit: Any, path: str = "/") -> Any:
    app.get(path, rate_limit=limit)(say())
    return app


def statuses(app: Any, *paths: str) -> List[int]:
    return [answer.status for answer in ask(app, *[("GET", path) for path in paths])]


@each_class
def test_requests_over_the_limit_are_answered_with_429_in_the_shape_of_the_paradigm(paradigm: str) -> None:
    app = make(paradigm)
    add(app, "/", "GET", rate_limit("2/hour")(say()))
    answers = ask(app, *[("GET", "/")] * 3)
    assert [answer.status for answer in answers] == [200, 200, 429]
    refused = answers[2]
    wait = int(refused.headers["retry-after"])
    assert 1700 < wait <= 1800
    assert f"Too many requests: 2/hour. Try again in {wait} s." in refused.text
    left = [re.fullmatch(r'"2/hour";r=(\d);t=\d+', answer.headers["ratelimit"]) for answer in answers]
    assert [found and found[1] for found in left] == ["1", "0", "0"]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"2/hour";q=2;w=3600'}


@each_class
def test_the_setting_limits_the_app_as_a_whole(paradigm: str) -> None:
    app = make(paradigm, rate_limit="3/hour")
    add(app, "/a", "GET", say())
    add(app, "/b", "GET", say())
    add(app, "/own", "GET", rate_limit("1/hour")(say()))
    assert statuses(app, "/a", "/b", "/nowhere", "/a", "/b", "/nowhere", "/own", "/own") == [
        200, 200, 404, 429, 429, 429, 200, 429,
    ]  # fmt: skip


def test_the_limit_of_a_starlette_route_holds() -> None:
    @rate_limit("1/hour")
    async def starlette(request: Any) -> Response:
        return Response("ok")

    @rate_limit("1/hour")
    def in_thread(request: Any) -> Response:
        return Response("ok")

    app = FastAPI(routes=[StarletteRoute("/a", starlette), StarletteRoute("/b", in_thread)])
    assert statuses(app, "/a", "/a", "/b", "/b") == [200, 429, 200, 429]


def test_sanic_logs_no_traceback_of_a_refused_request(caplog: pytest.LogCaptureFixture) -> None:
    app = make("sanic", rate_limit="1/hour")
    assert statuses(app, "/", "/") == [404, 429]
    assert [record for record in caplog.records if record.exc_info] == []


def test_mounted_apps_are_counted_with_the_app() -> None:
    inner = Fenrir()
    inner.get("/")(say())

    def wsgi(environ: Any, start_response: Any) -> List[bytes]:
        start_response("200 OK", [])
        return [b"wsgi"]

    app = Fenrir(rate_limit="2/hour")
    app.mount("/in", inner)
    app.mount_wsgi(wsgi, prefix="/old")
    assert statuses(app, "/in/", "/old/", "/in/", "/old/") == [200, 200, 429, 429]


def test_a_header_of_the_client_does_not_make_it_another() -> None:
    app = limited(Fenrir(), "1/hour")
    forged = ("x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "x-client-ip", "true-client-ip")
    answers = ask(app, *[("GET", "/", {name: f"192.0.2.{number}"}) for number, name in enumerate(forged)])
    assert [answer.status for answer in answers] == [200] + [429] * 5


def test_several_rates_all_hold_and_a_refused_request_takes_from_none() -> None:
    answers = ask(limited(Fenrir(), "2/hour, 10/day"), *[("GET", "/")] * 4)
    assert [answer.status for answer in answers] == [200, 200, 429, 429]
    assert [answer.headers["ratelimit"].split(", ")[1].split(";")[1] for answer in answers] == [
        "r=9",
        "r=8",
        "r=8",
        "r=8",
    ]


def test_routes_are_counted_apart_unless_they_share_a_name() -> None:
    app = Fenrir()
    for path, limit in (("/a", "1/hour"), ("/b", "1/hour")):
        limited(app, limit, path)
    for path in ("/c", "/d"):
        limited(app, rate_limit("1/hour", name="shared"), path)
    assert statuses(app, "/a", "/b", "/c", "/d") == [200, 200, 200, 429]


def test_a_route_can_be_excluded() -> None:
    app = limited(Fenrir(rate_limit="1/hour"), False, "/free")
    assert statuses(app, *["/free"] * 3) == [200] * 3


def test_a_key_counts_by_what_it_returns_and_by_the_address_for_none() -> None:
    async def by_key(request: Request) -> Any:
        return request.headers.get("x-api-key")

    app = limited(Fenrir(), rate_limit("1/hour", key=by_key))
    keys = [{"x-api-key": "a"}, {"x-api-key": "b"}, {"x-api-key": "a"}, {}, {}]
    assert [answer.status for answer in ask(app, *[("GET", "/", key) for key in keys])] == [200, 200, 429, 200, 429]


def test_an_error_handler_of_the_app_answers_and_the_headers_stay() -> None:
    app = limited(Fenrir(), "1/hour")
    app.exception_handler(TooManyRequests)(lambda request, error: ("slow down", 503))
    answer = ask(app, ("GET", "/"), ("GET", "/"))[1]
    assert (answer.status, answer.text) == (503, "slow down") and int(answer.headers["retry-after"]) > 3000


def test_headers_that_a_handler_sets_are_replaced() -> None:
    app = Fenrir()
    app.get("/", rate_limit="9/hour")(lambda: ("ok", 200, {"ratelimit": "mine", "retry-after": "7"}))
    (answer,) = ask(app, ("GET", "/"))
    assert len(answer.headers.getlist("ratelimit")) == 1 and "r=8" in answer.headers["ratelimit"]


def test_websockets_are_counted() -> None:
    app = Fenrir()

    @app.websocket("/", rate_limit="1/hour")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()

    async def steps(client: Client) -> None:
        async with client.websocket("/"):
            pass
        with pytest.raises(Refused) as refused:
            async with client.websocket("/"):
                pass
        assert refused.value.answer.status == 429

    drive(steps, app)


def test_the_guard_against_forged_requests_is_outside_of_the_limit() -> None:
    app = Fenrir(csrf=True)
    app.post("/", rate_limit="1/hour")(say())
    foreign, own = ("POST", "/", {"sec-fetch-site": "cross-site"}), ("POST", "/", {"sec-fetch-site": "same-origin"})
    assert [answer.status for answer in ask(app, foreign, foreign, own, own)] == [403, 403, 200, 429]


def test_a_route_that_is_registered_while_it_serves_keeps_the_counts() -> None:
    app = limited(Fenrir(), "1/hour")

    async def steps(client: Client) -> None:
        assert (await client.get("/")).status == 200
        app.get("/more")(say())
        assert [(await client.get(path)).status for path in ("/more", "/")] == [200, 429]

    drive(steps, app)


def test_two_apps_count_apart() -> None:
    assert [statuses(limited(Fenrir(), "1/hour"), "/") for _ in range(2)] == [[200], [200]]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("10/fortnight", "unknown unit 'fortnight'"),
        ("ten", "is not a rate such as"),
        (10, "the option rate_limit of route '/' can't be 10"),
    ],
)
def test_a_wrong_limit_is_a_build_error(limit: Any, told: str) -> None:
    with pytest.raises(BuildError, match=told):
        limited(Fenrir(), limit).build()


def test_an_unknown_backend_is_an_error_when_it_is_set() -> None:
    with pytest.raises(BuildError, match="'rate_limit_backend' can't be 'memcached'.*it must be 'memory' or 'redis'"):
        Fenrir(rate_limit_backend="memcached")


def test_redis_as_the_backend_without_its_plugin_is_a_build_error() -> None:
    with pytest.raises(BuildError, match='pip install "fenrir-core.redis."'):
        Fenrir(rate_limit_backend="redis", rate_limit="1/hour", off=["redis"]).build()


def test_off_it_adds_nothing_to_a_route() -> None:
    app = Fenrir()
    app.get("/")(say())
    app.build()
    assert not [route.source for route in app.compiled_routes if "rate_limit" in route.source]


# ---------------------------------------------------------------- the buckets


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def take(backend: MemoryBackend, key: str, seconds: int = 60, count: int = 2) -> List[int]:
    return backend.take_now([key], [seconds * 1_000_000, count])


def test_a_client_that_waited_as_long_as_it_was_told_is_served() -> None:
    clock = Clock()
    backend = MemoryBackend(10, clock)
    assert [take(backend, "a")[0] for _ in range(3)] == [1, 1, 0]
    wait = take(backend, "a")[2]
    clock.now += wait / 1e6 - 0.5
    assert take(backend, "a")[0] == 0
    clock.now += 0.5
    assert [take(backend, "a")[0] for _ in range(2)] == [1, 0]


def test_tokens_come_back_one_after_the_other_up_to_the_count() -> None:
    clock = Clock()
    backend = MemoryBackend(10, clock)
    assert [take(backend, "a")[1:] for _ in range(2)] == [[1, 0, 30_000_000], [0, 0, 60_000_000]]
    clock.now += 3600
    assert [take(backend, "a")[0] for _ in range(3)] == [1, 1, 0]


def test_a_clock_of_the_wall_that_is_set_back_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = MemoryBackend(10)
    assert take(backend, "a", 3600)[0] == 1
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert [take(backend, "a", 3600)[0] for _ in range(2)] == [1, 0]


def test_no_more_buckets_are_kept_than_allowed_and_the_oldest_goes() -> None:
    clock = Clock()
    backend = MemoryBackend(100, clock)
    for number in range(1000):
        take(backend, f"client {number}", 3600)
    assert len(backend) == 100
    assert [take(backend, "client 999", 3600)[0] for _ in range(2)] == [1, 0]  # kept
    assert [take(backend, "client 0", 3600)[0] for _ in range(3)] == [1, 1, 0]  # forgotten


def test_a_client_that_keeps_coming_is_not_forgotten_for_new_ones() -> None:
    clock = Clock()
    backend = MemoryBackend(10, clock)
    assert take(backend, "busy", 3600, 500)[0] == 1
    for number in range(300):
        take(backend, f"client {number}", 3600)
        take(backend, "busy", 3600, 500)
    assert take(backend, "busy", 3600, 500)[1] == 500 - 302


def test_buckets_that_are_full_again_are_dropped() -> None:
    clock = Clock()
    backend = MemoryBackend(1000, clock)
    for number in range(500):
        take(backend, f"client {number}", 1)
    clock.now += 10
    for number in range(250):
        take(backend, f"other {number}", 1)
    assert len(backend) == 250


@settings(max_examples=50, deadline=None)
@given(
    count=st.integers(1, 20),
    seconds=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=60),
)
def test_in_any_window_no_more_than_twice_the_count_are_served(count: int, seconds: int, pauses: List[float]) -> None:
    """A window as long as the bucket takes to fill has at most what it held and what came back."""
    clock = Clock()
    backend = MemoryBackend(10, clock)
    served: List[float] = []
    for pause in pauses:
        clock.now += pause
        if take(backend, "a", seconds, count)[0]:
            served.append(clock.now)
    for start in served:
        assert sum(start <= moment <= start + seconds for moment in served) <= 2 * count


def test_however_many_come_at_once_no_more_than_the_limit_are_served() -> None:
    async def steps(client: Client) -> None:
        answers = await asyncio.gather(*[client.get("/") for _ in range(60)])
        assert sum(answer.status == 200 for answer in answers) == 25

    drive(steps, limited(Fenrir(), "25/hour"))
