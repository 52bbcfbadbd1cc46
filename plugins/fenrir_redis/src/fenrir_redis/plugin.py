"""The hooks of this plugin; each hands on to the room that does the work."""

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
    """Declare where Redis is and what is kept in it."""
    return settings.settings()


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Declare `rate_limit` and `session`."""
    yield RouteOption("rate_limit", "A rate such as '10/minute', False for none, or rate_limit('10/minute', key=...).")
    yield RouteOption("session", "Whether the session is loaded before the handler.")


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[Resolver]:
    """Return parameters annotated `Session` the session, and those annotated `redis.asyncio.Redis` the client."""
    return wiring.resolver(param, route, build)


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Limit the routes that have a limit; load the session before those that want it."""
    limiter = limits.wrapper(route, build)
    if limiter is not None:
        yield limiter
    loader = wiring.loader(route, build)
    if loader is not None:
        yield loader


@hookimpl
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Keep the client open; nothing where no Redis is set."""
    return wiring.lifespans(build)
