"""The methods with which apps and routers register routes and events: the same on both."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Callable, Iterable, Optional, Sequence

from fenrir_core.authoring import F, refuse_bare

from .datastructures import DefaultPlaceholder
from .frontend import Frontend
from .routes import APIRoute, APIWebSocketRoute
from .starlette.routing import Host, Route, WebSocketRoute
from .starlette.types import Values

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .signatures import EndpointOptions, OperationOptions


class Operations:
    """A mixin that registers path operations, WebSockets, plain routes and events on `self.router`."""

    router: Any

    # ------------------------------------------------------------ path operations

    def add_api_route(
        self,
        path: str,
        endpoint: Any,
        *,
        methods: Optional[Iterable[str]] = None,
        **options: Unpack[EndpointOptions],
    ) -> None:
        """Register an endpoint; see `api_route`."""
        router = self.router
        route_class = options.pop("route_class_override", None) or router.route_class or APIRoute
        given: Values = {
            name: value
            for name, value in options.items()
            if (value is not None or name == "response_model") and not isinstance(value, DefaultPlaceholder)
        }
        router.add(route_class(router.prefix + path, endpoint, methods=methods, **given))

    def api_route(
        self, path: str, *, methods: Optional[Iterable[str]] = None, **options: Unpack[OperationOptions]
    ) -> Callable[[F], F]:
        """Register the decorated function.

        Args:
            path: The path template; may be empty if there is a prefix.
            methods: HTTP methods; GET by default.
            options: The options of path operations: `response_model`, `status_code`, `tags`,
                `dependencies`, `summary`, `description`, `response_description`, `responses`,
                `deprecated`, `operation_id`, `response_model_include`, `…_exclude`, `…_by_alias`,
                `…_exclude_unset`, `…_exclude_defaults`, `…_exclude_none`, `include_in_schema`,
                `response_class`, `name`, `callbacks`, `openapi_extra`, `generate_unique_id_function`.
        """
        refuse_bare(path, 'get("/path"), @app.api_route("/path") and so on')

        def decorate(endpoint: F) -> F:
            self.add_api_route(path, endpoint, methods=methods, **options)
            return endpoint

        return decorate

    def get(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for GET; see `api_route`."""
        return self.api_route(path, methods=("GET",), **options)

    def post(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for POST; see `api_route`."""
        return self.api_route(path, methods=("POST",), **options)

    def put(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for PUT; see `api_route`."""
        return self.api_route(path, methods=("PUT",), **options)

    def patch(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for PATCH; see `api_route`."""
        return self.api_route(path, methods=("PATCH",), **options)

    def delete(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for DELETE; see `api_route`."""
        return self.api_route(path, methods=("DELETE",), **options)

    def head(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for HEAD; see `api_route`."""
        return self.api_route(path, methods=("HEAD",), **options)

    def options(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for OPTIONS; see `api_route`."""
        return self.api_route(path, methods=("OPTIONS",), **options)

    def trace(self, path: str, **options: Unpack[OperationOptions]) -> Callable[[F], F]:
        """Register the decorated function for TRACE; see `api_route`."""
        return self.api_route(path, methods=("TRACE",), **options)

    # ------------------------------------------------------------ WebSockets

    def add_api_websocket_route(
        self, path: str, endpoint: Any, name: Optional[str] = None, *, dependencies: Optional[Sequence[Any]] = None
    ) -> None:
        """Register a WebSocket endpoint; see `websocket`."""
        router = self.router
        router.add(APIWebSocketRoute(router.prefix + path, endpoint, name=name, dependencies=dependencies))

    def websocket(
        self, path: str, name: Optional[str] = None, *, dependencies: Optional[Sequence[Any]] = None
    ) -> Callable[[F], F]:
        """Register the decorated coroutine function for WebSockets.

        Args:
            path: The path template.
            name: The name for `url_path_for`.
            dependencies: `Depends()` markers that run before it.
        """
        refuse_bare(path, 'websocket("/path")')

        def decorate(endpoint: F) -> F:
            self.add_api_websocket_route(path, endpoint, name, dependencies=dependencies)
            return endpoint

        return decorate

    # ------------------------------------------------------------ plain routes (Starlette's)

    def add_route(
        self,
        path: str,
        endpoint: Any,
        methods: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        include_in_schema: bool = True,
    ) -> None:
        """Register a function that takes only the request and returns a response."""
        self.router.add(Route(path, endpoint, methods=methods, name=name, include_in_schema=include_in_schema))

    def route(
        self,
        path: str,
        methods: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        include_in_schema: bool = True,
    ) -> Callable[[F], F]:
        """Register the decorated function; see `add_route`."""
        refuse_bare(path, 'route("/path")')

        def decorate(endpoint: F) -> F:
            self.add_route(path, endpoint, methods, name, include_in_schema)
            return endpoint

        return decorate

    def add_websocket_route(self, path: str, endpoint: Any, name: Optional[str] = None) -> None:
        """Register a coroutine function that takes only the WebSocket."""
        self.router.add(WebSocketRoute(path, endpoint, name=name))

    def websocket_route(self, path: str, name: Optional[str] = None) -> Callable[[F], F]:
        """Register the decorated coroutine function; see `add_websocket_route`."""
        refuse_bare(path, 'websocket_route("/path")')

        def decorate(endpoint: F) -> F:
            self.add_websocket_route(path, endpoint, name)
            return endpoint

        return decorate

    # ------------------------------------------------------------ other apps

    def mount(self, path: str, app: Any, name: Optional[str] = None) -> None:
        """Mount an ASGI app under a prefix; routes take precedence."""
        self.router.add(self.router.mount_class(path, app, name=name))

    def host(self, host: str, app: Any, name: Optional[str] = None) -> None:
        """Serve all requests to a host by an ASGI app."""
        self.router.add(Host(host, app, name))

    def frontend(
        self,
        path: str,
        *,
        directory: Any,
        fallback: Optional[str] = "auto",
        check_dir: Any = "auto",
        precompressed: bool = False,
        immutable: bool = False,
    ) -> None:
        """Serve a folder of built files where no route matches.

        Args:
            path: The prefix.
            directory: The folder.
            fallback: The file to serve instead of a missing one: ``"index.html"`` (only for navigation),
                ``"404.html"``, None for a plain 404, or ``"auto"`` for whichever file exists.
            check_dir: Whether a missing folder is an error right away; ``"auto"`` only warns if
                the environment has ``FASTAPI_ENV=development``.
            precompressed, immutable: As for `StaticFiles`; FastAPI has neither.
        """
        choices = {"precompressed": precompressed, "immutable": immutable}
        self.router.add(Frontend(self.router.prefix, path, directory, fallback, check_dir, **choices))

    # ------------------------------------------------------------ events

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Register a function for ``startup`` or ``shutdown``."""
        self.router.events.add(event_type, func)

    def on_event(self, event_type: str) -> Callable[[F], F]:
        """Register the decorated function for ``startup`` or ``shutdown`` (deprecated: use `lifespan=`)."""
        refuse_bare(event_type, 'on_event("startup")')
        text = "on_event() is deprecated: pass `lifespan=`, an async context manager of the app, instead."
        warnings.warn(text, DeprecationWarning, stacklevel=2)

        def decorate(function: F) -> F:
            self.add_event_handler(event_type, function)
            return function

        return decorate
