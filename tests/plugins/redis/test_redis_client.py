"""The app's client: its start and stop, and access to it."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Dict, List

import pytest
import redis.asyncio
from redis.asyncio import Redis

import fenrir_redis
from fenrir_core import BuildError, Fenrir
from fenrir_core.exceptions import StartupFailed
from fenrir_core.testing import Client, check_plugin, make_app
from fenrir_redis.client import without_password

ROOT = Path(__file__).resolve().parents[3]


async def ping(cache: Redis) -> Any:
    return await cache.ping()


def test_it_passes_the_checks_for_plugins() -> None:
    check_plugin("fenrir_redis.plugin")


def test_installed_and_not_configured_it_gives_nothing_and_imports_no_redis() -> None:
    program = """
import asyncio, sys
from fenrir import Fenrir
from fenrir_core.testing import Client
import fenrir_redis
app = Fenrir()

@app.get("/{name}")
async def index(name: str):
    return name

async def main():
    async with Client(app) as client:
        assert (await client.get("/x")).status == 200

asyncio.run(main())
assert "redis" in app.plugins.order, app.plugins.order
given = [item.by.plugin for target in app.compiled_routes for item in target.plan.hooks]
assert "redis" not in given, given
assert "redis" not in [item.by.plugin for item in app.built.lifespans]
assert "redis" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_parameter_of_its_type_gets_the_client(make: Any) -> None:
    app = make()

    @app.get("/")
    async def index(cache: Redis) -> Any:
        await cache.set("hits", 41)
        return await cache.incr("hits")

    async def main() -> None:
        async with Client(app) as client:
            assert (await client.get("/")).json() == 42

    asyncio.run(main())


def test_the_name_redis_stands_for_the_client_of_the_running_app(make: Any) -> None:
    app = make()

    async def count() -> Any:
        async with fenrir_redis.redis.pipeline() as pipeline:
            return await pipeline.set("n", 1).incr("n").execute()

    @app.get("/")
    async def index() -> Any:
        return (await count())[1]

    async def main() -> None:
        async with Client(app) as client:
            assert (await client.get("/")).json() == 2
            async with app.context() as scope:
                assert (await scope.call(count))[1] == 2

    asyncio.run(main())


def test_two_apps_have_two_clients_which_close_with_them(make: Any, redis_server: Any) -> None:
    apps = [make(redis_url=redis_server.url[:-1] + number) for number in "12"]
    for app in apps:

        @app.get("/{value}")
        async def put(cache: Redis, value: str) -> Any:
            before = await cache.get("value")
            await cache.set("value", value)
            return before or "nothing"

    async def main() -> None:
        async with Client(apps[0]) as first:
            async with Client(apps[1]) as second:
                assert [(await client.get("/x")).text for client in (first, second)] == ["nothing"] * 2
                assert redis_server.connections() == 2
            assert (await first.get("/y")).text == "x"
        await redis_server.until(lambda: redis_server.connections() == 0)

    asyncio.run(main())


def test_the_client_is_there_before_listeners_and_start_up_functions(redis_server: Any) -> None:
    seen: List[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> Any:
        seen.append(f"lifespan {await app.context().call(ping)}")
        yield

    app = Fenrir(redis_url=redis_server.url, lifespan=lifespan)

    @app.listener("main_process_start")
    async def early(app: Any, cache: Redis) -> None:
        seen.append(f"start {await ping(cache)}")

    @app.listener("main_process_stop")
    async def late(app: Any, cache: Redis) -> None:
        seen.append(f"stop {await ping(cache)}")

    async def main() -> None:
        async with Client(app):
            pass

    asyncio.run(main())
    assert seen == ["start True", "lifespan True", "stop True"]


def test_more_requests_than_connections_wait_for_their_turn(make: Any, redis_server: Any) -> None:
    app = make(redis_connections=2, redis_timeout=10)

    @app.get("/")
    async def index(cache: Redis) -> Any:
        return await cache.incr("hits")

    async def main() -> None:
        async with Client(app) as client:
            answers = await asyncio.gather(*[client.get("/") for _ in range(50)])
            assert sorted(answer.json() for answer in answers) == list(range(1, 51))
            assert redis_server.connections() == 2

    asyncio.run(main())


def start_error(app: Any) -> str:
    async def main() -> None:
        async with Client(app):
            pass

    with pytest.raises(StartupFailed) as failed:
        asyncio.run(main())
    return str(failed.value)


def test_a_redis_that_is_not_there_stops_the_start_with_what_to_do(make: Any, free_port: int) -> None:
    told = start_error(make(redis_url=f"redis://ada:hush@127.0.0.1:{free_port}/0", redis_start_timeout=0.2))
    assert told.startswith(
        "Start-up failed in 'redis' (from fenrir_redis.plugin): RedisUnavailable: redis://ada:***@127.0."
    )
    assert "did not answer PING in 0.2 s (setting redis_start_timeout)" in told
    assert "Start Redis, or set `redis_url` (FENRIR_REDIS_URL)." in told


def test_a_redis_that_hangs_stops_the_start_in_its_time(make: Any, redis_server: Any) -> None:
    redis_server.freeze()
    assert "did not answer PING in 0.3 s" in start_error(make(redis_start_timeout=0.3))


def test_a_redis_that_comes_a_little_later_is_waited_for(make: Any, redis_server: Any) -> None:
    app = make(redis_start_timeout=20)
    redis_server.stop()

    async def main() -> None:
        starting = asyncio.ensure_future(Client(app).__aenter__())
        await asyncio.sleep(0.15)
        assert not starting.done()
        redis_server.start()
        client = await starting
        await client.__aexit__()

    asyncio.run(main())


def test_a_wrong_password_stops_the_start_at_once(make: Any, redis_server: Any) -> None:
    redis_server.say("CONFIG", "SET", "requirepass", "right")
    try:
        told = start_error(make(redis_url=redis_server.url.replace("//", "//:wrong@"), redis_start_timeout=60))
    finally:
        asyncio.run(_open_again(redis_server.url.replace("//", "//:right@")))
    assert "redis://:***@" in told and "wrong@" not in told and " in 60 s" not in told


async def _open_again(url: str) -> None:
    async with redis.asyncio.Redis.from_url(url) as client:
        await client.config_set("requirepass", "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:p@localhost/0", "redis://:***@localhost/0"),
        ("rediss://ada:p:w@host:1/2?x=1", "rediss://ada:***@host:1/2?x=1"),
        ("unix://ada:p@/run/redis.sock?db=1", "unix://ada:***@/run/redis.sock?db=1"),
        ("redis://host?password=p&db=1", "redis://host?password=***&db=1"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", 6379])
def test_another_kind_of_url_is_a_build_error(make: Any, url: Any) -> None:
    with pytest.raises(BuildError, match="'redis_url' can't be .*redis://, rediss:// .TLS. or unix://"):
        make(redis_url=url)


def test_the_environment_says_where_redis_is(monkeypatch: Any, redis_server: Any) -> None:
    monkeypatch.setenv("FENRIR_REDIS_URL", redis_server.url)
    app = make_app(["fenrir_redis.plugin"])

    async def main() -> None:
        async with Client(app), app.context() as scope:
            assert await scope.call(ping)

    asyncio.run(main())


def test_a_client_where_none_is_set_is_a_build_error(make: Any) -> None:
    app = make(redis_url=None)

    @app.get("/")
    async def index(cache: Redis) -> str:
        return ""

    with pytest.raises(BuildError, match="test_redis_client.py:.*'cache' of route '/'.*FENRIR_REDIS_URL"):
        app.build()


def test_the_name_redis_in_an_app_without_one_says_so(make: Any) -> None:
    app = make(redis_url=None)

    @app.get("/")
    async def index() -> Any:
        return await fenrir_redis.redis.get("x")

    async def main() -> None:
        async with Client(app) as client:
            await client.get("/")

    with pytest.raises(RuntimeError, match="This app has no Redis. Set `redis_url`"):
        asyncio.run(main())


BLOCKS = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "redis.md").read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("index", range(len(BLOCKS)))
def test_the_apps_of_the_page_start_where_redis_is(index: int, monkeypatch: Any, redis_server: Any) -> None:
    monkeypatch.setenv("FENRIR_REDIS_URL", redis_server.url)
    namespace: Dict[str, Any] = {"__name__": "page"}
    exec(compile(BLOCKS[index], "docs/redis.md", "exec"), namespace)

    async def main() -> None:
        if "shop" in namespace:
            async with Client(namespace["shop"]):
                pass

    asyncio.run(main())
