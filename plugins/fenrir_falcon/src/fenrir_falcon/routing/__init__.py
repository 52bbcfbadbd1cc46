"""Falcon's names for routing: converters, and a router that can be used alone."""

from __future__ import annotations

from .compiled import CompiledRouter, CompiledRouterOptions, DefaultRouter, UnacceptableRouteError
from .converters import (
    BaseConverter,
    DateTimeConverter,
    FloatConverter,
    IntConverter,
    PathConverter,
    RegexConverter,
    UUIDConverter,
)
from .static import StaticRoute, StaticRouteAsync
from .util import map_http_methods, set_default_responders

__all__ = [
    "BaseConverter",
    "CompiledRouter",
    "CompiledRouterOptions",
    "DateTimeConverter",
    "DefaultRouter",
    "FloatConverter",
    "IntConverter",
    "PathConverter",
    "RegexConverter",
    "StaticRoute",
    "StaticRouteAsync",
    "UUIDConverter",
    "UnacceptableRouteError",
    "map_http_methods",
    "set_default_responders",
]
