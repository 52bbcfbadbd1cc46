"""The hooks of the Bottle paradigm."""

from __future__ import annotations

from typing import Iterable, Optional

from fenrir_core import App, Build, ExceptionHandler, PluginInfo, ReturnHandler, Route, RouteHook, hookimpl

from . import dispatch, error_handling, hooks, return_values
from .app import Bottle

fenrir_plugin = PluginInfo(api="1", one_thread=True)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Read the body before a Bottle route is called, and run the app's hooks around other routes and mounts."""
    return hooks.route_hooks(route, build)


@hookimpl
def fenrir_make_return_handler(route: Route) -> Optional[ReturnHandler]:
    """Return what sends the responses of Bottle's own routes."""
    return return_values.make_return_handler(route)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Handle `HTTPResponse` wherever it is raised, and all errors of Bottle's own apps."""
    return error_handling.exception_handlers(build)


@hookimpl
def fenrir_app_built(app: App) -> None:
    """Have a Bottle app's own router find its routes, and apply their plugins."""
    if isinstance(app, Bottle):
        dispatch.install(app)
        for route in app.routes:
            route.prepare()
