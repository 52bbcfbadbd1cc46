"""The hook implementations of the Falcon paradigm."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import (
    AppMethod,
    Build,
    ExceptionHandler,
    Lifespan,
    OpenAPIPart,
    Param,
    PathConverter,
    PluginInfo,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    hookimpl,
)

from . import converters, documentation, error_handling, hooks, parameters, registration, return_values

fenrir_plugin = PluginInfo(api="1", before=("sanic", "flask", "bottle", "fastapi"))


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Return `add_route(path, resource)`, `add_sink` and `add_static_route`."""
    return registration.app_methods()


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Return the option `stream`."""
    return registration.route_options()


@hookimpl
def fenrir_path_converters() -> Iterable[PathConverter]:
    """Return the converter `dt`."""
    return converters.path_converters()


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[Any]:
    """Return what fills `req`, `resp` and the path parameters of responders."""
    return parameters.make_resolver(param, route, build)


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Return what sends the response that a responder filled in."""
    return return_values.make_return_handler(route, build)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return the steps of middleware components, sinks and static routes."""
    return hooks.route_hooks(route, build)


@hookimpl
def fenrir_openapi_parts(build: Build) -> Iterable[OpenAPIPart]:
    """Return what names the operations of responders."""
    return documentation.openapi_parts(build)


@hookimpl
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Return the start-up and shutdown of middleware components."""
    return hooks.lifespans(build)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the handlers of Falcon's errors, and those of the app."""
    return error_handling.exception_handlers(build)
