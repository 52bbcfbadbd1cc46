"""What the scope says about a route that was included from a router."""

from __future__ import annotations

from fenrir_core import Route
from fenrir_core.authoring import Scope

#: The route option with how a route was included: an `Inclusion`.
INCLUDED = "included"


def tell_included(scope: Scope, route: Route) -> None:
    """Set ``scope["fastapi"]``: the route and its router, both under all prefixes and with all defaults.

    Source: FastAPI 0.165, whose ``scope["route"]`` is the route as it was added.
    """
    inclusion = route.option(INCLUDED)
    scope["fastapi"] = {
        **scope.get("fastapi", {}),
        "effective_route_context": inclusion.context_of(route),
        "included_router": inclusion.included_router,
    }
