"""The FastAPI paradigm as a plugin: hook implementations only."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import (
    App,
    AppMethod,
    Build,
    ExceptionHandler,
    Middleware,
    Param,
    PathConverter,
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

from . import error_handling, hooks, options, parameters, registration, return_values
from .openapi import routes
from .starlette.path_patterns import path_converters

# Asked last: it takes every parameter that no other plugin has taken.
fenrir_plugin = PluginInfo(api="1", after=("bottle", "falcon", "flask", "sanic"), one_thread=False)


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Return FastAPI's methods for the hybrid app."""
    return registration.app_methods()


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Return the settings of the OpenAPI document and its pages."""
    return options.SETTINGS


@hookimpl
def fenrir_collect_routes(source: Any, prefix: str, build: Build) -> Optional[Iterable[Any]]:
    """Return the routes of an `APIRouter`."""
    return registration.collect(source, prefix, build)


@hookimpl
def fenrir_path_converters(build: Build) -> Iterable[PathConverter]:
    """Return Starlette's convertors."""
    return path_converters(build)


@hookimpl
def fenrir_routes(build: Build) -> Iterable[Route]:
    """Return the routes of the OpenAPI document and its pages."""
    return routes.own_routes(build)


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Return the options of FastAPI's path operations."""
    return options.ROUTE_OPTIONS


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Return the source of a parameter by FastAPI's rules."""
    return parameters.make_resolver(param, route, build)


@hookimpl
def fenrir_dependencies(route: Route, build: Build) -> Iterable[Provide]:
    """Return the dependencies of a route that it does not take as parameters."""
    return parameters.dependencies_of(route, build)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return the hooks that run what custom route classes have of their own, and those that serve frontends."""
    return hooks.route_hooks(route, build)


@hookimpl
def fenrir_middleware(build: Build) -> Iterable[Middleware]:
    """Return the layer for routes with a match of their own."""
    return hooks.middleware(build)


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Return FastAPI's rule for return values where it applies."""
    return return_values.make_return_handler(route, build)


@hookimpl
def fenrir_app_built(app: App) -> None:
    """Discard what was made of the routes of the build before."""
    registration.follow(app)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the handlers of FastAPI's own errors."""
    return error_handling.default_handlers(build)
