"""Routers: routes that are collected and included in apps and other routers."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    ContextManager,
    Dict,
    Iterator,
    List,
    Optional,
    Sequence,
    Tuple,
    Type,
)

from fenrir_core import App, BuildError, CannotBuildURL, current
from fenrir_core import Mount as CoreMount
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send, caller

from .declaration_checks import check_responses
from .events import Events
from .exceptions import DeclarationError, ParameterError
from .inclusion import Defaults, Included, WithDefaults, apply_defaults, best_match, contexts_of, make_defaults
from .operations import Operations
from .options import ROUTE_DEFAULTS
from .routes import APIRoute
from .starlette.datastructures import URLPath
from .starlette.routing import (
    BaseRoute,
    Item,
    Match,
    Mount,
    NoMatchFound,
    Router,
)
from .starlette.types import NamedValues

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .signatures import RouterOptions

__all__ = ["APIRouter", "Defaults", "Included", "apply_defaults", "make_defaults"]


class APIRouter(Operations, Router):
    """A collection of routes that is included in apps and other routers, any number of times.

    Args:
        prefix: The prefix of every route's path.
        routes: The first routes.
        route_class: The class of path operations: `APIRoute` or a subclass.
        on_startup, on_shutdown, lifespan: Run at startup and shutdown of the app that includes the router.
        default: An ASGI app for requests that no route matches, if the router is mounted.
        redirect_slashes: Whether a mounted router redirects where a slash is missing or too much.
        options: Defaults of the routes: `tags`, `dependencies`, `responses`, `callbacks`, `deprecated`,
            `include_in_schema`, `default_response_class`, `generate_unique_id_function`,
            `strict_content_type`, `nonblocking`.
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
        **options: Unpack[RouterOptions],
    ) -> None:
        self.prefix, self.route_class = prefix, route_class
        self.redirect_slashes = redirect_slashes
        self.default: Optional[ASGIApp] = default  # type: ignore[assignment]  # None for the app's own 404
        self.dependency_overrides_provider = dependency_overrides_provider
        self.defaults = make_defaults(prefix, "APIRouter", options)
        self.events = Events(on_startup, on_shutdown, lifespan)
        self._items: List[BaseRoute] = list(routes or ())
        #: The apps and routers that include this one: they change with it.
        self.owners: List[Any] = []
        self._apps: Dict[bool, App] = {}

    @property
    def mount_class(self) -> Any:
        """The class of mounts."""
        return Mount

    @property
    def router(self) -> APIRouter:
        """The router itself, as `FastAPI.router` is that of an app."""
        return self

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        if name in ("tags", "dependencies", "responses", "callbacks"):
            return getattr(self.defaults, name)
        if name in ROUTE_DEFAULTS:
            return self.defaults.options.get(name, ROUTE_DEFAULTS[name])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def routes(self) -> List[Any]:
        """The routes, in order of registration; the list may be changed, and replaced."""
        return self._items

    @routes.setter
    def routes(self, routes: Sequence[BaseRoute]) -> None:
        with self.changing("the routes", caller()[0]):
            self._items[:] = routes

    def add(self, item: BaseRoute) -> None:
        """Add a route, mount, or included router."""
        try:
            with self.changing(f"the route {getattr(item, 'path', '')!r}", caller()[0]):
                for app in _apps_of(self):
                    _check_models(item, app)
                self._items.append(item)
        except BaseException:  # it came late, and does not fit
            self._items[:] = [other for other in self._items if other is not item]
            raise

    @contextmanager
    def changing(self, what: str, where: str) -> Iterator[None]:
        """Return the block in which the router is changed; the apps that have it are built anew if they serve."""
        with ExitStack() as blocks:
            for owner in self.owners:
                blocks.enter_context(owner.changing(what, where))
            yield

    def collected(self) -> List[Item]:
        """Return the kernel's routes of this router and of the routers included in it."""
        return apply_defaults(self, [item for item in self._items if isinstance(item, BaseRoute)])

    def include_router(self, router: APIRouter, *, prefix: str = "", **options: Unpack[RouterOptions]) -> None:
        """Include another router.

        Args:
            router: The router; routes that are added to it later count too.
            prefix: The prefix of all its paths.
            options: Defaults of its routes, as for `APIRouter`.

        Raises:
            BuildError: It is no router, or includes this one, or a path would be empty.
        """
        if router is self or self in _all_inside(router):
            how = "this router itself" if router is self else "a router that already includes this router"
            raise ParameterError(f"{caller()[0]}: include_router() has got {how}. Include another one.")
        _include(self, router, prefix, options)

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return how the best of the routes matches a connection, and what to add to the scope."""
        return best_match(contexts_of(self), scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, as an app of its own."""
        await self(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of a route by its name, in the app that includes the router or by the router alone.

        Raises:
            NoMatchFound: No route has the name and exactly these parameters.
        """
        for app in _apps_of(self):
            if not isinstance(app, _RouterApp):
                try:
                    return URLPath(app.url_path(name, **path_params))
                except CannotBuildURL:
                    raise NoMatchFound(name, path_params) from None
        return super().url_path_for(name, **path_params)

    @property
    def lifespan_context(self) -> Callable[[Any], Any]:
        """The lifespan of the router, with its events and those of the routers in it; it may be replaced."""
        return self.events.replaced or self.events.run

    @lifespan_context.setter
    def lifespan_context(self, lifespan: Callable[[Any], Any]) -> None:
        self.events.replaced = lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, as an app of its own; inside of another app, that one handles the errors."""
        is_inner = current.get(None) is not None
        if is_inner not in self._apps:
            self._apps[is_inner] = _RouterApp(self, is_inner)
        try:
            await self._apps[is_inner](scope, receive, send)
        except _Escaped as escaped:
            error = escaped.error
        else:
            return
        raise error


class _Escaped(BaseException):
    """Raised with an error that no handler of a router's app may see."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


async def _escape(error: Exception) -> None:
    raise _Escaped(error)


class _RouterApp(App):
    """The app of a router that is mounted as an ASGI app.

    Args:
        router: The router.
        is_inner: Whether errors are left to the app that it is mounted in.
    """

    paradigm = "fastapi"
    redirect_status = 307

    def __init__(self, router: APIRouter, is_inner: bool) -> None:
        slash = "redirect" if router.redirect_slashes else "strict"
        super().__init__(openapi_url="", derive_head=False, derive_options=False, trailing_slash=slash)
        if is_inner:
            self.add_exception_handler(Exception, _escape)
        router.owners.append(self)
        self.own_lifespans.append(router.events.as_lifespan())
        self.register(CoreMount("", Included(router, Defaults(), is_main=True)))
        if router.default is not None:
            self.register(CoreMount("", router.default))

    def changing(self, what: str, where: str) -> ContextManager[None]:
        """Return the block in which the router is changed."""
        return self.registering(what, where, keeps_routes=True)


def _apps_of(router: APIRouter) -> Iterator[App]:
    """Iterate over the apps that include a router."""
    for owner in router.owners:
        if isinstance(owner, App):
            yield owner
        else:
            yield from _apps_of(owner)


def _check_models(item: object, app: App) -> None:
    """Check the response models of what an app gets; before, no plugin's encoders are known."""
    if isinstance(item, APIRoute):
        check_responses(item.core, app.encoders)
    elif isinstance(item, Included):
        for inner in item.router.routes:
            _check_models(inner, app)


def _all_inside(router: WithDefaults) -> Iterator[WithDefaults]:
    for item in router.routes:
        if isinstance(item, Included):
            yield item.router
            yield from _all_inside(item.router)


def _include(owner: APIRouter, router: APIRouter, prefix: str, options: NamedValues) -> None:
    if not isinstance(router, APIRouter):
        raise BuildError(f"include_router() takes an APIRouter, not {type(router).__name__}.")
    defaults = make_defaults(prefix, caller()[0], options)
    if not prefix:
        for item in router.routes:
            if isinstance(item, APIRoute) and not item.path:
                raise DeclarationError(f"Prefix and path cannot be both empty (path operation: {item.name})")
    router.owners.append(owner)
    owner.events.include(router.events)
    owner.add(Included(router, defaults, owner.prefix))
