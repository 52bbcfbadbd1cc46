"""The hooks."""

from __future__ import annotations

from typing import Any, Iterable, List, Optional

from fenrir_core import (
    AppMethod,
    Build,
    Call,
    ExceptionHandler,
    Param,
    PluginInfo,
    Resolver,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    hookimpl,
)
from fenrir_core.authoring import BODY_METHODS

from . import handling
from .web import PARADIGM, Rules, add_handlers, routes_of

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Add `add_handlers` to the hybrid app."""
    yield AppMethod("add_handlers", add_handlers)


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Let a route have its rule."""
    yield RouteOption("spec", "The rule that the route was made of.")


@hookimpl
def fenrir_collect_routes(source: Any, prefix: str, build: Build) -> Optional[List[Route]]:
    """Return the routes of mounted rules."""
    return list(routes_of(build.app, source, prefix)) if isinstance(source, Rules) else None


@hookimpl
def fenrir_make_resolver(param: Param, route: Route) -> Optional[Resolver]:
    """Fill `self`."""
    is_self = route.option("spec") is not None and param.index == 0 and param.function is route.endpoint
    return Resolver(handling.handler_of) if is_self else None


@hookimpl
def fenrir_make_return_handler(route: Route) -> Optional[ReturnHandler]:
    """Send what the handler has written."""
    return ReturnHandler(handling.respond) if route.option("spec") is not None else None


@hookimpl
def fenrir_route_hooks(route: Route) -> Iterable[RouteHook]:
    """Run `prepare` and `on_finish`, and read the body before."""
    if route.option("spec") is not None:
        needs = frozenset({"body"} if BODY_METHODS.intersection(route.methods) else ())
        teardown = Call.of(handling.teardown)
        yield RouteHook("handler", around=handling.around, teardown=teardown, needs=needs)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Let handlers write their errors; in the paradigm's own app also those without a route."""
    is_own = build.app.paradigm == PARADIGM
    applies = None if is_own else lambda route: route.paradigm == PARADIGM
    yield ExceptionHandler(Exception, Call.of(handling.handle), applies=applies, default=True)
