"""Flask's public module `flask.blueprints`: re-exports `Blueprint`."""

from __future__ import annotations

from .registration.blueprints import Blueprint, BlueprintSetupState

__all__ = ["Blueprint", "BlueprintSetupState"]
