"""The `FastAPI` class: an app with FastAPI's rules alone."""

from __future__ import annotations

from typing import Any, Callable, ClassVar, Dict, List, Mapping, MutableMapping, Optional, Sequence, Union

from fenrir_core import (
    App,
    CannotBuildURL,
    HTTPError,
    Lifespan,
    MethodNotAllowed,
    Mount,
    NotFound,
    RedirectResponse,
    Route,
)
from fenrir_core import Middleware as CoreMiddleware
from fenrir_core.authoring import F, Message, Receive, Scope, Send, local_path

from .error_handling import with_view
from .exceptions import FastAPIError, HTTPException
from .frontend import Frontends
from .hooks import OwnRoutes
from .middleware.errors import Inside, Outside, RootPath
from .openapi import document
from .operations import Operations
from .router import APIRouter
from .routes import NoMatchFound
from .starlette.concurrency import run_in_threadpool
from .starlette.datastructures import URLPath
from .starlette.middleware import Middleware
from .starlette.middleware.base import BaseHTTPMiddleware

#: Constructor keywords that are given to every route.
_ROUTE_DEFAULTS = (
    "dependencies", "responses", "callbacks", "default_response_class", "deprecated", "include_in_schema",
    "strict_content_type", "generate_unique_id_function",
)  # fmt: skip
#: Constructor keywords for text that mean "none" when they are None.
_TEXTS = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")


class _Setting:
    """An attribute of the app that is one of its settings."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, app: Any, owner: type) -> Any:
        if app is None:
            return self
        found = app.settings[self.name]
        return None if found == "" and self.name != "description" else found

    def __set__(self, app: Any, value: Any) -> None:
        app.settings[self.name] = "" if value is None and self.name in _TEXTS else value
        app.changed()


class FastAPI(Operations, App):  # type: ignore[misc]  # `route` and `websocket` take what FastAPI's take
    """An application by FastAPI's rules: everything returned is JSON, everything declared is validated.

    Args:
        title, version, summary, description, openapi_tags, servers, terms_of_service, contact,
            license_info, openapi_external_docs: For the OpenAPI document.
        openapi_url, docs_url, redoc_url, swagger_ui_oauth2_redirect_url: Where the document and
            its pages are; None for nowhere.
        dependencies, responses, callbacks, default_response_class, deprecated, include_in_schema,
            strict_content_type, generate_unique_id_function: For every route.
        routes: Routes to start with.
        webhooks: A router whose operations the document describes as webhooks.
        redirect_slashes: Whether `/x/` leads to `/x` and the reverse (307).
        root_path, root_path_in_servers: The prefix that a proxy takes off, and whether the
            document names it as a server.
        middleware: `Middleware` objects, the outermost first.
        exception_handlers: Handlers by class or status.
        on_startup, on_shutdown, lifespan: As `APIRouter`.
        settings: Further settings of the kernel and plugins.
    """

    paradigm: ClassVar[Optional[str]] = "fastapi"
    #: Where a slash is missing or too much, as Starlette answers.
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
        **settings: Any,
    ) -> None:
        defaults = {name: settings.pop(name) for name in _ROUTE_DEFAULTS if name in settings}
        given: Dict[str, Any] = {"title": title, "openapi_docs_url": "", "redoc_url": "/redoc", **settings}
        given.update({name: given[name] or "" for name in _TEXTS if name in given})
        given.update(derive_head=False, derive_options=False)
        given["trailing_slash"] = "redirect" if redirect_slashes else "strict"
        super().__init__(**given)
        self.root_path = root_path or openapi_prefix
        self.root_path_in_servers = root_path_in_servers
        self.exception_handlers: Dict[Any, Any] = {}
        self._frontends = Frontends(())
        #: Holds everything that is registered.
        self.router = APIRouter(
            routes=routes, on_startup=on_startup, on_shutdown=on_shutdown, lifespan=lifespan,
            redirect_slashes=redirect_slashes, **defaults,
        )  # fmt: skip
        self.router.owners.append(self)
        self.own_lifespans.insert(0, Lifespan("events", self.router.events.run))
        source: Any = self.router
        super().register(Mount("", source))
        #: Operations that the document describes and that others serve.
        self.webhooks = webhooks or APIRouter()
        self.webhooks.owners.append(self)
        self.user_middleware: List[Middleware] = list(middleware or ())
        for matches, handler in (exception_handlers or {}).items():
            self.add_exception_handler(matches, handler)

    # ------------------------------------------------------------ registration

    @property
    def routes(self) -> List[Any]:
        """What was registered, in order."""
        found: List[Any] = self.router.routes
        return found

    def register(self, item: Union[Route, Mount]) -> None:
        """Add a route or mount of the kernel."""
        self.changed()
        super().register(item)

    def changed(self) -> None:
        """Take a finished build back, because there is something new."""
        self.openapi_schema = None
        if self.is_built:
            self.reopen()

    def include_router(self, router: APIRouter, *, prefix: str = "", **options: Any) -> None:
        """Include a router's routes; see `APIRouter.include_router`."""
        self.router.include_router(router, prefix=prefix, **options)

    def build(self) -> None:
        """Check everything that was registered, compile it and freeze it."""
        if self.is_built:
            return
        self.own_middleware[:] = self._middleware_from_outside()
        super().build()
        self._frontends = Frontends(self.compiled_routes)

    async def answer(self, status: int, scope: Scope, receive: Receive, send: Send, **params: Any) -> None:
        """Return the kernel's own answer, or that of a frontend where there is no route."""
        found = self._frontends.match(local_path(scope)) if status == 404 and scope["type"] == "http" else None
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000, "reason": ""})
        elif found is None:
            await super().answer(status, scope, receive, send, **params)
        else:
            await self._from_frontend(*found, scope, receive, send)

    async def _from_frontend(self, target: Any, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD"):
            scope["fenrir.frontend"] = path
            await target.call(scope, receive, send, {})
        elif await run_in_threadpool(target.route.option("frontend").resource, path) is not None:
            await super().answer(405, scope, receive, send, allowed=("GET", "HEAD"))
        else:
            await super().answer(404, scope, receive, send)

    def _middleware_from_outside(self) -> List[CoreMiddleware]:
        found = [
            CoreMiddleware(f"{index} {getattr(item.cls, '__name__', 'middleware')}", item.wrap)
            for index, item in enumerate(self.user_middleware)
        ]
        own = list(self.router.with_own_match())
        if own:
            found.append(CoreMiddleware("routes of their own", lambda app: OwnRoutes(app, self, own)))
        if found:  # an error that nobody handles passes through them all, and is answered outside
            outside = CoreMiddleware("outside", lambda app: Outside(app, self))
            found = [outside, *found, CoreMiddleware("inside", Inside)]
        if self.root_path:
            found.insert(0, CoreMiddleware("root path", lambda app: RootPath(app, self)))
        return found

    def add_middleware(self, factory: Any, *args: Any, **options: Any) -> None:
        """Wrap the app in ASGI middleware; the one that is added last is outermost.

        Args:
            factory: Called as `factory(app, *args, **options)`; gives an ASGI app.
        """
        self.user_middleware.insert(0, Middleware(factory, *args, **options))
        self.changed()

    def middleware(self, middleware_type: str) -> Callable[[F], F]:
        """Register the decorated `async def f(request, call_next)` around every request.

        Args:
            middleware_type: ``"http"``; there is no other.
        """
        assert middleware_type == "http", 'Only middleware("http") is supported.'

        def decorate(function: F) -> F:
            self.add_middleware(BaseHTTPMiddleware, dispatch=function)
            return function

        return decorate

    def add_exception_handler(self, matches: Any, handler: Any) -> None:
        """Answer an exception class or status with `handler(request, error)`.

        A handler for `HTTPException` also gets the kernel's own 404 and 405. One for
        `Exception` or 500 answers what nobody else handles; the error is logged all the same.
        """
        self.exception_handlers[matches] = handler
        self.changed()
        kinds = [matches]
        if matches == 500:
            kinds.append(Exception)
        elif matches in (HTTPException, HTTPError):
            kinds += [NotFound, MethodNotAllowed]
        self.own_handlers[:] = [item for item in self.own_handlers if item.value.matches not in kinds]  # the last wins
        adapted = with_view(handler, reports=matches in (500, Exception))
        for kind in kinds:
            super().add_exception_handler(kind, adapted)

    @property
    def dependency_overrides(self) -> MutableMapping[Any, Any]:
        """The callables that stand in for dependencies, by the original; None takes all away."""
        return self._overrides

    @dependency_overrides.setter
    def dependency_overrides(self, overrides: Optional[MutableMapping[Any, Any]]) -> None:
        self._overrides.replace(overrides or {})

    def on_suppressed_exception(self, error: Exception) -> Exception:
        """Return the error to answer when a dependency caught one and did not raise it again."""
        complaint = FastAPIError(
            "No response was made: the code is raising an exception and a dependency with yield catches it without "
            "raising it, or another, again. Add `raise` to its `except` block."
        )
        complaint.__cause__ = error
        return complaint

    async def _redirect(self, path: str, scope: Scope, send: Send) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        location = (scope.get("root_path") or "").rstrip("/") + path
        query = scope.get("query_string", b"")
        url = f"{scope.get('scheme', 'http')}://{host}{location}" if host else location
        response = RedirectResponse(f"{url}?{query.decode('latin-1')}" if query else url, self.redirect_status)
        message: Message = {"type": "http.response.start", "status": response.status, "headers": response.head(0)}
        await send(message)
        await send({"type": "http.response.body", "body": b""})

    # ------------------------------------------------------------ the document

    @property
    def openapi_schema(self) -> Optional[Dict[str, Any]]:
        """The finished document, or None as long as nobody asked for it."""
        return self.store(document.DocumentStore).document

    @openapi_schema.setter
    def openapi_schema(self, value: Optional[Dict[str, Any]]) -> None:
        store = self.store(document.DocumentStore)
        store.document, store.encoded = value, None

    def openapi(self) -> Dict[str, Any]:
        """Return the OpenAPI document; it is made at its first use and kept."""
        return document.openapi(self)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path of a route by its name.

        Raises:
            NoMatchFound: No route has the name and just these parameters.
        """
        try:
            return URLPath(self.url_path(name, **path_params))
        except CannotBuildURL:
            raise NoMatchFound(name, path_params) from None
