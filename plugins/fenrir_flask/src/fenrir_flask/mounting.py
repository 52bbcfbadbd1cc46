"""Registration of blueprints in the hybrid app, and as mounts."""

from __future__ import annotations

from typing import Any, Iterable, List, Optional

from fenrir_core import App, Route

from ._types import Passed
from .blueprints import Blueprint
from .state import State


def register_blueprint(app: App, blueprint: Blueprint, **options: Passed) -> None:
    """Register a blueprint: its routes, hooks, error handlers, templates and static files.

    Args:
        app: The app.
        blueprint: The blueprint.
        **options: `url_prefix`, `name` and `url_defaults` to use instead of its own.

    Raises:
        BuildError: The app has a blueprint of that name.
    """
    blueprint.register(app, options)


def collect(source: object, prefix: str, app: App) -> Optional[Iterable[Any]]:
    """Return the routes of a mounted blueprint, or None for anything else."""
    if not isinstance(source, Blueprint):
        return None
    collected = app.store(State).collected
    if (source, prefix) not in collected:  # its hooks are added once, however often the app is built
        routes: List[Route] = []
        own = (source.url_prefix or "").strip("/")
        source.register(app, {"url_prefix": f"{prefix}/{own}".rstrip("/") or None, "sink": routes.append})
        collected[source, prefix] = routes
    return collected[source, prefix]
