"""Static routes, at the place where Falcon has them."""

from __future__ import annotations

from ..static_files import StaticRoute, StaticRouteAsync

__all__ = ["StaticRoute", "StaticRouteAsync"]
