"""The hook implementations of this plugin; each calls the module that does the work."""

from __future__ import annotations

from typing import Iterable, Optional

from fenrir_core import (
    Build,
    Lifespan,
    Param,
    PluginInfo,
    Resolver,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    hookimpl,
)

from . import limits, settings, wiring

#: Before the paradigms, so that their listeners and start-up functions find the client.
fenrir_plugin = PluginInfo(api="1", before=("bottle", "falcon", "fastapi", "flask", "sanic"))


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Return the settings."""
    return settings.settings()


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Return the option `session`; `rate_limit` is one of `fenrir-security`."""
    yield RouteOption("session", "Whether the session is loaded before the handler.", bool)


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[Resolver]:
    """Return the resolver of parameters annotated `Session` or `redis.asyncio.Redis`."""
    return wiring.resolver(param, route, build)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return the hooks that count requests of a limited route, and load the session before a route that wants it."""
    limiter = limits.route_hook(route, build)
    if limiter is not None:
        yield limiter
    loader = wiring.loader(route, build)
    if loader is not None:
        yield loader


@hookimpl
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Return what keeps the client open; nothing if no Redis is set."""
    return wiring.lifespans(build)
