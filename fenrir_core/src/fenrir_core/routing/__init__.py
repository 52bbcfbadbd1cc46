"""Routing: path templates in all five syntaxes, converters, and the router with its tree of segments."""

from __future__ import annotations

from .converters import DEFAULT_CONVERTERS, PathConverter, regex_converter
from .router import Match, Router
from .templates import PathParam, Segment, Template, parse_template

__all__ = [
    "DEFAULT_CONVERTERS",
    "Match",
    "PathConverter",
    "PathParam",
    "Router",
    "Segment",
    "Template",
    "parse_template",
    "regex_converter",
]
