"""The hooks of the Bottle paradigm."""

from __future__ import annotations

from typing import Any, Iterable

from fenrir_core import (
    Build,
    Call,
    ExceptionHandler,
    PluginInfo,
    Route,
    RouteHook,
    hookimpl,
)
from fenrir_core import HTTPError as KernelError

from .response import HTTPResponse
from .return_values import BottleState, answer_error

fenrir_plugin = PluginInfo(api="1")
_LOADED = RouteHook("bottle body", needs=frozenset({"load"}))


@hookimpl
def fenrir_route_hooks(route: Route) -> Iterable[RouteHook]:
    """Have the body read before a Bottle route: its code is synchronous and can't wait for it."""
    return [_LOADED] if hasattr(route.endpoint, "bottle_route") else []


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Answer `HTTPResponse` wherever it is raised, and all errors of Bottle's own apps."""
    answer = Call(answer_error, "thread")
    yield ExceptionHandler(HTTPResponse, answer, default=True)
    if build.app.paradigm == "bottle":
        yield ExceptionHandler(KernelError, answer, default=True)
        yield ExceptionHandler(Exception, answer, default=True)


@hookimpl
def fenrir_app_built(app: Any) -> None:
    """Put the plugins of a Bottle app around its callbacks, before it serves."""
    for route in app.store(BottleState).routes:
        route.call  # noqa: B018 - computed once, at its first use
