"""Scopes outside of requests, and dependencies that live as long as the app."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Callable, List, Optional

import pytest
from tests.asgi import ask

from fenrir_core import App, BuildError, NoRequest, Param, Provide, Request, current_connection, hookimpl


class Needs:
    """The default of a parameter that a dependency fills."""

    def __init__(self, function: Callable[..., Any], scope: str = "request") -> None:
        self.function, self.scope = function, scope


class Plugin:
    """Spell dependencies as `Needs(function)`."""

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Optional[Provide]:
        if isinstance(param.default, Needs):
            return Provide(param.default.function, scope=param.default.scope)
        return None


def make_app(**settings: Any) -> App:
    return App(paradigms=(), autoload=False, plugins=[Plugin()], **settings)


async def get(app: App, path: str) -> Any:
    answer = await ask(app, "GET", path)
    return answer


def test_a_scope_fills_the_parameters_of_a_function() -> None:
    app = make_app()

    async def source() -> int:
        return 7

    async def work(factor: int, number: Any = Needs(source)) -> int:
        return factor * int(number)

    async def main() -> int:
        async with app.context() as scope:
            return int(await scope.call(work, 6))

    assert asyncio.run(main()) == 42


def test_a_scope_closes_what_it_opened_at_its_end() -> None:
    app = make_app()
    log: List[str] = []

    async def source() -> AsyncIterator[str]:
        log.append("open")
        yield "it"
        log.append("close")

    async def work(it: Any = Needs(source)) -> None:
        log.append("work")

    async def main() -> None:
        async with app.context() as scope:
            await scope.call(work)
            log.append("still inside")

    asyncio.run(main())
    assert log == ["open", "work", "still inside", "close"]


def test_an_error_in_a_scope_reaches_what_it_opened() -> None:
    app = make_app()
    seen: List[BaseException] = []

    async def source() -> AsyncIterator[None]:
        try:
            yield
        except ValueError as error:
            seen.append(error)
            raise

    async def work(it: Any = Needs(source)) -> None:
        raise ValueError("in the script")

    async def main() -> None:
        async with app.context() as scope:
            await scope.call(work)

    with pytest.raises(ValueError, match="in the script"):
        asyncio.run(main())
    assert [str(error) for error in seen] == ["in the script"]


def test_the_context_of_a_scope_ends_with_it() -> None:
    app = make_app()

    async def main() -> None:
        async with app.context():
            current_connection()
        current_connection()

    with pytest.raises(NoRequest):
        asyncio.run(main())


def pool_app(log: List[str]) -> App:
    app = make_app()

    async def settings() -> str:
        log.append("settings")
        return "dsn"

    async def pool(dsn: Any = Needs(settings, "app")) -> AsyncIterator[List[str]]:
        log.append("open pool")
        yield [dsn]
        log.append("close pool")

    @app.get("/")
    async def home(pool: Any = Needs(pool, "app")) -> Any:
        log.append("request")
        return pool

    app.state.pool = pool
    return app


def test_an_app_scoped_dependency_is_made_once_at_the_start_and_closed_at_the_stop() -> None:
    log: List[str] = []
    app = pool_app(log)

    async def main() -> None:
        async with app.lifespan():
            await get(app, "/")
            await get(app, "/")

    asyncio.run(main())
    assert log == ["settings", "open pool", "request", "request", "close pool"]


def test_an_app_scoped_dependency_is_the_same_object_in_a_script() -> None:
    app = pool_app([])

    async def work(pool: Any = Needs(app.state.pool, "app")) -> Any:
        return pool

    async def main() -> bool:
        async with app.lifespan(), app.context() as scope:
            return await scope.call(work) is await scope.call(work)

    assert asyncio.run(main())


def test_an_override_stands_in_for_an_app_scoped_dependency() -> None:
    app = pool_app([])

    async def main() -> str:
        async with app.lifespan():
            app.dependency_overrides[app.state.pool] = lambda: ["fake"]
            return str((await get(app, "/")).text)

    assert asyncio.run(main()) == '["fake"]'


def test_a_removed_override_counts_no_more() -> None:
    app = pool_app([])

    async def main() -> str:
        async with app.lifespan():
            app.dependency_overrides[app.state.pool] = lambda: ["fake"]
            app.dependency_overrides.clear()
            return str((await get(app, "/")).text)

    assert asyncio.run(main()) == '["dsn"]'


def test_an_app_scoped_dependency_can_not_read_a_request() -> None:
    app = make_app()

    async def pool(request) -> None:  # type: ignore[no-untyped-def]
        ...

    @app.get("/")
    async def home(pool: Any = Needs(pool, "app")) -> None: ...

    with pytest.raises(BuildError, match="'request' can't come from a request"):
        app.build()


def test_an_app_scoped_dependency_that_fails_fails_the_start() -> None:
    app = make_app()

    async def pool() -> None:
        raise OSError("no database")

    @app.get("/")
    async def home(pool: Any = Needs(pool, "app")) -> None: ...

    async def main() -> None:
        async with app.lifespan():
            pass

    with pytest.raises(Exception, match="'app dependencies'.*no database"):
        asyncio.run(main())


def test_a_request_context_gives_the_parts_of_its_request() -> None:
    app = make_app()
    with app.request_context("/a?b=c", "POST", headers={"X-Y": "z"}, body=b'{"d": 1}'):
        request = current_connection()
        assert isinstance(request, Request)
        assert (request.path, request.query["b"], request.headers["x-y"]) == ("/a", "c", "z")
        assert request.loaded_json == {"d": 1}


def test_a_request_context_knows_the_route_of_its_path() -> None:
    app = make_app()

    @app.get("/pets/{pet:int}")
    async def show(pet: int) -> None: ...

    with app.request_context("/pets/7") as request:
        assert (request.route.name, request.path_params) == ("show", {"pet": 7})


def test_a_request_context_ends_with_its_block() -> None:
    app = make_app()
    with app.request_context("/"):
        pass
    with pytest.raises(NoRequest):
        current_connection()


def test_an_async_request_context_reads_the_form() -> None:
    app = make_app()
    headers = {"content-type": "application/x-www-form-urlencoded"}

    async def main() -> str:
        async with app.request_context("/", "POST", headers=headers, body=b"a=1") as request:
            return str(request.loaded_form["a"])

    assert asyncio.run(main()) == "1"
