"""The hooks of the Sanic paradigm."""

from __future__ import annotations

from typing import Iterable, Optional, Union

from fenrir_core import (
    AppMethod,
    AppProperty,
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
    Setting,
    hookimpl,
)
from fenrir_core.authoring import ParameterSource

from . import error_handling, hooks, listeners, options, parameters, path_types, registration, return_values, tasks
from .ext import openapi

fenrir_plugin = PluginInfo(api="1", after=("falcon",), before=("flask", "bottle", "fastapi"))


@hookimpl
def fenrir_app_methods() -> Iterable[Union[AppMethod, AppProperty]]:
    """Add listeners, middleware, blueprints and tasks to the hybrid app."""
    return registration.app_methods()


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Declare the time that tasks have to end."""
    return options.SETTINGS


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Declare the options of Sanic's routes."""
    return options.ROUTE_OPTIONS


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Fill the request and path values."""
    return parameters.make_resolver(param, route, build)


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Send what the handler returned."""
    return return_values.make_return_handler(route, build)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Handle errors by the app's own handlers and Sanic's error pages."""
    return error_handling.exception_handlers(build)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Run request and response middleware."""
    return hooks.route_hooks(route, build)


@hookimpl
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Run listeners and tasks."""
    return [*tasks.lifespans(build), *listeners.lifespans(build)]


@hookimpl
def fenrir_path_converters(build: Build) -> Iterable[PathConverter]:
    """Add the patterns that were registered with the app's router."""
    return path_types.converters(build)


@hookimpl
def fenrir_openapi_parts(build: Build) -> Iterable[OpenAPIPart]:
    """Describe operations by what decorators and docstrings say."""
    return openapi.parts(build)
