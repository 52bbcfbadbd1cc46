"""`APIRouter`: routes that are collected apart and included into apps and other routers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from fenrir_core import App, BuildError, Mount, Route
from fenrir_core.frames import caller
from fenrir_core.types import F

#: Options that a router hands to its routes unless they have their own.
_INHERITED = (
    "deprecated",
    "include_in_schema",
    "response_class",
    "generate_unique_id_function",
    "strict_content_type",
)


@dataclass(frozen=True)
class Defaults:
    """Be what a router, or its inclusion, gives to all routes in it."""

    prefix: str = ""
    tags: Sequence[Any] = ()
    dependencies: Sequence[Any] = ()
    responses: Mapping[Any, Any] = field(default_factory=dict)
    callbacks: Sequence[Any] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, route: Route) -> Route:
        """Give the route with these defaults around its own options."""
        options = {**self.options, **route.options}
        for name, outer in (("tags", self.tags), ("dependencies", self.dependencies), ("callbacks", self.callbacks)):
            if outer:
                options[name] = [*outer, *(route.option(name) or ())]
        if self.responses:
            options["responses"] = {**self.responses, **(route.option("responses") or {})}
        return replace(route, path=self.prefix + route.path, options=options)


def make_defaults(prefix: str, where: str, options: Dict[str, Any]) -> Defaults:
    """Make `Defaults` of what users give.

    Raises:
        BuildError: The prefix is no path, or an option is unknown.
    """
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        raise BuildError(f"{where}: the prefix {prefix!r} must start with '/' and not end with one.")
    given = {key: value for key, value in options.items() if value is not None}
    if "default_response_class" in given:
        given["response_class"] = given.pop("default_response_class")
    lists = {name: given.pop(name, ()) for name in ("tags", "dependencies", "callbacks")}
    responses = given.pop("responses", {})
    for name in given:
        if name not in _INHERITED:
            known = ", ".join(("tags", "dependencies", "responses", "callbacks", *_INHERITED))
            raise BuildError(f"{where}: {name!r} is unknown to routers. Known: {known}.")
    return Defaults(prefix, responses=responses, options=given, **lists)


@dataclass(frozen=True, eq=False)
class Included:
    """Be a router that was included, with what its inclusion adds."""

    router: APIRouter
    defaults: Defaults
    #: What the app gives to all of its routes.
    outer: Defaults = Defaults()

    def routes(self) -> List[Union[Route, Mount]]:
        """Give the router's routes as they are now, under the inclusion's prefix."""
        found: List[Union[Route, Mount]] = []
        for item in self.router.collected():
            if isinstance(item, Route):
                found.append(self.outer.apply(self.defaults.apply(item)))
            else:
                found.append(replace(item, prefix=self.defaults.prefix + item.prefix))
        return found


class APIRouter:
    """Collect routes to include into an app, or into another router, any number of times.

    Args:
        prefix: Put before the path of every route.
        tags, dependencies, responses, callbacks: Put before those of every route.
        options: Given to the routes that do not have them: `deprecated`, `include_in_schema`,
            `default_response_class`, `generate_unique_id_function`.
    """

    def __init__(self, *, prefix: str = "", **options: Any) -> None:
        self.prefix = prefix
        self._defaults = make_defaults(prefix, "APIRouter", options)
        self._items: List[Any] = []

    @property
    def routes(self) -> List[Union[Route, Mount]]:
        """Give the routes, under this router's prefix and with its defaults."""
        return self.collected()

    def collected(self) -> List[Union[Route, Mount]]:
        """Give the routes of this router and those included in it."""
        found: List[Union[Route, Mount]] = []
        for item in self._items:
            members = item.routes() if isinstance(item, Included) else [item]
            for member in members:
                if isinstance(member, Route):
                    found.append(self._defaults.apply(member))
                else:
                    found.append(replace(member, prefix=self.prefix + member.prefix))
        return found

    def add_api_route(
        self, path: str, endpoint: Any, *, methods: Optional[Iterable[str]] = None, **options: Any
    ) -> None:
        """Register an endpoint; see `api_route`."""
        if not path and not self.prefix:
            path = ""
        elif path and not path.startswith("/"):
            raise BuildError(f"The path {path!r} of a router must start with '/', or be empty under a prefix.")
        self._items.append(App.make_route(path, endpoint, methods, paradigm="fastapi", **options))

    def api_route(self, path: str, *, methods: Optional[Iterable[str]] = None, **options: Any) -> Callable[[F], F]:
        """Register the decorated function.

        Args:
            path: A template; may be empty where there is a prefix.
            methods: HTTP methods; GET by default.
            options: The route options of FastAPI's path operations.
        """

        def decorate(endpoint: F) -> F:
            self.add_api_route(path, endpoint, methods=methods, **options)
            return endpoint

        return decorate

    def get(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for GET; see `api_route`."""
        return self.api_route(path, methods=("GET",), **options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for POST; see `api_route`."""
        return self.api_route(path, methods=("POST",), **options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for PUT; see `api_route`."""
        return self.api_route(path, methods=("PUT",), **options)

    def patch(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for PATCH; see `api_route`."""
        return self.api_route(path, methods=("PATCH",), **options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for DELETE; see `api_route`."""
        return self.api_route(path, methods=("DELETE",), **options)

    def head(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for HEAD; see `api_route`."""
        return self.api_route(path, methods=("HEAD",), **options)

    def options(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for OPTIONS; see `api_route`."""
        return self.api_route(path, methods=("OPTIONS",), **options)

    def trace(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for TRACE; see `api_route`."""
        return self.api_route(path, methods=("TRACE",), **options)

    def websocket(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for WebSockets."""
        return self.api_route(path, methods=("WEBSOCKET",), **options)

    def include_router(self, router: APIRouter, *, prefix: str = "", **options: Any) -> None:
        """Include another router; see `include_router`.

        Raises:
            BuildError: It is this router itself.
        """
        if router is self:
            raise BuildError("A router can't include itself.")
        self._items.append(Included(router, make_defaults(prefix, "include_router()", options)))

    def mount(self, prefix: str, app: Any, name: str = "") -> None:
        """Put an ASGI app under a prefix."""
        self._items.append(Mount(prefix.rstrip("/"), app, name))


def include_router(
    app: App,
    router: APIRouter,
    *,
    prefix: str = "",
    tags: Optional[Sequence[Any]] = None,
    dependencies: Optional[Sequence[Any]] = None,
    responses: Optional[Mapping[Any, Any]] = None,
    deprecated: Optional[bool] = None,
    include_in_schema: Optional[bool] = None,
    **options: Any,
) -> None:
    """Include a router's routes; those that are added to it until the app starts count too.

    Args:
        app: The app.
        router: The router.
        prefix: Put before all its paths.
        tags, dependencies, responses: Put before those of the routes.
        deprecated, include_in_schema: For routes that do not say so themselves.
        options: More of what `APIRouter` takes.
    """
    if not isinstance(router, APIRouter):
        raise BuildError(f"include_router() takes an APIRouter, not {type(router).__name__}.")
    options.update(tags=tags, dependencies=dependencies, responses=responses)
    options.update(deprecated=deprecated, include_in_schema=include_in_schema)
    where = caller()[0]
    included: Any = Included(router, make_defaults(prefix, where, options))
    app.register(Mount("", included, "", where))


def collect(source: Any, prefix: str) -> Optional[List[Union[Route, Mount]]]:
    """Take the routes out of a router; None when it is none."""
    if isinstance(source, APIRouter):
        return Included(source, Defaults(prefix)).routes()
    if isinstance(source, Included):
        return replace(source, defaults=replace(source.defaults, prefix=prefix + source.defaults.prefix)).routes()
    return None
