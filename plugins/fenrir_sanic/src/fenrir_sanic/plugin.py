"""The hooks of the Sanic paradigm."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import (
    AppMethod,
    Build,
    ExceptionHandler,
    Lifespan,
    Param,
    PluginInfo,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    hookimpl,
)

from . import blueprints, error_handling, hooks, listeners, parameters, return_values, tasks

fenrir_plugin = PluginInfo(api="1", after=("falcon",), before=("flask", "bottle", "fastapi"))


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Return the hybrid app listeners, middleware and tasks."""
    return [
        AppMethod("listener", listeners.listener),
        AppMethod("register_listener", listeners.register_listener),
        AppMethod("middleware", hooks.middleware, hooks.is_middleware),
        AppMethod("register_middleware", hooks.register_middleware),
        AppMethod("on_request", hooks.on_request),
        AppMethod("on_response", hooks.on_response),
        AppMethod("blueprint", blueprints.blueprint),
        AppMethod("add_task", tasks.add_task),
        AppMethod("get_task", tasks.get_task),
        AppMethod("cancel_task", tasks.cancel_task),
        AppMethod("purge_tasks", tasks.purge_tasks),
    ]


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[Any]:
    """Fill `request` and path values."""
    return parameters.make_resolver(param, route, build)


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Name the options of Sanic's routes."""
    return [
        RouteOption("stream", "Leave the request body unread, for request.stream."),
        RouteOption("error_format", "html, json, text or auto."),
        RouteOption("subprotocols", "Of a WebSocket, best first."),
        RouteOption("ctx", "Values for request.route."),
    ]


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Send what the handler returned."""
    return return_values.make_return_handler(route, build)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Answer errors by the author's handlers and Sanic's pages."""
    return error_handling.exception_handlers(build)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Run request and response middleware."""
    return hooks.route_hooks(route, build)


@hookimpl
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Run listeners."""
    return listeners.lifespans(build)
