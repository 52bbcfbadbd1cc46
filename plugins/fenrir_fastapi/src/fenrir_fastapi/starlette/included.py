"""What the scope says about a route that was included from a router."""

from __future__ import annotations

from fenrir_core import Route
from fenrir_core.authoring import Scope

#: The route option with what makes the context of a route that was included: ``(route) -> context``.
INCLUDED = "included"


def tell_included(scope: Scope, route: Route) -> None:
    """Set ``scope["fastapi"]["effective_route_context"]``: the route under all prefixes and with all defaults.

    Source: FastAPI 0.165, whose ``scope["route"]`` is the route as it was added.
    """
    make = route.option(INCLUDED)
    scope["fastapi"] = {**scope.get("fastapi", {}), "effective_route_context": make(route)}
