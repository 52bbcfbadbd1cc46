"""Rate limits that are counted in Redis."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, List

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fenrir_core import BuildError, HTTPError, Request, WebSocket
from fenrir_core.testing import Client, Refused
from fenrir_redis import Session, TooManyRequests, rate_limit
from fenrir_security.limits import address_of


def run(app: Any, steps: Any, **options: Any) -> None:
    async def main() -> None:
        async with Client(app, **options) as client:
            await steps(client)

    asyncio.run(main())


def limited(app: Any, limit: Any, path: str = "/") -> Any:
    @app.get(path, rate_limit=limit)
    async def handler() -> str:
        return "ok"

    return app


async def statuses(client: Client, count: int, path: str = "/", **options: Any) -> List[int]:
    return [(await client.get(path, **options)).status for _ in range(count)]


def test_requests_over_the_limit_are_answered_with_429(make: Any) -> None:
    async def steps(client: Client) -> None:
        assert await statuses(client, 5) == [200, 200, 200, 429, 429]

    run(limited(make(), "3/hour"), steps)


def test_good_and_refused_answers_say_what_is_left(make: Any) -> None:
    async def steps(client: Client) -> None:
        first, second, third = [await client.get("/") for _ in range(3)]
        assert first.headers["ratelimit-policy"] == '"2/hour";q=2;w=3600'
        left = [
            re.fullmatch(r'"2/hour";r=(\d);t=(\d+)', answer.headers["ratelimit"]) for answer in (first, second, third)
        ]
        assert [found and found[1] for found in left] == ["1", "0", "0"]
        assert [found and round(int(found[2]), -2) for found in left] == [1800, 3600, 3600]
        assert [round(int(answer.headers.get("retry-after", 0)), -2) for answer in (first, second, third)] == [
            0,
            0,
            1800,
        ]
        told = third.headers["retry-after"]
        assert third.json() == {"detail": f"Too many requests: 2/hour. Try again in {told} s."}

    run(limited(make(), "2/hour"), steps)


def test_a_client_that_waited_as_long_as_it_was_told_is_served(make: Any) -> None:
    async def steps(client: Client) -> None:
        assert await statuses(client, 1) == [200]
        refused = await client.get("/")
        await asyncio.sleep(int(refused.headers["retry-after"]))
        assert await statuses(client, 1) == [200]

    run(limited(make(), "1/second"), steps)


def test_several_rates_all_hold_and_a_refused_request_takes_from_none(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        answers = [await client.get("/") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 429, 429]
        assert [answer.headers["ratelimit"].split(", ")[1].split(";")[1] for answer in answers] == [
            "r=9", "r=8", "r=8", "r=8",
        ]  # fmt: skip
        assert "2/hour" in answers[3].json()["detail"] and "10/day" not in answers[3].json()["detail"]

    run(limited(make(), "2/hour, 10/day"), steps)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 40), count=st.integers(1, 60), hours=st.integers(1, 24))
def test_however_many_come_at_once_no_more_than_the_limit_are_served(
    make: Any, redis_server: Any, limit: int, count: int, hours: int
) -> None:
    redis_server.say("FLUSHALL")

    async def steps(client: Client) -> None:
        answers = await asyncio.gather(*[client.get("/") for _ in range(count)])
        assert sum(answer.status == 200 for answer in answers) == min(limit, count)
        assert {answer.status for answer in answers} <= {200, 429}

    # Sixty answers may take a busy machine a second, and without Redis in time requests are let through.
    run(limited(make(redis_timeout=20), f"{limit}/{hours} hours"), steps)


def test_routes_are_counted_apart_unless_they_share_a_name(make: Any) -> None:
    app = make()
    limited(app, "1/hour", "/a")
    limited(app, "1/hour", "/b")
    limited(app, rate_limit("1/hour", name="shared"), "/c")
    limited(app, rate_limit("1/hour", name="shared"), "/d")

    async def steps(client: Client) -> None:
        assert [(await client.get(f"/{name}")).status for name in "abcd"] == [200, 200, 200, 429]

    run(app, steps)


def test_the_setting_limits_the_app_as_a_whole_unknown_paths_too(make: Any) -> None:
    app = make(rate_limit="3/hour")
    app.get("/a")(lambda: "a")
    app.get("/b")(lambda: "b")
    limited(app, "5/hour", "/own")
    limited(app, False, "/free")

    async def steps(client: Client) -> None:
        assert [(await client.get(path)).status for path in ("/a", "/b", "/nowhere")] == [200, 200, 404]
        assert [(await client.get(path)).status for path in ("/a", "/b", "/nowhere")] == [429] * 3
        assert (await client.request("OPTIONS", "/a")).status == 200
        assert await statuses(client, 6, "/own") == [200] * 5 + [429]
        assert await statuses(client, 6, "/free") == [200] * 6

    run(app, steps)


@pytest.mark.parametrize("registered_first", [True, False])
def test_the_decorator_works_on_either_side_of_the_one_that_registers(make: Any, registered_first: bool) -> None:
    app = make()

    async def handler() -> str:
        return "ok"

    if registered_first:
        rate_limit("1/hour")(app.get("/")(handler))
    else:
        app.get("/")(rate_limit("1/hour")(handler))

    async def steps(client: Client) -> None:
        assert await statuses(client, 2) == [200, 429]

    run(app, steps)


def test_no_header_that_the_client_writes_gives_it_a_fresh_count(make: Any) -> None:
    async def steps(client: Client) -> None:
        for index, name in enumerate(("x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip")):
            answer = await client.get("/", headers={name: f"for=10.0.0.{index}" if name == "forwarded" else "10.0.0.9"})
            assert answer.status == (200 if index == 0 else 429)

    run(limited(make(), "1/hour"), steps)


@pytest.mark.parametrize(
    ("client", "subject"),
    [
        (("192.0.2.7", 4000), "192.0.2.7"),
        (("::ffff:192.0.2.7", 4000), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 4000), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 4000), "fe80::/64"),
        (("not:an:address", 0), "not:an:address"),
        (None, ""),
    ],
)
def test_a_client_is_known_by_its_address_and_of_ipv6_by_its_network(client: Any, subject: str) -> None:
    assert address_of(Request({"type": "http", "client": client, "headers": []}, *[None] * 4)) == subject  # type: ignore[arg-type]


def test_a_key_counts_by_whatever_it_gives_and_by_address_for_none(make: Any, redis_server: Any) -> None:
    async def user(request: Request) -> Any:
        return request.headers.get("x-user")

    async def steps(client: Client) -> None:
        assert await statuses(client, 2, headers={"x-user": "secret token"}) == [200, 429]
        assert await statuses(client, 2, headers={"x-user": "bob"}) == [200, 429]
        assert await statuses(client, 2) == [200, 429]
        assert not any("secret" in key for key in redis_server.keys())

    run(limited(make(), rate_limit("1/hour", key=user)), steps)


def test_a_key_takes_what_an_endpoint_takes_and_may_be_synchronous(make: Any) -> None:
    def user(session: Session) -> Any:
        return session.get("user")

    app = make(redis_sessions=True)

    @app.get("/login/{name}")
    async def login(name: str, session: Session) -> str:
        session["user"] = name
        return "ok"

    async def steps(client: Client) -> None:
        cookies = []
        for name in ("ada", "bob"):
            (sent,) = (await client.get(f"/login/{name}")).headers.getlist("set-cookie")
            cookies.append({"cookie": sent.split(";")[0]})
            client.cookies.clear()
        assert [await statuses(client, 2, headers=cookie) for cookie in cookies] == [[200, 429]] * 2

    run(limited(app, rate_limit("1/hour", key=user)), steps)


def test_the_handler_does_not_run_for_a_refused_request(make: Any) -> None:
    app, calls = make(), []

    @app.get("/", rate_limit="1/hour")
    async def handler() -> str:
        calls.append(1)
        return "ok"

    async def steps(client: Client) -> None:
        await statuses(client, 3)
        assert calls == [1]

    run(app, steps)


@pytest.mark.parametrize("matches", [TooManyRequests, HTTPError, 429])
def test_an_error_handler_answers_refused_requests_and_the_headers_stay(make: Any, matches: Any) -> None:
    from fenrir_core import Call, ExceptionHandler, JSONResponse, PluginInfo, hookimpl

    class Handlers:
        fenrir_plugin = PluginInfo()

        @hookimpl
        def fenrir_exception_handlers(self) -> Any:
            yield ExceptionHandler(
                matches, Call.of(lambda request, error: JSONResponse({"slow": "down"}, 429), nonblocking=True)
            )

    async def steps(client: Client) -> None:
        await client.get("/")
        answer = await client.get("/")
        assert (answer.status, answer.json()) == (429, {"slow": "down"})
        assert {"retry-after", "ratelimit", "ratelimit-policy"} <= set(answer.headers)

    run(limited(make([Handlers()]), "1/hour"), steps)


def test_a_websocket_over_the_limit_is_refused_with_429(make: Any) -> None:
    app = make()

    @app.websocket("/ws", rate_limit="1/hour")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("in")

    async def steps(client: Client) -> None:
        async with client.websocket("/ws") as session:
            assert await session.receive() == "in"
        with pytest.raises(Refused) as refused:
            async with client.websocket("/ws"):
                pass
        assert refused.value.answer.status == 429
        assert round(int(refused.value.answer.headers["retry-after"]), -2) == 3600

    run(app, steps)


def test_a_route_without_limit_asks_redis_for_nothing_and_has_no_step(make: Any, redis_server: Any) -> None:
    app = limited(make(), "1/hour")
    app.get("/free")(lambda: "free")

    async def steps(client: Client) -> None:
        before = redis_server.calls()
        assert await statuses(client, 3, "/free") == [200] * 3
        assert redis_server.calls() == before

    run(app, steps)


def test_a_count_is_forgotten_when_nothing_of_it_is_used(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        await client.get("/")
        (key,) = redis_server.keys()
        assert key == "fenrir:rate:GET /:60/minute:127.0.0.1"
        assert 0 < int(redis_server.say("PTTL", key)[1:]) <= 1000

    run(limited(make(), "60/minute"), steps)


def test_redis_may_forget_the_script(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        await client.get("/")
        redis_server.say("SCRIPT", "FLUSH")
        assert await statuses(client, 2) == [200, 429]

    run(limited(make(), "2/hour"), steps)


def test_without_redis_requests_are_let_pass_and_the_log_says_so_once(
    make: Any, redis_server: Any, caplog: Any
) -> None:
    async def steps(client: Client) -> None:
        assert await statuses(client, 1) == [200]
        redis_server.stop()
        answers = [await client.get("/") for _ in range(5)]
        assert [answer.status for answer in answers] == [200] * 5
        assert "ratelimit" not in answers[0].headers

    with caplog.at_level(logging.ERROR, "fenrir.redis"):
        run(limited(make(), "1/hour"), steps)
    assert len(caplog.records) == 1
    assert caplog.messages[0].startswith("Rate limits (requests are let through): Redis failed (ConnectionError")


def test_without_redis_requests_are_refused_where_the_app_says_so(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        redis_server.stop()
        answer = await client.get("/")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")

    run(limited(make(rate_limit_when_down="refuse"), "1/hour"), steps)


def test_a_redis_that_hangs_holds_up_one_request_at_the_most(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        clock = asyncio.get_running_loop().time
        await client.get("/")
        redis_server.freeze()
        began = clock()
        assert await statuses(client, 20) == [200] * 20
        assert 0.2 < clock() - began < 1.0

    run(limited(make(redis_timeout=0.2), "1/hour"), steps)


def test_when_redis_is_back_limits_work_again(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        redis_server.stop()
        assert await statuses(client, 3) == [200] * 3
        redis_server.start()
        end = asyncio.get_running_loop().time() + 10
        while await statuses(client, 1) != [429]:
            assert asyncio.get_running_loop().time() < end
            await asyncio.sleep(0.05)

    run(limited(make(), "1/hour"), steps)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10/minuet", "unknown unit 'minuet'; did you mean 'minute'?"),
        ("10/fortnight", "unknown unit 'fortnight'; there are second, minute, hour and day"),
        ("0/minute", "has a zero"),
        ("5/0 minutes", "has a zero"),
        ("ten a minute", "is not a rate such as"),
        ("10/minute,", "'' is not a rate such as"),
        ("", "is not a rate such as"),
        ("900000/second", "over 100,000 a second"),
    ],
)
def test_a_wrong_rate_is_a_build_error_wherever_it_is_written(make: Any, text: str, told: str) -> None:
    with pytest.raises(BuildError) as decorator:
        rate_limit(text)
    assert told in str(decorator.value)
    app = limited(make(), text)
    with pytest.raises(BuildError) as option:
        app.build()
    assert told in str(option.value) and "test_redis_limits.py:" in str(option.value)
    if text:
        with pytest.raises(BuildError) as setting:
            make(rate_limit=text)
        assert told in str(setting.value)


@pytest.mark.parametrize(
    "text", ["10/minute", "10 / minute", "10 per minute", "10/60s", "10/60 seconds", "10/1 Minute"]
)
def test_a_rate_may_be_written_in_several_ways(make: Any, text: str) -> None:
    async def steps(client: Client) -> None:
        assert (await client.get("/")).headers["ratelimit-policy"].endswith(";q=10;w=60")

    run(limited(make(), text), steps)


@pytest.mark.parametrize("wrong", [10, True, ["10/minute"], {}])
def test_another_value_than_a_rate_is_a_build_error(make: Any, wrong: Any) -> None:
    with pytest.raises(BuildError, match="the option rate_limit of route '/' can't be"):
        limited(make(), wrong).build()


@pytest.mark.parametrize("where", ["route", "setting", "neither"])
def test_redis_as_the_backend_without_a_redis_is_a_build_error(make: Any, where: str) -> None:
    app = make(redis_url=None, rate_limit_backend="redis", rate_limit="1/hour" if where == "setting" else None)
    if where == "route":
        limited(app, "1/hour")
    with pytest.raises(BuildError, match="Set `redis_url`, or the environment variable FENRIR_REDIS_URL"):
        app.build()


def test_without_a_redis_the_process_counts(make: Any, redis_server: Any) -> None:
    async def steps(client: Client) -> None:
        assert await statuses(client, 2) == [200, 429]
        assert redis_server.keys() == []

    run(limited(make(redis_url=None), "1/hour"), steps)
