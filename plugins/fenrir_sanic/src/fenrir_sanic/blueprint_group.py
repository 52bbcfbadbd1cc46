"""Groups of blueprints."""

from __future__ import annotations

from .blueprints import BlueprintGroup

__all__ = ["BlueprintGroup"]
