"""Warnings of what will be removed, at the place where Falcon has them."""

from __future__ import annotations

from ..deprecation import AttributeRemovedError, DeprecatedWarning, deprecated, deprecated_args

__all__ = ["AttributeRemovedError", "DeprecatedWarning", "deprecated", "deprecated_args"]
