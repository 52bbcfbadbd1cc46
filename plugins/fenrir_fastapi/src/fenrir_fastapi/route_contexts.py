"""Routes as they are served: under all prefixes and with all defaults of their routers."""

from __future__ import annotations

from typing import Any, Iterator, Sequence

from .inclusion import Included, RouteContext


def iter_route_contexts(routes: Sequence[Any]) -> Iterator[RouteContext]:
    """Iterate over the routes of a list and of the routers included in it, under their full paths."""
    for route in routes:
        if isinstance(route, RouteContext):
            yield route
        elif isinstance(route, Included):
            yield from route.effective_route_contexts()
        else:
            yield RouteContext(route)
