"""Starlette's application class."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Union

from fenrir_core.authoring import ASGIApp, Receive, Scope, Send

from .datastructures import State, URLPath
from .middleware import Middleware, wrapped
from .middleware.body_limit import RequestBodyLimitMiddleware
from .middleware.errors import ServerErrorMiddleware
from .middleware.exceptions import ExceptionMiddleware
from .routing import BaseRoute, Router
from .types import AnyCallable

__all__ = ["Starlette"]


class Starlette(metaclass=ABCMeta):  # noqa: B024  # so that `FastAPI` is one, see `app`
    """An application by Starlette's rules: routes in order, endpoints from request to response, errors as text.

    Args:
        debug: Whether the response to an unhandled error shows its traceback.
        routes: The routes.
        middleware: `Middleware` objects, outermost first. Outside of them errors are answered that have no handler,
            inside of them those that have one.
        exception_handlers: Functions of request and exception, by class or status.
        lifespan: A function of the app that returns an async context manager.
        max_body_size: The most bytes of a request body; 413 beyond that.
    """

    def __init__(
        self,
        debug: bool = False,
        routes: Optional[Sequence[BaseRoute]] = None,
        middleware: Optional[Sequence[Middleware]] = None,
        exception_handlers: Optional[Mapping[Any, AnyCallable]] = None,
        lifespan: Optional[Callable[[Any], Any]] = None,
        *,
        max_body_size: Optional[int] = None,
    ) -> None:
        self.debug, self.max_body_size = debug, max_body_size
        self.state = State()
        self.router = Router(routes, lifespan=lifespan)
        self.exception_handlers: Dict[Any, AnyCallable] = dict(exception_handlers or {})
        self.user_middleware: List[Middleware] = list(middleware or ())
        #: The layers around the router; None until the first connection.
        self.middleware_stack: Optional[ASGIApp] = None

    def build_middleware_stack(self) -> ASGIApp:
        """Return the router inside of all layers."""
        handlers = dict(self.exception_handlers)
        of_status, of_class = handlers.pop(500, None), handlers.pop(Exception, None)
        layers = [Middleware(ServerErrorMiddleware, handler=of_class or of_status, debug=self.debug)]
        if self.max_body_size is not None:
            layers.append(Middleware(RequestBodyLimitMiddleware, max_body_size=self.max_body_size))
        layers += [*self.user_middleware, Middleware(ExceptionMiddleware, handlers=handlers, debug=self.debug)]
        return wrapped(self.router, layers)

    @property
    def routes(self) -> List[Any]:
        """The routes."""
        return self.router.routes

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of a route by its name.

        Raises:
            NoMatchFound: No route has the name and exactly these parameters.
        """
        return self.router.url_path_for(name, **path_params)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection or the lifespan."""
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def mount(self, path: str, app: ASGIApp, name: Optional[str] = None) -> None:
        """Mount an ASGI app under a prefix."""
        self.router.mount(path, app=app, name=name)

    def host(self, host: str, app: ASGIApp, name: Optional[str] = None) -> None:
        """Serve all requests to a host by an ASGI app."""
        self.router.host(host, app=app, name=name)

    def add_middleware(self, middleware_class: Callable[..., ASGIApp], *args: Any, **kwargs: Any) -> None:
        """Wrap the app in middleware; what is added last is outermost.

        Raises:
            RuntimeError: The app has started.
        """
        if self.middleware_stack is not None:
            raise RuntimeError("Cannot add middleware after an application has started")
        self.user_middleware.insert(0, Middleware(middleware_class, *args, **kwargs))

    def add_exception_handler(self, exc_class_or_status_code: Union[int, type], handler: AnyCallable) -> None:
        """Register a handler of an exception class or status."""
        self.exception_handlers[exc_class_or_status_code] = handler

    def add_route(
        self,
        path: str,
        route: AnyCallable,
        methods: Optional[Sequence[str]] = None,
        name: Optional[str] = None,
        include_in_schema: bool = True,
    ) -> None:
        """Add a function that takes the request and returns a response."""
        self.router.add_route(path, route, methods=methods, name=name, include_in_schema=include_in_schema)

    def add_websocket_route(self, path: str, route: AnyCallable, name: Optional[str] = None) -> None:
        """Add a coroutine function that takes the WebSocket."""
        self.router.add_websocket_route(path, route, name=name)
