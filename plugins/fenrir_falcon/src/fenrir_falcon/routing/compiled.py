"""A router that can be used alone, at the place where Falcon has it."""

from __future__ import annotations

from ..router import CompiledRouter, CompiledRouterOptions, ConverterDict, DefaultRouter, UnacceptableRouteError

__all__ = ["CompiledRouter", "CompiledRouterOptions", "ConverterDict", "DefaultRouter", "UnacceptableRouteError"]
