"""The routes that share a path."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Iterator, List, Tuple

from .request.route_info import RouteInfo


class RouteGroup:
    """The routes that share a path and differ in methods or hosts; what they have in common is an attribute.

    Args:
        *routes: The routes.
    """

    def __init__(self, *routes: RouteInfo) -> None:
        self.routes: Tuple[RouteInfo, ...] = routes

    def __repr__(self) -> str:
        return f"<RouteGroup: path={self.routes[0].path} len={len(self.routes)}>"

    def __iter__(self) -> Iterator[RouteInfo]:
        return iter(self.routes)

    def __getitem__(self, index: int) -> RouteInfo:
        return self.routes[index]

    def __getattr__(self, name: str) -> Any:
        if name in ("parts", "path", "segments", "raw_path", "params", "labels", "strict", "unquote", "uri"):
            return getattr(self.routes[0], name)
        raise AttributeError(name)

    @property
    def methods(self) -> FrozenSet[str]:
        """The methods that the path has."""
        return frozenset(method for item in self.routes for method in item.methods)

    @property
    def methods_index(self) -> Dict[str, RouteInfo]:
        """The routes by method."""
        return {method: item for item in self.routes for method in item.methods}

    @property
    def requirements(self) -> List[Dict[str, str]]:
        """What the routes ask for besides, such as hosts."""
        return [item.requirements for item in self.routes if item.requirements]
