"""Routes as they are served: under all prefixes, with all defaults around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional

from fenrir_core import Route as CoreRoute

from .operation_names import unique_id
from .options import ROUTE_DEFAULTS
from .routes import BaseRoute, Item, compile_path


@dataclass(frozen=True, eq=False)
class RouteContext:
    """A route as it is served: under all prefixes, with all defaults around it.

    Attributes:
        route, original_route: The route as it was added.
        core: What the kernel serves.
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
        """Return what the kernel serves."""
        return self.route.collected() if self.core is None else [self.core]
