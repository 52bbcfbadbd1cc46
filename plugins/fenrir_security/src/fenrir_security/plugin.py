"""The hook implementations of this plugin; a part that is off adds nothing to the app."""

from __future__ import annotations

from typing import Iterable

from fenrir_core import (
    Build,
    Middleware,
    PluginInfo,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    TemplateContext,
    hookimpl,
)

from . import limits, settings, wiring

#: Outside of the paradigms, whose hooks it guards.
fenrir_plugin = PluginInfo(api="1", before=("bottle", "falcon", "fastapi", "flask", "sanic"))


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Return the settings."""
    return settings.settings()


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Return the options `csrf` and `rate_limit`."""
    yield RouteOption("csrf", "False for a route that other sites may send to.", bool)
    yield RouteOption(
        "rate_limit", "A rate such as '10/minute', False for none, or rate_limit('10/minute', key=...).", limits.Limit
    )


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return the guard against forged requests, the limit, and the rules of sessions."""
    return wiring.route_hooks(route, build)


@hookimpl
def fenrir_middleware(build: Build) -> Iterable[Middleware]:
    """Return the middleware that adds security headers and secures cookies."""
    return wiring.middleware(build)


@hookimpl
def fenrir_template_context(build: Build) -> Iterable[TemplateContext]:
    """Return `csrf_token`, `csrf_field` and `csp_nonce` for the parts that are on."""
    return wiring.template_context(build)
