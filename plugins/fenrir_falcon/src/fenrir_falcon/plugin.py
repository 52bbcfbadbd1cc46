"""The hooks of the Falcon paradigm."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import (
    AppMethod,
    Build,
    ExceptionHandler,
    Lifespan,
    Param,
    PathConverter,
    PluginInfo,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    hookimpl,
)

from . import converters, error_handling, hooks, parameters, registration, return_values, sinks

fenrir_plugin = PluginInfo(api="1", before=("sanic", "flask", "bottle", "fastapi"))


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Return the hybrid app `add_route(path, resource)`, `add_sink` and `add_static_route`."""
    return [
        AppMethod("add_route", registration.add_route, registration.is_add_route),
        AppMethod("add_sink", sinks.add_sink),
        AppMethod("add_static_route", sinks.add_static_route),
    ]


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Name `stream`."""
    return [RouteOption("stream", "Leave the request body unread, for req.stream.")]


@hookimpl
def fenrir_path_converters() -> Iterable[PathConverter]:
    """Return the converter `dt`."""
    return [converters.DATETIME]


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[Any]:
    """Fill `req`, `resp` and path values of responders."""
    return parameters.make_resolver(param, route, build)


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Send what the responder filled in."""
    return return_values.make_return_handler(route, build)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Run middleware components; ask sinks and static routes where no route answers."""
    return [*hooks.route_hooks(route, build), *sinks.route_hooks(route, build)]


@hookimpl
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Tell middleware components of start and stop."""
    return hooks.lifespans(build)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Answer Falcon's errors."""
    return error_handling.exception_handlers(build)
