"""Converters of path fields, at the place where Falcon has them."""

from __future__ import annotations

from ..base_converters import (
    BaseConverter,
    DateTimeConverter,
    FloatConverter,
    IntConverter,
    PathConverter,
    RegexConverter,
    UUIDConverter,
)

__all__ = [
    "BaseConverter",
    "DateTimeConverter",
    "FloatConverter",
    "IntConverter",
    "PathConverter",
    "RegexConverter",
    "UUIDConverter",
]
