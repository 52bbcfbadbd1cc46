"""What paradigms may ask of the table that the build made, and tell it."""

from __future__ import annotations

from typing import Any, List, Optional, cast

#: The lifespans of every app, which wait for nothing in an app without dependencies.
_KERNELS = frozenset({"app dependencies"})


def targets_of(app: Any) -> List[Any]:
    """Return all compiled routes of an app: those of mounts, and those that answer where no route matches, too."""
    return list(app.built.all_targets)


def has_error_format(app: Any) -> bool:
    """Return whether a plugin writes the app's HTTP errors; builds first if need be."""
    return app.built.error_format is not None


def open_without_loop(app: Any) -> Optional[object]:
    """Open an app for requests without its lifespan, where that has nothing to enter, and so nothing to exit.

    Returns:
        The table that serves, for `is_served_by`; None where the app needs an event loop: it has a lifespan, or ASGI
        middleware.
    """
    table = app.built
    if {given.value.name for given in table.lifespans} - _KERNELS or app._layers.outermost is not None:
        return None
    table.is_open = app.is_started = True
    return cast(object, table)


def is_served_by(app: Any, table: Optional[object]) -> bool:
    """Return whether a table is the one that serves the app's requests; a later registration makes another one."""
    return table is not None and app._table is table
