"""What paradigms may ask of the table that the build made, and tell it."""

from __future__ import annotations

from typing import Any, List


def targets_of(app: Any) -> List[Any]:
    """Return all compiled routes of an app: those of mounts, and those that answer where no route matches, too."""
    return list(app.built.all_targets)


def has_error_format(app: Any) -> bool:
    """Return whether a plugin writes the app's HTTP errors; builds first if need be."""
    return app.built.error_format is not None
