"""The hook implementations of this plugin; without a takeover they add nothing to the app."""

from __future__ import annotations

from functools import partial
from typing import Iterable, Iterator

from fenrir_core import (
    AppMethod,
    Build,
    Lifespan,
    Middleware,
    Observer,
    OpenAPIPart,
    PluginInfo,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    hookimpl,
)

from . import hooks, openapi, settings
from .takeover import State, take_over

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Return the settings."""
    return settings.settings()


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Return `take_over`, a method of the hybrid app."""
    yield AppMethod("take_over", take_over)


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Return the option `takeover`."""
    yield RouteOption(
        hooks.OPTION, "Whether the legacy application may serve the route instead; True by default.", bool
    )


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterator[RouteHook]:
    """Return what chooses the side that serves a route."""
    return hooks.route_hook(route, build)


@hookimpl
def fenrir_routes(build: Build) -> Iterator[Route]:
    """Return the routes of legacy applications, and the page with the report."""
    return hooks.routes(build)


@hookimpl
def fenrir_openapi_parts(build: Build) -> Iterator[OpenAPIPart]:
    """Return what lists the routes of legacy applications in the OpenAPI document."""
    return openapi.parts(build)


@hookimpl
def fenrir_observers(build: Build) -> Iterator[Observer]:
    """Return what counts the requests of both sides."""
    state: State = build.app.store(State)
    if state.takeovers:
        yield state.metrics.observer()


@hookimpl
def fenrir_middleware(build: Build) -> Iterator[Middleware]:
    """Return what calls legacy applications that are taken over without guards."""
    state: State = build.app.store(State)
    for takeover in state.takeovers:
        if not takeover.guards:
            name = f"takeover {takeover.legacy.prefix or '/'}"
            yield Middleware(name, partial(hooks.unguarded, takeover, build.app), layer="routing")


@hookimpl
def fenrir_lifespans(build: Build) -> Iterator[Lifespan]:
    """Return what reads switches and writes reports."""
    state: State = build.app.store(State)
    if state.takeovers:
        yield Lifespan("takeover", hooks.running)
