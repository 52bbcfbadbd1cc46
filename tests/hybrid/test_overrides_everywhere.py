"""Overrides of dependencies: heeded wherever a function's parameters are filled, from the next request on."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List

import pytest

from fenrir import Fenrir
from fenrir_core.testing import SyncClient
from fenrir_fastapi import Depends

Seen = List[str]
Register = Callable[[Fenrir, Seen], object]


def real() -> str:
    return "real"


def fake() -> str:
    return "fake"


async def fake_async() -> str:
    return "fake"


def fake_with_yield() -> Iterator[str]:
    yield "fake"


def before_request(app: Fenrir, seen: Seen) -> None:
    @app.before_request
    def step(name: str = Depends(real)) -> None:
        seen.append(name)


def before_request_async(app: Fenrir, seen: Seen) -> None:
    @app.before_request
    async def step(name: str = Depends(real)) -> None:
        seen.append(name)


def after_request(app: Fenrir, seen: Seen) -> None:
    @app.after_request
    def step(response: Any, name: str = Depends(real)) -> Any:
        seen.append(name)
        return response


def teardown_request(app: Fenrir, seen: Seen) -> None:
    @app.teardown_request
    def step(error: Any, name: str = Depends(real)) -> None:
        seen.append(name)


def on_request(app: Fenrir, seen: Seen) -> None:
    @app.on_request
    async def step(request: Any, name: str = Depends(real)) -> None:
        seen.append(name)


def on_response(app: Fenrir, seen: Seen) -> None:
    @app.on_response
    async def step(request: Any, response: Any, name: str = Depends(real)) -> None:
        seen.append(name)


def exception_handler(app: Fenrir, seen: Seen) -> None:
    @app.exception_handler(LookupError)
    async def handle(request: Any, error: Any, name: str = Depends(real)) -> str:
        seen.append(name)
        return "handled"


def errorhandler(app: Fenrir, seen: Seen) -> None:
    @app.errorhandler(LookupError)
    def handle(error: Any, name: str = Depends(real)) -> str:
        seen.append(name)
        return "handled"


def endpoint(app: Fenrir, seen: Seen) -> None:
    @app.get("/endpoint")
    def view(name: str = Depends(real)) -> str:
        seen.append(name)
        return name


places = pytest.mark.parametrize(
    "register",
    [
        before_request, before_request_async, after_request, teardown_request, on_request, on_response,
        exception_handler, errorhandler, endpoint,
    ],
)  # fmt: skip


@pytest.fixture
def app() -> Fenrir:
    """Make an app with a route that fails and one that does not."""
    app = Fenrir()

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    @app.get("/failing")
    async def failing() -> None:
        raise LookupError

    return app


def ask(client: SyncClient, register: Register, seen: Seen) -> str:
    """Send a request and return what the function was given; "nothing" if it was not called."""
    del seen[:]
    client.get({endpoint: "/endpoint", errorhandler: "/failing", exception_handler: "/failing"}.get(register, "/plain"))
    return seen[0] if seen else "nothing"


@places
@pytest.mark.parametrize("override", [fake, fake_async, fake_with_yield])
def test_an_override_is_heeded_from_the_next_request_until_it_is_removed(
    app: Fenrir, register: Register, override: Any
) -> None:
    seen: Seen = []
    register(app, seen)
    with SyncClient(app) as client:
        assert ask(client, register, seen) == "real"
        app.dependency_overrides[real] = override
        assert ask(client, register, seen) == "fake"
        del app.dependency_overrides[real]
        assert ask(client, register, seen) == "real"


@places
def test_an_override_is_heeded_after_a_late_hook(app: Fenrir, register: Register) -> None:
    seen: Seen = []
    register(app, seen)
    with SyncClient(app) as client:
        assert ask(client, register, seen) == "real"

        @app.before_request
        async def late() -> None: ...

        assert ask(client, register, seen) == "real"
        app.dependency_overrides[real] = fake
        assert ask(client, register, seen) == "fake"


@places
def test_an_override_of_a_dependencys_own_dependency_is_heeded(app: Fenrir, register: Register) -> None:
    seen: Seen = []
    register(app, seen)

    def outer(name: str = Depends(fake)) -> str:
        return f"outer {name}"

    with SyncClient(app) as client:
        app.dependency_overrides[real] = outer
        assert ask(client, register, seen) == "outer fake"
        app.dependency_overrides[fake] = lambda: "inner"
        assert ask(client, register, seen) == "outer inner"
