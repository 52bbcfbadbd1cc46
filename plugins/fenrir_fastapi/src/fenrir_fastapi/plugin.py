"""The FastAPI paradigm as a plugin: hooks only."""

from __future__ import annotations

from typing import Iterable, Optional

from fenrir_core import (
    Build,
    ExceptionHandler,
    Param,
    PluginInfo,
    Responder,
    Route,
    RouteOption,
    hookimpl,
)
from fenrir_core.values import AnyResolver

from . import handlers, options, resolve, respond

# Asked last: it claims every parameter that is left.
fenrir_plugin = PluginInfo(api="1", after=("bottle", "falcon", "flask", "sanic"))


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Name the options of FastAPI's path operations."""
    return options.ROUTE_OPTIONS


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[AnyResolver]:
    """Read parameters as FastAPI does."""
    return resolve.make_resolver(param, route, build)


@hookimpl
def fenrir_make_responder(route: Route, build: Build) -> Optional[Responder]:
    """Answer by FastAPI's rule where it holds."""
    return respond.make_responder(route, build)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Answer FastAPI's own errors."""
    return handlers.default_handlers()
