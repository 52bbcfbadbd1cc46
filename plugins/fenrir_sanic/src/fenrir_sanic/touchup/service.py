"""Nothing is rewritten: steps that a route does not need are left out at the build."""

from __future__ import annotations

from typing import Any, FrozenSet, Tuple


class TouchUp:
    """Sanic's rewriting of methods, as far as its callers know it."""

    _registry: FrozenSet[Tuple[type, str]] = frozenset()

    @classmethod
    def run(cls, app: Any) -> None:
        """Do nothing."""

    @classmethod
    def register(cls, target: Any, method_name: str) -> None:
        """Do nothing."""
