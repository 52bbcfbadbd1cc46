"""The application class: an app by FastAPI's rules."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    ClassVar,
    ContextManager,
    Dict,
    List,
    Mapping,
    Optional,
    Sequence,
    Union,
)

from fenrir_core import (
    App,
    CannotBuildURL,
    HTTPError,
    Lifespan,
    MethodNotAllowed,
    Mount,
    NotFound,
    Route,
)
from fenrir_core import Middleware as CoreMiddleware
from fenrir_core.authoring import (
    ASGIApp,
    F,
    Receive,
    Scope,
    Send,
    caller,
    check_callable,
    name_of,
    refuse_bare,
    sent_host,
    server_host,
    where_is,
)

from .body_limits import limit_of
from .error_handling import AnswerUnhandled, RaiseUnhandled, adapt_handler
from .exceptions import FastAPIError, HTTPException, MiddlewareTooLate
from .hooks import RootPath
from .inclusion import Included
from .openapi import document
from .operations import Operations
from .router import APIRouter
from .signatures import constructor, signature_of
from .starlette.applications import Starlette
from .starlette.datastructures import URLPath
from .starlette.middleware import Middleware
from .starlette.middleware.base import BaseHTTPMiddleware
from .starlette.routes import find_path
from .starlette.routing import Host, NoMatchFound
from .starlette.routing import Mount as StarletteMount
from .starlette.types import Values
from .state import State

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .signatures import RouterOptions

#: Keywords of the constructor that are defaults of every route.
_ROUTE_DEFAULTS = (
    "dependencies", "responses", "callbacks", "default_response_class", "deprecated", "include_in_schema",
    "strict_content_type", "generate_unique_id_function", "form_limits",
)  # fmt: skip
#: URLs that None switches off.
_URLS = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")


class _Setting:
    """An attribute of the app that reads and writes one of its settings."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, app: Any, owner: type) -> Any:
        if app is None:
            return self
        found = app.settings[self.name]
        return None if found == "" and self.name != "description" else found

    def __set__(self, app: Any, value: Any) -> None:
        with app.changing(f"the setting {self.name!r}"):
            app.settings[self.name] = "" if value is None and self.name in _URLS else value


class FastAPI(Operations, App):  # type: ignore[misc]  # `route` and `websocket` take what FastAPI's take
    """An application by FastAPI's rules: return values become JSON, declared input is validated.

    Args:
        title, version, summary, description, openapi_tags, servers, terms_of_service, contact,
            license_info, openapi_external_docs: For the OpenAPI document.
        openapi_url, docs_url, redoc_url, swagger_ui_oauth2_redirect_url: Paths of the document and
            its pages; None for no such page.
        dependencies, responses, callbacks, default_response_class, deprecated, include_in_schema,
            strict_content_type, generate_unique_id_function: Defaults of every route.
        routes: The first routes.
        webhooks: A router whose operations the document describes as webhooks.
        redirect_slashes: Whether `/x/` redirects to `/x` and the reverse (307).
        max_body_size: The most bytes of a request body (413 beyond); `max_body` of the settings by default.
        root_path, root_path_in_servers: The prefix that a proxy removes, and whether the
            document has it as a server.
        middleware: `Middleware` objects, outermost first.
        exception_handlers: Handlers by class or status.
        on_startup, on_shutdown, lifespan: As for `APIRouter`.
        settings: Other settings of the kernel and plugins.
    """

    paradigm: ClassVar[Optional[str]] = "fastapi"
    #: The status of redirects where a slash is missing or too much, as in Starlette.
    redirect_status = 307

    title = _Setting()
    version = _Setting()
    summary = _Setting()
    description = _Setting()
    openapi_version = _Setting()
    openapi_url = _Setting()
    openapi_tags = _Setting()
    openapi_external_docs = _Setting()
    servers = _Setting()
    terms_of_service = _Setting()
    contact = _Setting()
    license_info = _Setting()
    docs_url = _Setting()
    redoc_url = _Setting()
    swagger_ui_oauth2_redirect_url = _Setting()
    swagger_ui_init_oauth = _Setting()
    swagger_ui_parameters = _Setting()
    separate_input_output_schemas = _Setting()
    debug = _Setting()

    @signature_of(constructor)
    def __init__(
        self,
        *,
        title: str = "FastAPI",
        routes: Optional[Sequence[Any]] = None,
        redirect_slashes: bool = True,
        middleware: Optional[Sequence[Middleware]] = None,
        exception_handlers: Optional[Mapping[Any, Any]] = None,
        on_startup: Optional[Sequence[Callable[[], Any]]] = None,
        on_shutdown: Optional[Sequence[Callable[[], Any]]] = None,
        lifespan: Optional[Callable[[Any], Any]] = None,
        webhooks: Optional[APIRouter] = None,
        root_path: str = "",
        root_path_in_servers: bool = True,
        openapi_prefix: str = "",
        max_body_size: Optional[int] = None,
        **settings: Any,
    ) -> None:
        defaults = {name: settings.pop(name) for name in _ROUTE_DEFAULTS if name in settings}
        given: Values = {"title": title, "openapi_docs_url": "", "redoc_url": "/redoc", **settings}
        given.update({name: given[name] or "" for name in _URLS if name in given})
        if max_body_size is not None:
            given["max_body"] = limit_of(max_body_size)
        given.update(derive_head=False, derive_options=False)
        given["trailing_slash"] = "redirect" if redirect_slashes else "strict"
        super().__init__(**given)
        self.root_path = root_path or openapi_prefix
        self.root_path_in_servers = root_path_in_servers
        self.exception_handlers: Dict[Any, Any] = {}
        #: The router that has everything that is registered.
        self.router = APIRouter(
            routes=routes, on_startup=on_startup, on_shutdown=on_shutdown, lifespan=lifespan,
            redirect_slashes=redirect_slashes, **defaults,
        )  # fmt: skip
        self.router.owners.append(self)
        self.own_lifespans.insert(0, Lifespan("events", self.router.events.run_replaced))
        source: Any = self.router
        super().register(Mount("", source))
        #: Operations that the document describes and other servers serve.
        self.webhooks = webhooks or APIRouter()
        self.webhooks.owners.append(self)
        self.user_middleware: List[Middleware] = list(middleware or ())
        for matches, handler in (exception_handlers or {}).items():
            self.add_exception_handler(matches, handler)

    # ------------------------------------------------------------ registration

    @property
    def routes(self) -> List[Any]:
        """The routes, in order of registration."""
        found: List[Any] = self.router.routes
        return found

    def register(self, item: Union[Route, Mount]) -> None:
        """Add a route or mount of the kernel."""
        self.openapi_schema = None
        super().register(item)

    def changing(self, what: str, where: str = "") -> ContextManager[None]:
        """Return the block in which a route or a setting is changed."""
        self.openapi_schema = None
        return self.registering(what, where, keeps_routes=True)

    def registrations(self) -> List[object]:
        """Return what holds the registrations: lists, dicts, sets, and objects that have such as attributes."""
        return [*super().registrations(), self.router.routes, self.exception_handlers]

    def include_router(self, router: APIRouter, *, prefix: str = "", **options: Unpack[RouterOptions]) -> None:
        """Include a router; see `APIRouter.include_router`."""
        self.router.include_router(router, prefix=prefix, **options)

    def build(self) -> None:
        """Check everything that was registered, compile it and freeze it."""
        if not self.is_built:
            self.own_middleware[:] = self._asgi_layers()
            super().build()

    async def answer(self, status: int, scope: Scope, receive: Receive, send: Send, **params: Any) -> None:
        """Send the response to a connection that no route matches; a WebSocket is closed, as in Starlette."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000, "reason": ""})
        else:
            await super().answer(status, scope, receive, send, **params)

    def _asgi_layers(self) -> List[CoreMiddleware]:
        """Return everything around the kernel's app, outermost first."""
        found = [
            CoreMiddleware(f"{index} {getattr(item.cls, '__name__', 'middleware')}", item.wrap)
            for index, item in enumerate(self.user_middleware)
        ]
        if found:  # an unhandled error passes through them all and is answered by the outermost layer
            outermost = CoreMiddleware("answer unhandled errors", lambda app: AnswerUnhandled(app, self))
            found = [outermost, *found, CoreMiddleware("raise unhandled errors", lambda app: RaiseUnhandled(app, self))]
        if self.root_path:
            found.insert(0, CoreMiddleware("root path", lambda app: RootPath(app, self)))
        return found

    def add_middleware(self, factory: Any, *args: Any, **options: Any) -> None:
        """Wrap the app in ASGI middleware; the middleware added last is outermost.

        Args:
            factory: Called as `factory(app, *args, **options)`; returns an ASGI app.

        Raises:
            MiddlewareTooLate: The app has started.
        """
        if self.is_late:
            raise MiddlewareTooLate(
                f"{caller()[0]}: the middleware {name_of(factory)} can't be added: the app has started. Add it where "
                "the app is made."
            )
        with self.changing(f"the middleware {name_of(factory)}"):
            self.user_middleware.insert(0, Middleware(factory, *args, **options))

    def middleware(self, middleware_type: str) -> Callable[[F], F]:
        """Register the decorated `async def f(request, call_next)` around every request.

        Args:
            middleware_type: ``"http"``, the only type.
        """
        refuse_bare(middleware_type, 'middleware("http")')
        assert middleware_type == "http", 'Only middleware("http") is supported.'

        def decorate(function: F) -> F:
            check_callable(function, "middleware")
            self.add_middleware(BaseHTTPMiddleware, dispatch=function)
            return function

        return decorate

    def exception_handler(self, exc_class_or_status_code: Any) -> Callable[[F], F]:
        """Register the decorated handler; see `add_exception_handler`."""
        decorate: Callable[[F], F] = super().exception_handler(exc_class_or_status_code)
        return decorate

    def build_middleware_stack(self) -> ASGIApp:
        """Return the app that the server calls: everything that was registered, inside of all middleware."""
        self.build()
        return self

    def setup(self) -> None:
        """Do nothing: the document and its pages are made at the build."""

    def add_exception_handler(self, matches: Any, handler: Any) -> None:
        """Register `handler(request, error)` for an exception class or status.

        A handler of `HTTPException` also handles the kernel's own 404 and 405. A handler of
        `Exception` or 500 answers otherwise unhandled errors, which are logged all the same.
        """
        kinds = [matches]
        if matches == 500:
            kinds.append(Exception)
        elif matches in (HTTPException, HTTPError):
            kinds += [NotFound, MethodNotAllowed]
        adapted = adapt_handler(handler, reports=matches in (500, Exception))
        what = f"the error handler {name_of(handler)}"
        with self.registering(what, where_is(handler), keeps_routes=True, keeps_error_handlers=False):
            self.exception_handlers[matches] = handler
            # the last handler of a class or status wins
            self.own_handlers[:] = [item for item in self.own_handlers if item[0] not in kinds]
            for kind in kinds:
                super().add_exception_handler(kind, adapted)

    def on_suppressed_exception(self, error: BaseException) -> BaseException:
        """Return the error to answer when a dependency suppressed one."""
        found = FastAPIError(
            "No response returned: the handler is raising an exception and a dependency with yield catches it and does "
            "not raise it again. Add `raise` to its `except` block."
        )
        found.__cause__ = error
        return found

    def redirect_location(self, path: str, scope: Scope) -> str:
        """Return the absolute URL of the path with or without a slash, as Starlette does."""
        location = super().redirect_location(path, scope)
        host = sent_host(scope) or server_host(scope)
        return f"{scope.get('scheme', 'http')}://{host}{location}" if host else location

    # ------------------------------------------------------------ the document

    @property
    def openapi_schema(self) -> Optional[Values]:
        """The finished document, or None until it is asked for."""
        return self.store(State).document

    @openapi_schema.setter
    def openapi_schema(self, value: Optional[Values]) -> None:
        state = self.store(State)
        state.document, state.encoded_document = value, None

    def openapi(self) -> Values:
        """Return the OpenAPI document; it is made once and kept."""
        return document.openapi(self)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of a route by its name.

        Raises:
            NoMatchFound: No route has the name and exactly these parameters.
        """
        try:
            return URLPath(self.url_path(name, **path_params))
        except CannotBuildURL:  # it may be in an app of Starlette's that is mounted
            inner = [route for route in self.routes if isinstance(route, (StarletteMount, Host, Included))]
            found = find_path(inner, name, path_params)
            if found is None:
                raise NoMatchFound(name, path_params) from None
            return found


# `isinstance(app, Starlette)` is what code asks that takes either
Starlette.register(FastAPI)
