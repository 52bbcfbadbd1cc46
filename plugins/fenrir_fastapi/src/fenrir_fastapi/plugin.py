"""The FastAPI paradigm as a plugin: hooks only."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import (
    AppMethod,
    Build,
    ExceptionHandler,
    Param,
    PluginInfo,
    Provide,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    hookimpl,
)
from fenrir_core.authoring import ParameterSource

from . import error_handling, hooks, options, return_values, router
from .openapi import document, routes
from .parameters import resolution

# Asked last: it claims every parameter that is left.
fenrir_plugin = PluginInfo(api="1", after=("bottle", "falcon", "flask", "sanic"))


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Return the hybrid app FastAPI's methods."""
    yield AppMethod("include_router", router.include_router)
    yield AppMethod("openapi", document.openapi)


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Declare the settings of the OpenAPI document and its pages."""
    return options.SETTINGS


@hookimpl
def fenrir_collect_routes(source: Any, prefix: str, build: Build) -> Optional[Iterable[Any]]:
    """Take the routes out of an `APIRouter`."""
    return router.collect(source, prefix)


@hookimpl
def fenrir_routes(build: Build) -> Iterable[Route]:
    """Serve the OpenAPI document and its pages."""
    return routes.own_routes(build)


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Name the options of FastAPI's path operations."""
    return options.ROUTE_OPTIONS


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Read parameters as FastAPI does."""
    return resolution.make_resolver(param, route, build)


@hookimpl
def fenrir_dependencies(route: Route, build: Build) -> Iterable[Provide]:
    """Run the dependencies of app, routers and route."""
    return resolution.dependencies_of(route, build)


@hookimpl
def fenrir_route_hooks(route: Route) -> Iterable[RouteHook]:
    """Run the handlers of users' route classes around their routes."""
    return hooks.route_hooks(route)


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Answer by FastAPI's rule where it holds."""
    return return_values.make_return_handler(route, build)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Answer FastAPI's own errors."""
    return error_handling.default_handlers(build)
