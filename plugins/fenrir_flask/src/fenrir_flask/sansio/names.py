"""Names of blueprints."""

from __future__ import annotations

from typing import List


def blueprint_path(name: str) -> List[str]:
    """Return the full names of a blueprint and its parents, innermost first: ``["a.b", "a"]`` for ``"a.b"``."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
