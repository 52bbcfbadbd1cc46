"""Nothing is rewritten: steps that a route does not need are left out at the build."""

from __future__ import annotations

from typing import Any


class TouchUp:
    """Sanic's rewriting of methods, as far as its callers know it."""

    @classmethod
    def run(cls, app: Any) -> None:
        """Do nothing."""

    @classmethod
    def register(cls, target: Any, method_name: str) -> None:
        """Do nothing."""
