"""Falcon's own application class, which loads only this paradigm and follows Falcon's rules."""

from __future__ import annotations

import inspect
import re
from functools import partial
from pathlib import Path
from typing import Any, Callable, ClassVar, Iterable, Mapping, Optional, Tuple, Type, TypeVar, Union

from fenrir_core import App as KernelApp
from fenrir_core.authoring import Receive, Scope, Send, caller, check_callable, mark_coroutine_function, show_asgi

from . import error_handling, registration, sinks
from .asgi_request import Request as ASGIRequest
from .asgi_response import Response as ASGIResponse
from .cors import CORSMiddleware
from .exceptions import InvalidMiddleware, MissingHandler
from .hooks import COMPONENT_METHODS, serve_websocket
from .media import Handlers
from .options import RequestOptions, ResponseOptions, WebSocketOptions
from .request import Request
from .response import Response
from .router import CompiledRouterOptions
from .scopes import prepare_scope, refuse_old_server
from .state import State
from .wsgi import WSGIService

S = TypeVar("S")


class App(KernelApp):
    """An ASGI application that follows Falcon's rules.

    The response is what the responder filled in, whatever it returned; errors have Falcon's format;
    HEAD needs a responder `on_head`; ``/x/`` and ``/x`` are different paths.

    Args:
        media_type: The media type of `media` by default.
        request_type, response_type: Subclasses of `Request` and `Response` to use.
        middleware: A middleware component or a list of them, outermost first.
        router: A router of your own, instead of `CompiledRouter`.
        independent_middleware: Whether every `process_response` runs, also those of components whose
            `process_request` did not.
        cors_enable: Whether pages of any origin may read responses; see `CORSMiddleware`.
        sink_before_static_route: Whether sinks precede static routes.
        **settings: As for `fenrir_core.App`.

    Raises:
        BuildError: An argument is not supported or invalid.
    """

    paradigm = "falcon"
    raises_unhandled = False
    #: The classes of requests and responses if the app chooses none: where a WSGI server made the request, and else.
    request_types: ClassVar[Tuple[Any, Any]] = (Request, ASGIRequest)
    response_types: ClassVar[Tuple[Any, Any]] = (Response, ASGIResponse)
    #: Whether it is no WSGI application.
    is_asgi_only = False
    _wsgi: Optional[WSGIService] = None

    def __init__(
        self,
        media_type: str = "application/json",
        request_type: Optional[Type[Any]] = None,
        response_type: Optional[Type[Any]] = None,
        middleware: Any = None,
        router: Any = None,
        independent_middleware: bool = True,
        cors_enable: bool = False,
        sink_before_static_route: bool = True,
        **settings: Any,
    ) -> None:
        super().__init__(**{"trailing_slash": "strict", "derive_head": False, **settings})
        state = self.store(State)
        state.request_type, state.response_type = request_type, response_type
        state.request_types, state.response_types = self.request_types, self.response_types
        if router is not None:
            state.router, state.has_own_router = router, True
        state.is_nonblocking = bool(self.settings["nonblocking"])
        state.independent_middleware, state.is_wsgi = independent_middleware, not self.is_asgi_only
        state.req_options.media_handlers = Handlers()  # the responder reads multipart forms
        state.sink_before_static_route = sink_before_static_route
        self.req_options.default_media_type = media_type
        self.resp_options.default_media_type = media_type
        if cors_enable:
            self.add_middleware(CORSMiddleware())
        if middleware is not None:
            self.add_middleware(middleware)
        show_asgi(self)

    @mark_coroutine_function
    def __call__(self, scope: Any, receive: Any = None, send: Any = None) -> Any:
        """Serve a connection (ASGI 3.0), or a request of a WSGI server: ``app(environ, start_response)``."""
        if send is not None:
            if self._wsgi is not None:
                self._wsgi.leave()
            return super().__call__(scope, receive, send)
        if receive is None:  # ASGI 2, which servers take it for that don't see the mark
            return partial(self, scope)
        wsgi = self._wsgi
        if wsgi is None:
            wsgi = self._wsgi = WSGIService(self, super().__call__)
        return wsgi(scope, receive)

    async def run_in_thread(self, function: Callable[..., S], *args: Any, **kwargs: Any) -> S:
        """Call a blocking function in the app's pool; where a WSGI server has called, in its thread."""
        if self.store(State).is_direct:
            return function(*args, **kwargs)
        return await super().run_in_thread(function, *args, **kwargs)

    async def _slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        # what is checked once costs no request that a started app serves
        prepare_scope(scope)
        if scope["type"] != "lifespan" or not await refuse_old_server(scope, receive, send):
            await super()._slow(scope, receive, send)

    async def answer(self, status: int, scope: Scope, receive: Receive, send: Send, **params: Any) -> None:
        """Send the kernel's own response; a WebSocket that no responder serves is closed as Falcon does."""
        if scope["type"] == "websocket":
            await serve_websocket(self, scope, receive, send)
            return
        if status == 200 and "allowed" in params:  # COMPAT: the response to OPTIONS does not name it
            params["allowed"] = tuple(method for method in params["allowed"] if method != "OPTIONS")
        await super().answer(status, scope, receive, send, **params)

    @property
    def ws_options(self) -> WebSocketOptions:
        """The options of WebSockets."""
        return self.store(State).ws_options

    def set_error_reporter(self, reporter: Callable[..., Any]) -> None:
        """Register `reporter(req, exception)`, which is told of errors that no handler was registered for."""
        check_callable(reporter, "error reporter")
        self.store(State).reporter = reporter

    @property
    def req_options(self) -> RequestOptions:
        """The options for reading requests."""
        return self.store(State).req_options

    @property
    def resp_options(self) -> ResponseOptions:
        """The options for writing responses."""
        return self.store(State).resp_options

    def add_route(self, uri_template: str, resource: object, **kwargs: Any) -> None:
        """Register a resource for a path; one that the path has already is replaced.

        Args:
            uri_template: For example ``/items/{item_id:int}``.
            resource: An object with responders such as `on_get`.
            **kwargs: `suffix` selects the responders `on_get_<suffix>` and so on; `compile` is accepted as in Falcon;
                other arguments are route options, or those of the app's own router.

        Raises:
            ValueError: The template is malformed, or conflicts with another.
            SuffixedMethodNotFoundError: No responder has the suffix.
        """
        registration.add_pure_route(self, uri_template, resource, **kwargs)

    def __copy__(self) -> App:
        """Return an app with the same resources and options, and lists of its own that may be changed."""
        found = type(self)()
        self.store(State).copy_to(found.store(State))
        found.registered[:] = self.registered
        return found

    @property
    def _router(self) -> Any:
        return self.store(State).router

    @_router.setter
    def _router(self, router: Any) -> None:
        self.store(State).router = router

    @property
    def router_options(self) -> CompiledRouterOptions:
        """The options of the router, such as its converters."""
        options: CompiledRouterOptions = self.store(State).router.options
        return options

    def add_sink(self, sink: Callable[..., Any], prefix: Union[str, re.Pattern[str]] = r"/") -> None:
        """Register a sink for all paths that begin with `prefix` and that no route matches."""
        sinks.add_sink(self, sink, prefix)

    def add_static_route(
        self,
        prefix: str,
        directory: Union[str, Path],
        downloadable: bool = False,
        fallback_filename: Optional[str] = None,
    ) -> None:
        """Register a directory whose files are served under a prefix, for paths that no route matches."""
        sinks.add_static_route(self, prefix, directory, downloadable, fallback_filename)

    def add_middleware(  # type: ignore[override]  # Falcon's name
        self, middleware: Any, *, name: Optional[str] = None, **options: Any
    ) -> None:
        """Add one or more middleware components, or ASGI middleware.

        Args:
            middleware: A component with `process_request` or another method of `COMPONENT_METHODS`, a list of
                components, or a factory of ASGI middleware.
            name: The name of ASGI middleware in reports.
            **options: Arguments of the factory of ASGI middleware.

        Raises:
            BuildError: An object is no middleware, or does not fit into the app that serves already.
        """
        if isinstance(middleware, (str, bytes)):
            raise InvalidMiddleware(f"{caller()[0]}: add_middleware({middleware!r}) takes an object, not its name.")
        components = list(middleware) if isinstance(middleware, Iterable) else [middleware]
        with self.amend():
            for component in components:
                self._add_component(component, name, options)

    def _add_component(self, component: object, name: Optional[str], options: Mapping[str, object]) -> None:
        if any(callable(getattr(component, method, None)) for method in COMPONENT_METHODS):
            if inspect.isclass(component):
                raise MissingHandler(
                    f"{caller()[0]}: add_middleware() was called with the class {component.__name__} instead of an "
                    f"instance: write {component.__name__}()."
                )
            with self.registering(f"the middleware {component!r}", keeps_arguments=True):
                self.store(State).middleware.append(component)
        elif callable(component):
            super().add_middleware(component, name=name, **options)
            self.store(State).has_asgi_middleware = True
        else:
            wanted = ", ".join(COMPONENT_METHODS[:3])
            raise InvalidMiddleware(
                f"{caller()[0]}: {component!r} is not middleware: it has none of the methods {wanted} and so on, "
                "and it is not callable."
            )

    def add_error_handler(
        self,
        exception: Union[Type[BaseException], Iterable[Type[BaseException]]],
        handler: Optional[Callable[..., Any]] = None,
    ) -> None:
        """Register an error handler for one or more exception classes.

        Args:
            exception: The class or classes. The handler of the nearest base class of an exception is used.
            handler: Called as ``handler(req, resp, ex, params)``, asynchronous or not; by default the static
                method `handle` of the class.

        Raises:
            BuildError: There is no handler, it does not take these arguments, or something is not an exception class.
        """
        error_handling.add_error_handler(self, exception, handler)

    def set_error_serializer(self, serializer: Callable[..., Any]) -> None:
        """Register `serializer(req, resp, exception)`, which writes errors instead of JSON or XML."""
        check_callable(serializer, "error serializer")
        self.store(State).serializer = serializer
