"""`Blueprint`, where Flask has it."""

from __future__ import annotations

from .registration.blueprints import Blueprint, BlueprintSetupState

__all__ = ["Blueprint", "BlueprintSetupState"]
