"""Build time: the hooks, middleware and template names of the parts that are on."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Iterator, Optional

from fenrir_core import Build, BuildError, Connection, Middleware, Route, RouteHook, TemplateContext

from . import csrf, sessions
from .headers import SecurityHeaders, SecurityMiddleware, csp_nonce
from .limiter import Backend, backend_of, limiter_hook
from .memory import MemoryStore
from .settings import is_on
from .tokens import csrf_field, csrf_token


def route_hooks(route: Route, build: Build) -> Iterator[RouteHook]:
    """Return the steps before a route: the guard, the limit, and the rules of its session.

    Raises:
        BuildError: A mark on a handler would have no effect, or a limit is wrong.
    """
    if is_on(build.settings, "csrf"):
        guard = csrf.route_hook(route, build)
        if guard is not None:
            yield guard
    if backend_of(build.settings) == "memory":
        limiter = limiter_hook(route, build, partial(_memory, build))
        if limiter is not None:
            yield limiter
    elif "redis_url" not in build.settings:
        raise BuildError(
            "rate_limit_backend is 'redis', but the plugin that counts in Redis is not here or off: "
            'pip install "fenrir-core[redis]".'
        )
    rules = sessions.route_hook(route, build)
    if rules is not None:
        yield rules


def _memory(build: Build, route: Route) -> Backend:
    store: MemoryStore = build.app.store(MemoryStore)
    return store.backend(build.settings["rate_limit_clients"])


def headers_of(build: Build) -> Optional[SecurityHeaders]:
    """Return the security headers of an app; None if they are off."""
    if not is_on(build.settings, "security_headers"):
        return None
    own = build.settings["security_headers"]
    return own if isinstance(own, SecurityHeaders) else SecurityHeaders()


def middleware(build: Build) -> Iterator[Middleware]:
    """Return the middleware for headers and cookies, if one of them is on."""
    headers, secures_cookies = headers_of(build), is_on(build.settings, "secure_cookies")
    if headers is not None or secures_cookies:
        make = partial(SecurityMiddleware, headers=headers, secures_cookies=secures_cookies)
        yield Middleware("security", make, layer="edge")


def template_context(build: Build) -> Iterator[TemplateContext]:
    """Return the names for templates of the parts that are on."""
    names: Dict[str, Any] = {}
    if is_on(build.settings, "csrf"):
        names.update(csrf_token=csrf_token, csrf_field=csrf_field)
    headers = headers_of(build)
    if headers is not None and headers.has_nonce:
        names["csp_nonce"] = csp_nonce

    def shared(connection: Connection) -> Dict[str, Any]:
        return names

    if names:
        yield TemplateContext("security", shared)
