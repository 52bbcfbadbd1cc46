"""Names of blueprints, and the view of static files."""

from __future__ import annotations

from typing import Any, Callable, List


def blueprint_path(name: str) -> List[str]:
    """Return the full names of a blueprint and its parents, innermost first: ``["a.b", "a"]`` for ``"a.b"``."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def static_view(find: Callable[[], Any]) -> Any:
    """Return the view of static files.

    Args:
        find: Returns the app or blueprint that they belong to.
    """

    def static(filename: str) -> Any:
        return find().send_static_file(filename)

    static.static_of = (static, find)  # type: ignore[attr-defined]  # on a function
    return static
