"""What serves a built app, for paradigms that serve it in a way of their own besides."""

from __future__ import annotations

from typing import Any, Callable, Set

from .router import RouterLike


def contributors(app: Any) -> Set[str]:
    """Return the plugins that take part in serving an app; ``app`` for what its author registered, ``kernel`` too."""
    built = app.built
    hooks = [given.by for target in built.all_targets for given in target.plan.hooks]
    named = [given.by for given in (built.error_format,) if given is not None]
    parts = (built.exception_handlers, built.middleware, built.observers, built.lifespans)
    data = (app.encoders.given, app.media_types.given)
    return {by.plugin for by in (*hooks, *named, *(item.by for part in (*parts, *data) for item in part))}


def replace_router(app: Any, make: Callable[[RouterLike], RouterLike]) -> None:
    """Have another router find the routes, made of the kernel's; call it in `fenrir_app_built`."""
    app.built.router = make(app.built.router)
