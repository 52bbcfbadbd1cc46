"""Validators of media."""

from __future__ import annotations

from . import jsonschema

__all__ = ["jsonschema"]
