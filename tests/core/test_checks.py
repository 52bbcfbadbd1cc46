"""Values of hooks with a field that would fail in a request: refused when the app is made or built."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Callable, List, Tuple

import pytest

from fenrir_core import (
    BuildError,
    Call,
    ExceptionHandler,
    Lifespan,
    Middleware,
    PluginInfo,
    Provide,
    Resolver,
    Route,
    RouteHook,
    Setting,
    hookimpl,
)
from fenrir_core.exceptions import StartupFailed
from fenrir_core.testing import Client, make_app


def nothing(*args: Any) -> None:
    pass


def text(value: str) -> Any:
    """Return a text where something else belongs, which a type checker would not let pass."""
    return value


def plugin(hook: str, answer: Any) -> Any:
    def implementation() -> Any:
        return answer

    implementation.__name__ = hook
    return SimpleNamespace(__name__="mine", fenrir_plugin=PluginInfo(), **{hook: hookimpl(implementation)})


def refusal(hook: str, answer: Any) -> str:
    """Return what the app says whose plugin gives this answer; it has a handler with one parameter."""
    with pytest.raises(BuildError) as caught:
        app = make_app([plugin(hook, answer)])

        @app.get("/")
        def endpoint(of_plugin: Any = None) -> str:
            return "hello"

        app.build()
    return str(caught.value)


LIFESPAN: Any = nothing


WRONG: List[Tuple[str, Callable[..., Any], str]] = [
    ("settings", lambda: Setting("Two words", str, ""), "Setting, whose `name` is 'Two words': it must be lower case"),
    ("settings", lambda: Setting("color", text("red"), ""), "whose `type` is 'red': it must be a function"),
    ("routes", lambda: Route("a", nothing), "Route, whose `path` is 'a': it must begin with '/'"),
    ("routes", lambda: Route("/a", nothing, text("GET")), "whose `methods` is 'GET': it must be a tuple of methods"),
    ("routes", lambda: Route("/a", nothing, ("get",)), "whose `methods` is ('get',): it must be a tuple of methods"),
    ("route_hooks", lambda: RouteHook("w", before=text("x")), "write Call.of(function)"),
    ("route_hooks", lambda: RouteHook("w", after=Call(nothing, "sync")), "RouteHook 'w', whose `after` is Call("),
    ("route_hooks", lambda: RouteHook("w", kinds=frozenset({"https"})), "some of 'http', 'websocket'"),
    ("route_hooks", lambda: RouteHook("w", needs=text("body")), "whose `needs` is 'body': it must be a frozenset"),
    ("exception_handlers", lambda: ExceptionHandler(KeyError, text("x")), "write Call.of(function)"),
    ("exception_handlers", lambda: ExceptionHandler(text("404"), Call.of(nothing)), "an exception class or a status"),
    ("middleware", lambda: Middleware("m", text("x")), "Middleware 'm', whose `factory` is 'x': it must be a function"),
    ("middleware", lambda: Middleware("m", text("x"), after=text("log")), "whose `factory` is 'x'"),
    ("lifespans", lambda: Lifespan("l", text("x")), "whose `enter` is 'x': it must be a function"),
    ("lifespans", lambda: Lifespan("l", LIFESPAN, text("pool")), "whose `after` is 'pool': it must be a tuple"),
]


@pytest.mark.parametrize(("hook", "make", "told"), WRONG)
def test_a_field_that_can_not_be_right_is_told_with_hook_plugin_value_and_remedy(
    hook: str, make: Callable[..., Any], told: str
) -> None:
    message = refusal(f"fenrir_{hook}", [make()])
    assert message.startswith(f"fenrir_{hook} of the plugin mine gave ")
    assert told in message


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Resolver(text("x")), "Resolver, whose `read` is 'x': it must be a function"),
        (Resolver(nothing, needs=frozenset({"bodi"})), "it must be a frozenset of some of 'body', 'form', 'load'"),
        (Provide(nothing, scope="session"), "whose `scope` is 'session': it must be one of 'request', 'function',"),
    ],
)
def test_a_resolver_with_a_wrong_field_is_told_at_the_build(value: Any, told: str) -> None:
    assert told in refusal("fenrir_make_resolver", value)


def test_a_lifespan_that_is_no_context_manager_is_told_with_the_decorator_that_is_missing() -> None:
    async def pool(app: Any) -> Any:
        yield

    async def start() -> None:
        async with Client(make_app([plugin("fenrir_lifespans", [Lifespan("pool", pool)])])):
            pass

    with pytest.raises(StartupFailed, match="in 'pool' .from mine.*decorate it with @asynccontextmanager"):
        asyncio.run(start())
