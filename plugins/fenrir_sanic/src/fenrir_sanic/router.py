"""The routes of an app, as Sanic's code looks them up."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterable, List, Optional, Pattern, Tuple, Union
from urllib.parse import unquote

from fenrir_core import PathConverter
from fenrir_core import Route as KernelRoute
from fenrir_core.authoring import find_route, table_of

from .constants import HTTP_METHODS
from .exceptions import MethodNotAllowed, NotFound
from .patterns import REGEX_TYPES, RegexType
from .request.route_info import RouteInfo
from .route_group import RouteGroup
from .routing_exceptions import FinalizationError, NoMethod, RouteExists
from .routing_exceptions import NotFound as RoutingNotFound
from .values import AnyCallable, Values

__all__ = ("FinalizationError", "NoMethod", "Route", "RouteExists", "Router", "RoutingNotFound")

Route = RouteInfo


class Router:
    """The routes of one app; it is read, and the app is what registers."""

    DEFAULT_METHOD = "GET"
    ALLOWED_METHODS = HTTP_METHODS

    def __init__(self) -> None:
        self.ctx = SimpleNamespace(app=None)
        self.patterns: Dict[str, RegexType] = {}
        self.finalized = False
        #: The routes by name, and the table of the app that they are of.
        self._indexed: Tuple[object, Dict[str, RouteInfo]] = None, {}

    @property
    def _kernel(self) -> List[KernelRoute]:
        app = self.ctx.app
        return [] if app is None else [item for item in app.registered if isinstance(item, KernelRoute)]

    @property
    def regex_types(self) -> Dict[str, RegexType]:
        """The types of path parameters by name, those of `register_pattern` included."""
        return {**REGEX_TYPES, **self.patterns}

    @property
    def routes(self) -> Tuple[RouteInfo, ...]:
        """All routes in order of registration."""
        return tuple(RouteInfo(item) for item in self._kernel if not item.option("host_dispatcher"))

    @property
    def routes_all(self) -> Dict[Tuple[str, ...], RouteInfo]:
        """The routes by the segments of their templates."""
        return {item.parts: item for item in self.routes}

    @property
    def groups(self) -> Dict[Tuple[str, ...], RouteGroup]:
        """The routes that share a path, by its segments."""
        found: Dict[Tuple[str, ...], List[RouteInfo]] = {}
        for item in self.routes:
            found.setdefault(item.segments, []).append(item)
        return {segments: RouteGroup(*items) for segments, items in found.items()}

    @property
    def routes_static(self) -> Dict[Tuple[str, ...], RouteInfo]:
        """The routes without parameters."""
        return {parts: item for parts, item in self.routes_all.items() if "<" not in item.path}

    @property
    def routes_dynamic(self) -> Dict[Tuple[str, ...], RouteInfo]:
        """The routes with parameters."""
        return {
            parts: item
            for parts, item in self.routes_all.items()
            if "<" in item.path and parts not in self.routes_regex
        }

    @property
    def routes_regex(self) -> Dict[Tuple[str, ...], RouteInfo]:
        """The routes that are more than one segment, or patterns."""
        return {parts: item for parts, item in self.routes_all.items() if re.search(r":(path|[^>]*[(\[\\])", item.path)}

    static_routes, dynamic_routes, regex_routes = routes_static, routes_dynamic, routes_regex

    @property
    def name_index(self) -> Dict[str, RouteInfo]:
        """The routes by name."""
        return {str(item.name): item for item in self.routes}

    def find_route_by_view_name(self, view_name: str, name: Optional[str] = None) -> Optional[RouteInfo]:
        """Return the route of a name, with or without the app's; None if there is none."""
        return self._find(self.name_index, view_name) if view_name else None

    def find_built(self, view_name: str) -> Optional[RouteInfo]:
        """Return the same for an app that is built, and build it before if it is not."""
        # PERF: 500 routes, 860 -> 3 us a link: an index is kept as long as the app's table is
        table = table_of(self.ctx.app)
        if self._indexed[0] is not table:
            self._indexed = table, self.name_index
        return self._find(self._indexed[1], view_name) or self.find_route_by_view_name(view_name)

    def _find(self, index: Dict[str, RouteInfo], view_name: str) -> Optional[RouteInfo]:
        return index.get(view_name) or index.get(self.ctx.app.generate_name(view_name))

    def get(self, path: str, method: str, host: Optional[str]) -> Tuple[RouteInfo, AnyCallable, Values]:
        """Return the route that serves a path and method, its handler, and the values of the path.

        Raises:
            NotFound: There is no such path.
            MethodNotAllowed: It has other methods.
        """
        found = find_route(self.ctx.app, method, unquote(path), path.encode())
        target: Any = found.target
        route = target.route if target is not None else None
        if route is not None and route.option("host_dispatcher"):
            target = route.endpoint.__self__.target(host or "")
            route = target.route if target is not None else None
        if route is not None:
            return RouteInfo(route), route.endpoint, found.params
        if found.allowed:
            raise MethodNotAllowed(
                f"Method {method} not allowed for URL {path}", method=method, allowed_methods=found.allowed
            )
        raise NotFound(f"Requested URL {path} not found")

    def add(
        self,
        uri: str,
        methods: Iterable[str],
        handler: AnyCallable,
        host: Union[str, Iterable[str], None] = None,
        strict_slashes: bool = False,
        name: Optional[str] = None,
        **options: Any,
    ) -> None:
        """Register a route with the app."""
        self.ctx.app.route(uri, list(methods), host=host, strict_slashes=strict_slashes, name=name, **options)(handler)

    def register_pattern(self, label: str, cast: Callable[[str], Any], pattern: Union[str, Pattern[str]]) -> None:
        """Add a type of path parameters: ``<name:label>``.

        Args:
            label: Its name.
            cast: Makes the value of the text; ValueError means that the path is another one.
            pattern: What the text must match.
        """
        self.patterns[label] = cast, re.compile(pattern)

    def converters(self) -> List[PathConverter]:
        """Return the registered patterns for the build."""
        return [_converter(label, cast, pattern) for label, (cast, pattern) in self.patterns.items()]

    def finalize(self, *args: Any, **kwargs: Any) -> None:
        """Build the app's routes."""
        self.finalized = True
        if self.ctx.app is not None:
            self.ctx.app.build()

    def reset(self) -> None:
        """Let more routes be registered; they always can be."""
        self.finalized = False


def _converter(label: str, cast: Callable[[str], Any], pattern: Pattern[str]) -> PathConverter:
    text = pattern.pattern[1:] if pattern.pattern.startswith("^") else pattern.pattern
    text = text[:-1] if text.endswith("$") and not text.endswith("\\$") else text
    return PathConverter(label, re.sub(r"\(\?P<\w+>", "(?:", text), cast, str)
