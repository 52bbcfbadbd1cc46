"""How the parameters of endpoints and dependencies are filled."""

from __future__ import annotations

from .resolution import dependencies_of, make_resolver

__all__ = ["dependencies_of", "make_resolver"]
