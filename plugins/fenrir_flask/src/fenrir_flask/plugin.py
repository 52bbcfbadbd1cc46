"""Hook implementations of the Flask paradigm; each calls the module that does the work."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import (
    Build,
    ExceptionHandler,
    PathConverter,
    PluginInfo,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    TemplateContext,
    hookimpl,
)

from . import (
    error_handling,
    hooks,
    hybrid_methods,
    mounting,
    registration,
    return_values,
    settings,
    templating,
    url_converters,
)

fenrir_plugin = PluginInfo(api="1", one_thread=True)


@hookimpl
def fenrir_app_methods() -> Iterable[Any]:
    """Return Flask's methods and properties of the hybrid app."""
    return hybrid_methods.app_methods()


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Declare the settings of sessions, templates and static files."""
    return settings.settings()


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Declare the route option `stream`."""
    yield RouteOption("stream", "Leave the request body unread: the handler reads it in chunks.", bool)
    yield RouteOption("url_rule", "The rule of Werkzeug's map that the route is made of; set by the class Flask.")


@hookimpl
def fenrir_path_converters(build: Build) -> Iterable[PathConverter]:
    """Return what `path` is in a `Flask`."""
    return [url_converters.PATH] if build.app.paradigm == "flask" else []


@hookimpl
def fenrir_collect_routes(source: Any, prefix: str, build: Build) -> Optional[Iterable[Any]]:
    """Return the routes of a mounted blueprint."""
    return mounting.collect(source, prefix, build.app)


@hookimpl
def fenrir_routes(build: Build) -> Iterable[Route]:
    """Return the routes of a `Flask`; of the hybrid app those that serve static folders."""
    return registration.routes_of(build) if build.app.paradigm == "flask" else registration.static_routes(build)  # type: ignore[return-value]  # or one mount


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Return Flask's handler of return values, for Flask's own routes."""
    return return_values.make_return_handler(route, build.app) if route.paradigm == "flask" else None


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return the steps that read request bodies and run the registered hook functions."""
    return hooks.route_hooks(route, build)


@hookimpl
def fenrir_template_context(build: Build) -> Iterable[TemplateContext]:
    """Share what context processors return with the templates of other engines."""
    return templating.template_contexts(build.app)


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the registered error handlers, and the paradigm's own."""
    return error_handling.exception_handlers(build)
