"""Routes as they are served: under all prefixes and with all defaults of their routers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, List, Optional, Sequence

from fenrir_core import Route as CoreRoute

from .operation_names import unique_id
from .options import ROUTE_DEFAULTS
from .router import APIRouter, Defaults, Included, apply_defaults
from .starlette.routing import BaseRoute, Item, compile_path


@dataclass(frozen=True, eq=False)
class RouteContext:
    """A route as it is served: under all prefixes and with all defaults of its routers.

    Attributes:
        route, original_route: The route as it was added.
        core: The kernel's route.
    """

    route: BaseRoute
    core: Optional[CoreRoute] = None

    @property
    def original_route(self) -> BaseRoute:
        """The route as it was added."""
        return self.route

    def __getattr__(self, name: str) -> Any:
        core = self.core
        if core is not None:
            if name == "path_format":
                return compile_path(core.path)[1]
            if name == "methods":
                return None if core.is_websocket else set(core.methods)
            if name in ("path", "name", "endpoint"):
                return getattr(core, name)
            if name == "unique_id":
                return core.option("operation_id") or unique_id(core, compile_path(core.path)[1])
            if name in core.options or name in ROUTE_DEFAULTS:
                return core.option(name, ROUTE_DEFAULTS.get(name))
        return getattr(self.route, name, None)

    def collected(self) -> List[Item]:
        """Return the routes and mounts of the kernel."""
        return self.route.collected() if self.core is None else [self.core]


def iter_route_contexts(routes: Sequence[Any]) -> Iterator[RouteContext]:
    """Iterate over the routes of a list and of the routers included in it, under their full paths."""
    for route in routes:
        if isinstance(route, RouteContext):
            yield route
        elif isinstance(route, Included):
            yield from _contexts(route.router, route.defaults)
        else:
            yield RouteContext(route)


def _contexts(router: APIRouter, *outer: Defaults) -> Iterator[RouteContext]:
    for item in router.routes:
        if isinstance(item, Included):
            yield from _contexts(item.router, item.defaults, router.defaults, *outer)
            continue
        cores = apply_defaults(router, item)
        for defaults in outer:
            cores = defaults.apply_all(cores)
        for core in cores:
            yield RouteContext(item, core if isinstance(core, CoreRoute) else None)
