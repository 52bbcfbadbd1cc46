"""What serves a built app, for paradigms that serve it in a way of their own besides."""

from __future__ import annotations

from typing import Any, Callable, Optional, Protocol, Sequence, Set, cast

from .._types import AppLike, Scope
from .paths import local_path, local_raw_path
from .router import Match, RouterLike
from .templates import Template

#: The scope's key of what `find_ahead` found, with the router that it asked.
_FOUND = "fenrir.found"
#: The lifespans of every app, which wait for nothing in an app without dependencies.
_KERNELS = frozenset({"app dependencies"})


class OpenTable(Protocol):
    """The table that serves an app's requests."""

    @property
    def router(self) -> RouterLike:
        """What finds its routes."""


def contributors(app: Any) -> Set[str]:
    """Return the plugins that take part in serving an app; ``app`` for what its author registered, ``kernel`` too."""
    built = app.built
    hooks = [given.by for target in built.all_targets for given in target.plan.hooks]
    named = [given.by for given in (built.error_format,) if given is not None]
    parts = (built.exception_handlers, built.middleware, built.observers, built.lifespans)
    data = (app.encoders.given, app.media_types.given)
    return {by.plugin for by in (*hooks, *named, *(item.by for part in (*parts, *data) for item in part))}


def find_ahead(app: AppLike, scope: Scope) -> Match:
    """Return what will serve a connection, and keep it in the scope, so that it is not looked for again.

    For what runs right before the app's own table is asked: nothing after it may change the path.
    """
    router: RouterLike = app.built.router
    found: Match = _find(router, scope)
    scope[_FOUND] = router, found
    return found


def find_for(router: RouterLike, scope: Scope) -> Match:
    """Return what a router has for a connection; see `Match`."""
    kept = scope.pop(_FOUND, None)
    return kept[1] if kept is not None and kept[0] is router else _find(router, scope)


def _find(router: RouterLike, scope: Scope) -> Match:
    method, path, raw_path = scope.get("method", "WEBSOCKET"), local_path(scope), local_raw_path(scope)
    methods = router.static.get(path)
    if methods is not None and method in methods and (raw_path is None or 37 not in raw_path):
        target, params = methods[method]  # PERF: as the app does without ASGI middleware, 1 us
        return Match(target, dict(params), (), None, None)
    return router.match(method, path, raw_path)


def find_route(app: AppLike, method: str, path: str, raw_path: Optional[bytes] = None) -> Match:
    """Return what the present table of an app has for a method and a decoded path; see `Match`."""
    found: Match = app.built.router.match(method, path, raw_path)
    return found


def templates_of(app: AppLike, name: str) -> Sequence[Template]:
    """Return the path templates of the routes of a name, in order of registration."""
    found: Sequence[Template] = app.built.names.get(name, ())
    return found


def table_of(app: AppLike) -> Sequence[Any]:
    """Return the compiled routes of an app: the same object until a late registration makes another table."""
    found: Sequence[Any] = app.built.compiled_routes
    return found


def replace_router(app: Any, make: Callable[[RouterLike], RouterLike]) -> None:
    """Have another router find the routes, made of the kernel's; call it in `fenrir_app_built`."""
    app.built.router = make(app.built.router)


def open_without_loop(app: Any) -> Optional[OpenTable]:
    """Open an app for requests without its lifespan, where that has nothing to enter, and so nothing to exit.

    Returns:
        The table that serves, for `is_served_by`; None where the app needs an event loop: it has a lifespan, or ASGI
        middleware.
    """
    table = app.built
    if {given.value.name for given in table.lifespans} - _KERNELS or app._layers.outermost is not None:
        return None
    table.is_open = app.is_started = True
    return cast(OpenTable, table)


def is_served_by(app: Any, table: Optional[object]) -> bool:
    """Return whether a table is the one that serves the app's requests; a later registration makes another one."""
    return table is not None and app._table is table
