"""The `FastAPI` class: an app with FastAPI's rules alone."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import (
    Any,
    AsyncIterator,
    Callable,
    ClassVar,
    Dict,
    Iterable,
    List,
    Mapping,
    Optional,
    Sequence,
    Union,
)

from fenrir_core import App, BuildError, Call, HTTPError, Lifespan, MethodNotAllowed, Mount, NotFound, Route
from fenrir_core.types import F

from . import routing
from .concurrency import call_either
from .exceptions import HTTPException
from .openapi import document
from .requests import Request
from .resolve import AppDependencies
from .websockets import WebSocket

#: Constructor keywords that are given to every route that has them not.
_ROUTE_DEFAULTS = ("default_response_class", "deprecated", "include_in_schema", "strict_content_type")


class FastAPI(App):
    """Be an application by FastAPI's rules: everything returned is JSON, everything declared is validated.

    Args:
        title, version, summary, description, openapi_tags, servers, terms_of_service, contact,
            license_info: For the OpenAPI document.
        openapi_url, docs_url: Where the document and Swagger UI are; None or ``""`` for nowhere.
        dependencies: `Depends()` for every route.
        responses: Answers to describe for every route.
        default_response_class: What answers are made with.
        redirect_slashes: Whether `/x/` leads to `/x` and the reverse (307).
        exception_handlers: Handlers by class or status.
        on_startup, on_shutdown: Callables for start and stop.
        lifespan: As in `fenrir_core.App`.
        settings: Further settings of the kernel and plugins.
    """

    paradigm: ClassVar[Optional[str]] = "fastapi"
    #: Where a slash is missing or too much, as Starlette answers.
    redirect_status = 307

    def __init__(
        self,
        *,
        title: str = "FastAPI",
        dependencies: Optional[Sequence[Any]] = None,
        responses: Optional[Mapping[Any, Any]] = None,
        redirect_slashes: bool = True,
        exception_handlers: Optional[Mapping[Any, Any]] = None,
        on_startup: Optional[Sequence[Callable[[], Any]]] = None,
        on_shutdown: Optional[Sequence[Callable[[], Any]]] = None,
        **settings: Any,
    ) -> None:
        defaults = {name: settings.pop(name) for name in _ROUTE_DEFAULTS if name in settings}
        given: Dict[str, Any] = {"title": title, "openapi_docs_url": "", **settings}
        given.update(derive_head=False, derive_options=False)
        given["trailing_slash"] = "redirect" if redirect_slashes else "strict"
        super().__init__(**given)
        self.store(AppDependencies).markers.extend(dependencies or ())
        self._route_defaults = routing.make_defaults("", "FastAPI()", {"responses": responses, **defaults})
        self._events: Dict[str, List[Callable[[], Any]]] = {
            "startup": list(on_startup or ()),
            "shutdown": list(on_shutdown or ()),
        }
        self.own_lifespans.insert(0, Lifespan("events", self._run_events))
        for matches, handler in (exception_handlers or {}).items():
            self.add_exception_handler(matches, handler)

    # ------------------------------------------------------------ registration

    def register(self, item: Union[Route, Mount]) -> None:
        """Add a route or mount; routes get the app's defaults."""
        if isinstance(item, Route) and item.paradigm == "fastapi":
            item = self._route_defaults.apply(item)
        elif isinstance(item, Mount):
            included: Any = item.app
            if isinstance(included, routing.Included):
                included = replace(included, outer=self._route_defaults)
                item = replace(item, app=included)
        super().register(item)

    def add_api_route(
        self, path: str, endpoint: Any, *, methods: Optional[Iterable[str]] = None, **options: Any
    ) -> None:
        """Register an endpoint; see `route`."""
        self.register(self.make_route(path, endpoint, methods, **options))

    def api_route(self, path: str, *, methods: Optional[Iterable[str]] = None, **options: Any) -> Callable[[F], F]:
        """Register the decorated function; see `route`."""
        return self.route(path, methods, **options)

    def trace(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for TRACE."""
        return self.route(path, ("TRACE",), **options)

    def include_router(self, router: routing.APIRouter, **options: Any) -> None:
        """Include a router's routes; see `routing.include_router`."""
        routing.include_router(self, router, **options)

    def add_event_handler(self, event: str, function: Callable[[], Any]) -> None:
        """Call a function at ``startup`` or ``shutdown``.

        Raises:
            BuildError: There is no such event.
        """
        if event not in self._events:
            raise BuildError(f"There is no event {event!r}: write 'startup' or 'shutdown'.")
        self._events[event].append(function)

    def on_event(self, event: str) -> Callable[[F], F]:
        """Call the decorated function at ``startup`` or ``shutdown``."""

        def decorate(function: F) -> F:
            self.add_event_handler(event, function)
            return function

        return decorate

    @asynccontextmanager
    async def _run_events(self, app: Any) -> AsyncIterator[None]:
        for function in self._events["startup"]:
            await call_either(function)
        yield
        for function in self._events["shutdown"]:
            await call_either(function)

    def add_exception_handler(self, matches: Any, handler: Any) -> None:
        """Answer an exception class or status with `handler(request, error)`.

        A handler for `HTTPException` also gets the kernel's own 404 and 405.
        """
        adapted = _with_view(handler)
        super().add_exception_handler(matches, adapted)
        if matches in (HTTPException, HTTPError):
            for kind in (NotFound, MethodNotAllowed):
                super().add_exception_handler(kind, adapted)

    # ------------------------------------------------------------ the document

    @property
    def title(self) -> str:
        """Give the API's title."""
        title: str = self.settings["title"]
        return title

    @property
    def version(self) -> str:
        """Give the API's version."""
        version: str = self.settings["version"]
        return version

    def openapi(self) -> Dict[str, Any]:
        """Give the OpenAPI document; it is made at its first use and kept."""
        return document.openapi(self)

    def url_path_for(self, name: str, /, **path_params: Any) -> str:
        """Build the path of a route by its name."""
        return self.url_path(name, **path_params)


def _with_view(handler: Any) -> Any:
    """Make a handler of the kernel's connection and error one of FastAPI's request and error."""

    def arguments(connection: Any, error: BaseException) -> Any:
        view = Request if connection.scope["type"] == "http" else WebSocket
        if isinstance(error, (NotFound, MethodNotAllowed)):
            error = HTTPException(error.status, error.detail, error.headers)
        return connection.view(view), error

    if Call.of(handler).mode == "async":

        async def handle(connection: Any, error: BaseException) -> Any:
            return await handler(*arguments(connection, error))

        return handle
    return lambda connection, error: handler(*arguments(connection, error))
