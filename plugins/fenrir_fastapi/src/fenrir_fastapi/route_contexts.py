"""Routes as they are served: under all prefixes and with all defaults of their routers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, List, Optional, Sequence, Set

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

    @property
    def path(self) -> Any:
        """The whole path template."""
        return getattr(self.core or self.route, "path", None)

    @property
    def path_format(self) -> Any:
        """The whole path template without convertors."""
        return getattr(self.route, "path_format", None) if self.core is None else compile_path(self.core.path)[1]

    @property
    def name(self) -> Any:
        """The name."""
        return getattr(self.core or self.route, "name", None)

    @property
    def endpoint(self) -> Any:
        """The function that is called."""
        return getattr(self.core or self.route, "endpoint", None)

    @property
    def methods(self) -> Optional[Set[str]]:
        """The HTTP methods; None for a WebSocket."""
        if self.core is None:
            return getattr(self.route, "methods", None)
        return None if self.core.is_websocket else set(self.core.methods)

    def __getattr__(self, name: str) -> Any:
        core = self.core
        if core is not None:
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
