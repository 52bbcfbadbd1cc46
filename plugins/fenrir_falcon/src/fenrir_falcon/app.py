"""Falcon's own application class, which loads only this paradigm and follows Falcon's rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, Optional, Type, Union

from fenrir_core import App as KernelApp
from fenrir_core import BuildError
from fenrir_core.authoring import caller, check_callable

from . import error_handling, registration, sinks
from .cors import CORSMiddleware
from .hooks import COMPONENT_METHODS
from .options import RequestOptions, ResponseOptions
from .state import State


class App(KernelApp):
    """An ASGI application that follows Falcon's rules.

    The response is what the responder filled in, whatever it returned; errors have Falcon's format;
    HEAD needs a responder `on_head`; ``/x/`` and ``/x`` are different paths.

    Args:
        media_type: The media type of `media` by default.
        request_type, response_type: Subclasses of `Request` and `Response` to use.
        middleware: A middleware component or a list of them, outermost first.
        router: Not supported.
        independent_middleware: Only True is supported: every `process_response` runs.
        cors_enable: Whether pages of any origin may read responses; see `CORSMiddleware`.
        sink_before_static_route: Whether sinks precede static routes.
        **settings: As for `fenrir_core.App`.

    Raises:
        BuildError: An argument is not supported or invalid.
    """

    paradigm = "falcon"
    raises_unhandled = False

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
        if router is not None:
            raise BuildError(f"{caller()[0]}: App(router=…) is not supported: all paradigms share one router.")
        if not independent_middleware:
            raise BuildError(
                f"{caller()[0]}: App(independent_middleware=False) is not supported: every process_response runs."
            )
        super().__init__(**{"trailing_slash": "strict", "derive_head": False, **settings})
        state = self.store(State)
        state.request_type, state.response_type = request_type, response_type
        state.sink_before_static_route = sink_before_static_route
        self.req_options.default_media_type = media_type
        self.resp_options.default_media_type = media_type
        if cors_enable:
            self.add_middleware(CORSMiddleware())
        if middleware is not None:
            self.add_middleware(middleware)

    @property
    def req_options(self) -> RequestOptions:
        """The options for reading requests."""
        return self.store(State).req_options

    @property
    def resp_options(self) -> ResponseOptions:
        """The options for writing responses."""
        return self.store(State).resp_options

    def add_route(self, uri_template: str, resource: Any, *, suffix: Optional[str] = None, **options: Any) -> None:
        """Register a resource for a path; see `fenrir_falcon.registration.add_route`."""
        registration.add_route(self, uri_template, resource, suffix=suffix, **options)

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

    def add_middleware(self, factory: Any, *, name: Optional[str] = None, **options: Any) -> None:
        """Add one or more middleware components, or ASGI middleware.

        Args:
            factory: A component with `process_request` or another method of `COMPONENT_METHODS`, a list of
                components, or a factory of ASGI middleware.
            name: The name of ASGI middleware in reports.
            **options: Arguments of the factory of ASGI middleware.

        Raises:
            BuildError: An object is no middleware, or does not fit into the app that serves already.
        """
        components = list(factory) if isinstance(factory, (list, tuple)) else [factory]
        with self.amend():
            for component in components:
                self._add_component(component, name, options)

    def _add_component(self, component: object, name: Optional[str], options: Mapping[str, object]) -> None:
        if any(callable(getattr(component, method, None)) for method in COMPONENT_METHODS):
            with self.registering(f"the middleware {component!r}"):
                self.store(State).middleware.append(component)
        elif callable(component):
            super().add_middleware(component, name=name, **options)
        else:
            wanted = ", ".join(COMPONENT_METHODS[:3])
            raise BuildError(
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
