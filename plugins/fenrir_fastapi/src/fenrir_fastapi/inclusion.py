"""Routers as they are included: their defaults, and their routes under full paths."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Pattern, Protocol, Sequence, Set, Tuple

from fenrir_core import BuildError
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import Scope, changed, local_path

from .datastructures import DefaultPlaceholder
from .exceptions import ParameterError
from .frontend import Frontend
from .operation_names import unique_id
from .options import ROUTE_DEFAULTS
from .routes import APIRoute, APIWebSocketRoute
from .starlette.convertors import Convertor
from .starlette.included import INCLUDED
from .starlette.path_patterns import replace_params
from .starlette.routes import WebSocketRoute, find_path
from .starlette.routing import (
    CUSTOM,
    ORIGIN,
    REQUEST_ONLY,
    BaseRoute,
    EndpointRoute,
    Host,
    Item,
    Match,
    MountBase,
    NoMatchFound,
    compile_path,
    custom_routes,
)
from .starlette.types import NamedValues
from .starlette.urls import URLPath

__all__ = [
    "Defaults", "Included", "Inclusion", "RouteContext", "apply_defaults", "best_match", "contexts_of", "is_asked",
    "make_defaults",
]  # fmt: skip

#: Options that routes inherit from their router unless they have their own.
_INHERITED = (
    "deprecated",
    "include_in_schema",
    "response_class",
    "generate_unique_id_function",
    "strict_content_type",
    "nonblocking",
    "max_body_size",
    "form_limits",
)

#: Routes whose own path has their router's prefix already.
_WITH_PREFIX = (APIRoute, APIWebSocketRoute, Frontend)


@dataclass(frozen=True)
class Defaults:
    """The defaults that a router, or its inclusion, sets for all its routes."""

    prefix: str = ""
    tags: Sequence[Any] = ()
    dependencies: Sequence[Any] = ()
    responses: Mapping[Any, Any] = field(default_factory=dict)
    callbacks: Sequence[Any] = ()
    options: NamedValues = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether they change nothing."""
        return not any((self.prefix, self.tags, self.dependencies, self.responses, self.callbacks, self.options))

    def apply(self, route: CoreRoute) -> CoreRoute:
        """Return the route with these defaults merged into its options."""
        if route.option(REQUEST_ONLY):
            options = {**route.options, "dependencies": [*self.dependencies, *(route.option("dependencies") or ())]}
            if isinstance(route.option(CUSTOM), (MountBase, Host)):
                options[CUSTOM] = options[CUSTOM].under(self.prefix)
            return changed(route, path=self.prefix + route.path, options=MappingProxyType(options))
        options = {**self.options, **route.options}
        if self.options.get("deprecated"):
            options["deprecated"] = True
        if self.options.get("include_in_schema") is False:
            options["include_in_schema"] = False
        for name, outer in (("tags", self.tags), ("dependencies", self.dependencies), ("callbacks", self.callbacks)):
            if outer:
                options[name] = [*outer, *(route.option(name) or ())]
        if self.responses:
            options["responses"] = {**self.responses, **(route.option("responses") or {})}
        return changed(route, path=self.prefix + route.path, options=MappingProxyType(options))

    def around(self, inner: Defaults) -> Defaults:
        """Return these defaults and those of what is inside, which come after them or take their place."""
        return Defaults(
            self.prefix + inner.prefix,
            [*self.tags, *inner.tags],
            [*self.dependencies, *inner.dependencies],
            {**self.responses, **inner.responses},
            [*self.callbacks, *inner.callbacks],
            {**self.options, **inner.options},
        )

    def apply_all(self, items: Sequence[Item]) -> List[Item]:
        """Return routes with these defaults, and mounts under the prefix."""
        if self.is_empty:
            return [*items]
        return [
            self.apply(item) if isinstance(item, CoreRoute) else replace(item, prefix=self.prefix + item.prefix)
            for item in items
        ]


def make_defaults(prefix: str, where: str, options: NamedValues) -> Defaults:
    """Return the `Defaults` for a router's arguments.

    Raises:
        ParameterError: The prefix is not a path.
        BuildError: An option is unknown.
    """
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        raise ParameterError(f"{where}: the prefix {prefix!r} must start with '/' and not end with one.")
    given = {
        key: value for key, value in options.items() if value is not None and not isinstance(value, DefaultPlaceholder)
    }
    if "default_response_class" in given:
        given["response_class"] = given.pop("default_response_class")
    lists = {name: list(given.pop(name, ())) for name in ("tags", "dependencies", "callbacks")}
    responses = given.pop("responses", {})
    for name in given:
        if name not in _INHERITED:
            known = ", ".join(("tags", "dependencies", "responses", "callbacks", *_INHERITED))
            raise BuildError(f"{where}: {name!r} is unknown to routers. Known: {known}.")
    return Defaults(prefix, responses=responses, options=given, **lists)


class WithDefaults(Protocol):
    """What is included: an `APIRouter`."""

    routes: List[BaseRoute]

    @property
    def defaults(self) -> Defaults:
        """What it sets for all its routes."""

    def collected(self) -> List[Item]:
        """Return the routes and mounts of the kernel."""


def apply_defaults(router: WithDefaults, items: Iterable[BaseRoute]) -> List[Item]:
    """Return the kernel's routes of routes of a router, with the router's defaults."""
    own = router.defaults
    without_prefix = replace(own, prefix="")
    changes, changes_more = not without_prefix.is_empty, not own.is_empty
    found: List[Item] = []
    for item in items:
        cores = custom_routes(item) if item.is_custom else item.collected()
        if isinstance(item, _WITH_PREFIX):
            found += without_prefix.apply_all(cores) if changes else cores
        else:
            found += own.apply_all(cores) if changes_more else cores
    return found


@dataclass(frozen=True, eq=False)
class Included(BaseRoute):
    """An included router, with the defaults of its inclusion and the prefix of the router that includes it.

    Args:
        is_main: Whether it is the router of an app itself, whose routes count as the app's own.
    """

    router: WithDefaults
    defaults: Defaults
    outer_prefix: str = ""
    is_main: bool = False

    def collected(self) -> List[Item]:
        """Return the router's present routes under the inclusion's prefix."""
        items = self.defaults.apply_all(self.router.collected())
        return items if self.is_main else [self._marked(item) for item in items]

    def _marked(self, item: Item) -> Item:
        """Return a route that is known to be included, for `tell_included`."""
        origin = (item.option(ORIGIN) or item.option(CUSTOM)) if isinstance(item, CoreRoute) else None
        if origin is None or not isinstance(item, CoreRoute):
            return item
        mark = self._mark(origin, item.option(INCLUDED))
        options = {**item.options, INCLUDED: mark}
        if isinstance(mark.original_route, WebSocketRoute):
            options[ORIGIN] = mark.original_route.under(item.path)
        return changed(item, options=MappingProxyType(options))

    def _mark(self, origin: BaseRoute, inner: Optional[Inclusion]) -> Inclusion:
        """Return how a route came to be included; always the same, so that its routes are compared at once."""
        known: Dict[int, Tuple[object, Inclusion]] = self.__dict__.setdefault("_marks", {})
        basis = origin if inner is None else inner
        found = known.get(id(basis))
        if found is None or found[0] is not basis:
            via = (self.router, self.defaults, self.outer_prefix)
            mark = Inclusion((via,), origin) if inner is None else replace(inner, via=(via, *inner.via))
            found = known[id(basis)] = basis, mark
        return found[1]

    def effective_route_contexts(self) -> Iterator[RouteContext]:
        """Iterate over the router's routes under their full paths."""
        return contexts_of(self.router, self.include_context)

    @property
    def original_router(self) -> WithDefaults:
        """The router, as FastAPI names it."""
        return self.router

    @property
    def include_context(self) -> Defaults:
        """The whole prefix and the defaults of the inclusion, as FastAPI names them."""
        return replace(self.defaults, prefix=self.outer_prefix + self.defaults.prefix)

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return how the best of the router's routes matches, and what to add to the scope; nothing for a mount."""
        match, child = best_match(self.effective_route_contexts(), scope)
        return match, {} if "root_path" in child else child

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of one of the router's routes, under the inclusion's prefix.

        Raises:
            NoMatchFound: No route has the name and exactly these parameters.
        """
        found = find_path(self.effective_route_contexts(), name, path_params)
        if found is None:
            raise NoMatchFound(name, path_params)
        return found


def best_match(routes: Iterable[RouteContext], scope: Scope) -> Tuple[Match, Scope]:
    """Return how the best of some routes matches a connection, and what to add to the scope."""
    found: Tuple[Match, Scope] = Match.NONE, {}
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.FULL:
            return match, child
        if match is Match.PARTIAL and found[0] is Match.NONE:
            found = match, child
    return found


def _match_core(route: CoreRoute, scope: Scope) -> Tuple[Match, Scope]:
    """Return how a route of the kernel matches a connection, and what to add to the scope."""
    if scope["type"] != ("websocket" if route.is_websocket else "http"):
        return Match.NONE, {}
    pattern, _, convertors = _pattern(route)
    matched = pattern.match(local_path(scope))
    if matched is None:
        return Match.NONE, {}
    values = {name: convertors[name].convert(value) for name, value in matched.groupdict().items()}
    child = {
        "endpoint": route.endpoint,
        "path_params": {**scope.get("path_params", {}), **values},
        "route": route.option(ORIGIN) or route,
    }
    return Match.FULL if route.is_websocket or scope.get("method") in route.methods else Match.PARTIAL, child


def _pattern(route: CoreRoute) -> Tuple[Pattern[str], str, Dict[str, Convertor[Any]]]:
    """Return a route's path as Starlette compiles it; what only the kernel's converters know matches anything."""
    return compile_path(re.sub(r":[^{}]*[^{}\w][^{}]*}", "}", route.path))


def is_asked(item: Item) -> bool:
    """Return whether a route of FastAPI's class is asked for requests: not one of an author's own class and a router.

    COMPAT: FastAPI 0.165 skips such a route of an included router, for whose requests no dependency would run.
    """
    custom = item.option(CUSTOM) if isinstance(item, CoreRoute) and INCLUDED in item.options else None
    return custom is None or isinstance(custom, (EndpointRoute, MountBase, Host))


@dataclass(frozen=True)
class Inclusion:
    """How a route came to be included; equal for a route that is collected again.

    Attributes:
        via: The routers, each with the defaults of its inclusion and the prefix of what includes it, outermost first.
        original_route: The route as it was added.
    """

    via: Tuple[Tuple[WithDefaults, Defaults, str], ...]
    original_route: Any

    @cached_property
    def included_router(self) -> Included:
        """The router that has the route, with the defaults of all inclusions."""
        router, defaults, prefix = self.via[0]
        for inner, inner_defaults, _ in self.via[1:]:
            router, defaults = inner, defaults.around(router.defaults).around(inner_defaults)
        return Included(router, defaults, prefix)

    def context_of(self, core: CoreRoute) -> RouteContext:
        """Return the route as it is served."""
        return RouteContext(self.original_route, core)


@dataclass(frozen=True, eq=False)
class RouteContext:
    """A route as it is served: under all prefixes and with all defaults of its routers.

    Attributes:
        route, original_route: The route as it was added.
        core: The kernel's route.
        starlette_route: A mount or host under all prefixes; None for what has an endpoint.
    """

    route: BaseRoute
    core: Optional[CoreRoute] = None
    starlette_route: Optional[BaseRoute] = None

    @property
    def original_route(self) -> BaseRoute:
        """The route as it was added."""
        return self.route

    @property
    def path(self) -> Any:
        """The whole path template."""
        return getattr(self.starlette_route or self.core or self.route, "path", None)

    @property
    def path_format(self) -> Any:
        """The whole path template without convertors."""
        if self.core is None or self.starlette_route is not None:
            return getattr(self.starlette_route or self.route, "path_format", None)
        return compile_path(self.core.path)[1]

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

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return how the route matches a connection under its full path, and what to add to the scope."""
        if self.core is None or self.starlette_route is not None:
            return (self.starlette_route or self.route).matches(scope)
        return _match_core(self.core, scope)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the route if it has this name and exactly these parameters.

        Raises:
            NoMatchFound: It does not.
        """
        if self.core is None or self.starlette_route is not None:
            return (self.starlette_route or self.route).url_path_for(name, **path_params)
        _, path_format, convertors = _pattern(self.core)
        if not self.name or name != self.name or path_params.keys() != convertors.keys():
            raise NoMatchFound(name, path_params)
        path, _ = replace_params(path_format, convertors, path_params)
        return URLPath(path, "websocket" if self.core.is_websocket else "http")

    def collected(self) -> List[Item]:
        """Return the routes and mounts of the kernel."""
        return self.route.collected() if self.core is None else [self.core]


def contexts_of(router: WithDefaults, *outer: Defaults) -> Iterator[RouteContext]:
    """Iterate over the routes of a router under their full paths, with the defaults of all that include it."""
    for item in router.routes:
        if isinstance(item, Included):
            yield from contexts_of(item.router, item.defaults, router.defaults, *outer)
            continue
        cores = apply_defaults(router, [item])
        for defaults in outer:
            cores = defaults.apply_all(cores)
        for core in cores:
            yield RouteContext(item, core if isinstance(core, CoreRoute) else None, _under_prefixes(item, core))


def _under_prefixes(item: BaseRoute, core: Item) -> Optional[BaseRoute]:
    """Return a mount or host as it is served; None for a route."""
    if isinstance(core, CoreRoute):
        custom = core.option(CUSTOM)
        return None if custom is None or isinstance(custom, EndpointRoute) else custom
    return item.under(core.prefix[: len(core.prefix) - len(item.path)]) if isinstance(item, MountBase) else None
