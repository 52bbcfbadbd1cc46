"""`APIRouter`: routes that are collected apart and included into apps and other routers."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, Type

from fenrir_core import App, BuildError
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send, caller

from .events import Events
from .exceptions import DeclarationError, ParameterError
from .frontend import Frontend
from .operations import Operations
from .options import ROUTE_DEFAULTS
from .route_contexts import RouteContext
from .routes import (
    APIRoute,
    APIWebSocketRoute,
    BaseRoute,
    Host,
    Item,
    Match,
    MountBase,
    NoMatchFound,
    Route,
    WebSocketRoute,
    compile_path,
)
from .starlette.datastructures import DefaultPlaceholder

__all__ = [
    "APIRoute", "APIRouter", "APIWebSocketRoute", "BaseRoute", "Host", "Match", "Mount", "NoMatchFound", "Route",
    "RouteContext", "Router", "WebSocketRoute", "compile_path", "iter_route_contexts",
]  # fmt: skip

#: Options that a router hands to its routes unless they have their own.
_INHERITED = (
    "deprecated",
    "include_in_schema",
    "response_class",
    "generate_unique_id_function",
    "strict_content_type",
)


#: What has its router's prefix in its own path.
_WITH_PREFIX = (APIRoute, APIWebSocketRoute, Frontend)


@dataclass(frozen=True)
class Defaults:
    """What a router, or its inclusion, gives to all routes in it."""

    prefix: str = ""
    tags: Sequence[Any] = ()
    dependencies: Sequence[Any] = ()
    responses: Mapping[Any, Any] = field(default_factory=dict)
    callbacks: Sequence[Any] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, route: CoreRoute) -> CoreRoute:
        """Return the route with these defaults around its own options."""
        if route.option("plain"):
            return replace(route, path=self.prefix + route.path)
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
        return replace(route, path=self.prefix + route.path, options=options)

    def apply_all(self, items: Sequence[Item]) -> List[Item]:
        """Return routes with these defaults, mounts under the prefix."""
        return [
            self.apply(item) if isinstance(item, CoreRoute) else replace(item, prefix=self.prefix + item.prefix)
            for item in items
        ]


def make_defaults(prefix: str, where: str, options: Dict[str, Any]) -> Defaults:
    """Make `Defaults` of what users give.

    Raises:
        ParameterError: The prefix is no path.
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


@dataclass(frozen=True, eq=False)
class Included(BaseRoute):
    """A router that was included, with what its inclusion adds."""

    router: APIRouter
    defaults: Defaults

    def collected(self) -> List[Item]:
        """Return the router's routes as they are now, under the inclusion's prefix."""
        return self.defaults.apply_all(self.router.collected())


class APIRouter(Operations):
    """Collect routes to include into an app, or into another router, any number of times.

    Args:
        prefix: Put before the path of every route.
        routes: Routes to start with.
        route_class: What path operations are made of: `APIRoute` or a subclass.
        on_startup, on_shutdown, lifespan: What runs at start and stop of the app that includes it.
        default: An ASGI app for what no route answers, where the router is mounted.
        options: Contribution to the routes: `tags`, `dependencies`, `responses`, `callbacks`, `deprecated`,
            `include_in_schema`, `default_response_class`, `generate_unique_id_function`,
            `strict_content_type`.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        routes: Optional[Sequence[BaseRoute]] = None,
        route_class: Type[APIRoute] = APIRoute,
        on_startup: Optional[Sequence[Any]] = None,
        on_shutdown: Optional[Sequence[Any]] = None,
        lifespan: Any = None,
        default: Optional[ASGIApp] = None,
        redirect_slashes: bool = True,
        dependency_overrides_provider: Any = None,
        **options: Any,
    ) -> None:
        self.prefix, self.route_class = prefix, route_class
        self.redirect_slashes, self.default = redirect_slashes, default
        self.dependency_overrides_provider = dependency_overrides_provider
        self.defaults = make_defaults(prefix, "APIRouter", options)
        self.events = Events(on_startup, on_shutdown, lifespan)
        self._items: List[BaseRoute] = list(routes or ())
        #: Told when a route is added: the apps and routers that include this one.
        self.owners: List[Any] = []
        self._app: Optional[App] = None

    @property
    def mount_class(self) -> Any:
        """The class of mounts."""
        return Mount

    @property
    def router(self) -> APIRouter:
        """The router itself, as apps give theirs."""
        return self

    def __getattr__(self, name: str) -> Any:
        if name in ("tags", "dependencies", "responses", "callbacks"):
            return getattr(self.defaults, name)
        if name in ROUTE_DEFAULTS:
            return self.defaults.options.get(name, ROUTE_DEFAULTS[name])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def routes(self) -> List[Any]:
        """What was added, in order; a list that may be changed."""
        return self._items

    def add(self, item: BaseRoute) -> None:
        """Add a route, mount, or included router."""
        self._items.append(item)
        self.changed()

    def changed(self) -> None:
        """Tell the owners that there is something new."""
        for owner in self.owners:
            owner.changed()

    def collected(self) -> List[Item]:
        """Return the kernel's routes of this router and of those included in it."""
        inner = replace(self.defaults, prefix="")  # the path of a route has the prefix already
        found: List[Item] = []
        for item in self._items:
            has_prefix = isinstance(item, _WITH_PREFIX)
            members = item.collected() if isinstance(item, BaseRoute) else []
            found.extend((inner if has_prefix else self.defaults).apply_all(members))
        return found

    def with_own_match(self, prefix: str = "") -> Iterator[Any]:
        """Return the routes that decide for themselves what fits them."""
        for item in self._items:
            if isinstance(item, Included):
                yield from item.router.with_own_match(prefix + self.prefix + item.defaults.prefix)
            elif getattr(item, "is_custom", False):
                if prefix and hasattr(item, "path"):
                    original, item = item, copy.copy(item)
                    object.__setattr__(item, "path", prefix + item.path)
                    object.__setattr__(item, "original", original)
                yield item

    def include_router(self, router: APIRouter, *, prefix: str = "", **options: Any) -> None:
        """Include another router; see `include_router`.

        Raises:
            BuildError: It is this router itself, or includes it.
        """
        if router is self or self in _all_inside(router):
            raise ParameterError("Cannot include the same APIRouter instance into itself: it would never end.")
        include(self, router, prefix, options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection: the router mounted as an app of its own."""
        if self._app is None:
            self._app = _Alone(self)
        await self._app(scope, receive, send)


class _Alone(App):
    """The app of a router that is mounted by itself."""

    paradigm = "fastapi"
    redirect_status = 307

    def __init__(self, router: APIRouter) -> None:
        slash = "redirect" if router.redirect_slashes else "strict"
        super().__init__(openapi_url="", derive_head=False, derive_options=False, trailing_slash=slash)
        router.owners.append(self)
        self.own_lifespans.extend(router.events.lifespans())
        self.register(CoreMount("", Included(router, Defaults())))  # type: ignore[arg-type]
        if router.default is not None:
            self.register(CoreMount("", router.default))

    def changed(self) -> None:
        """Build again at the next request."""
        if self.is_built:
            self.reopen()


class Mount(MountBase):
    """An ASGI app, or routes, under a prefix; see `routes.MountBase`."""

    def make_router(self, routes: Sequence[BaseRoute]) -> Any:
        """Return the app that serves the routes."""
        return Router(routes=routes)


class Router(APIRouter):
    """A router of plain routes, which can be served as an ASGI app."""

    def __init__(self, routes: Optional[Sequence[BaseRoute]] = None, **options: Any) -> None:
        super().__init__(routes=routes, **options)


def _all_inside(router: APIRouter) -> Iterator[APIRouter]:
    for item in router.routes:
        if isinstance(item, Included):
            yield item.router
            yield from _all_inside(item.router)


def include(owner: APIRouter, router: APIRouter, prefix: str, options: Dict[str, Any]) -> None:
    """Put a router into another, or into an app's own.

    Raises:
        BuildError: It is no router, or a path would be empty.
    """
    if not isinstance(router, APIRouter):
        raise BuildError(f"include_router() takes an APIRouter, not {type(router).__name__}.")
    defaults = make_defaults(prefix, caller()[0], options)
    if not prefix:
        for item in router.routes:
            if isinstance(item, APIRoute) and not item.path:
                raise DeclarationError(f"Prefix and path cannot be both empty (path operation: {item.name})")
    router.owners.append(owner)
    owner.events.include(router.events)
    owner.add(Included(router, defaults))


def include_router(app: App, router: APIRouter, *, prefix: str = "", **options: Any) -> None:
    """Include a router's routes; those that are added to it until the app starts count too.

    Args:
        app: The app.
        router: The router.
        prefix: Put before all its paths.
        options: `tags`, `dependencies`, `responses`, `callbacks`, put before those of the routes;
            `deprecated`, `include_in_schema`, `default_response_class` and
            `generate_unique_id_function` for routes that do not say so themselves.
    """
    where = caller()[0]
    if not isinstance(router, APIRouter):
        raise BuildError(f"include_router() takes an APIRouter, not {type(router).__name__}.")
    included: Any = Included(router, make_defaults(prefix, where, options))
    app.own_lifespans.extend(router.events.lifespans(app.own_lifespans))
    app.register(CoreMount("", included, "", where))


def collect(source: Any, prefix: str) -> Optional[List[Item]]:
    """Take the routes out of a router; None when it is none."""
    if isinstance(source, APIRouter):
        source = Included(source, Defaults(prefix))
    elif isinstance(source, Included):
        source = replace(source, defaults=replace(source.defaults, prefix=prefix + source.defaults.prefix))
    else:
        return None
    return first_wins(source.collected())


def first_wins(items: Sequence[Item]) -> List[Item]:
    """Leave of equal routes only the first in the table; the others are in the document alone."""
    taken: Set[Tuple[str, str]] = set()
    found: List[Item] = []
    for item in items:
        if isinstance(item, CoreRoute) and not item.option("unrouted"):
            shape = re.sub(r"{[^{}:]+", "{", item.path)
            free = tuple(method for method in item.methods if (shape, method) not in taken)
            taken.update((shape, method) for method in item.methods)
            if not free:
                item = replace(item, options={**item.options, "unrouted": True})
            elif free != item.methods:
                item = replace(item, methods=free)
        found.append(item)
    return found


def iter_route_contexts(routes: Sequence[Any]) -> Iterator[RouteContext]:
    """Return every route of a list, those of included routers under their full paths."""
    for route in routes:
        if isinstance(route, RouteContext):
            yield route
        elif isinstance(route, Included):
            yield from _contexts(route.router, route.defaults)
        else:
            yield RouteContext(route)


def _contexts(router: APIRouter, *outer: Defaults) -> Iterator[RouteContext]:
    inner = replace(router.defaults, prefix="")
    for item in router.routes:
        if isinstance(item, Included):
            yield from _contexts(item.router, item.defaults, router.defaults, *outer)
            continue
        has_prefix = isinstance(item, _WITH_PREFIX)
        cores = (inner if has_prefix else router.defaults).apply_all(item.collected())
        for defaults in outer:
            cores = defaults.apply_all(cores)
        for core in cores:
            yield RouteContext(item, core if isinstance(core, CoreRoute) else None)
