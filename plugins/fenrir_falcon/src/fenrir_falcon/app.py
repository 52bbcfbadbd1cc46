"""Falcon's own application: only this paradigm, with Falcon's rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Iterable, Optional, Type, Union

from fenrir_core import App as KernelApp
from fenrir_core import BuildError

from . import registration, sinks
from .cors import CORSMiddleware
from .hooks import COMPONENT_METHODS
from .options import RequestOptions, ResponseOptions
from .state import State


class App(KernelApp):
    """An ASGI application of Falcon's kind.

    A response is what the responder filled in, whatever it returned; errors are Falcon's; HEAD
    is answered where a resource has `on_head`; ``/x/`` and ``/x`` are two paths.

    Args:
        media_type: The media type of `media`, where a responder says nothing.
        request_type, response_type: Subclasses of `Request` and `Response` to use.
        middleware: A component or several, outermost first.
        cors_enable: Whether any origin may read the answers; see `CORSMiddleware`.
        sink_before_static_route: Whether sinks are asked before static routes.
        **settings: As `fenrir_core.App`.

    Raises:
        BuildError: Something does not fit.
    """

    paradigm = "falcon"

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
            raise BuildError("App(router=…) is not supported: the kernel's router serves every paradigm.")
        if not independent_middleware:
            raise BuildError("App(independent_middleware=False) is not supported: each process_response runs.")
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
        """The options of how requests are read."""
        return self.store(State).req_options

    @property
    def resp_options(self) -> ResponseOptions:
        """The options of how responses are written."""
        return self.store(State).resp_options

    def add_route(self, uri_template: str, resource: Any, *, suffix: Optional[str] = None, **options: Any) -> None:
        """Answer for a path with a resource; see `fenrir_falcon.registration.add_route`."""
        registration.add_route(self, uri_template, resource, suffix=suffix, **options)

    def add_sink(self, sink: Callable[..., Any], prefix: Union[str, re.Pattern[str]] = r"/") -> None:
        """Answer every path that begins like `prefix` and that no route has."""
        sinks.add_sink(self, sink, prefix)

    def add_static_route(
        self,
        prefix: str,
        directory: Union[str, Path],
        downloadable: bool = False,
        fallback_filename: Optional[str] = None,
    ) -> None:
        """Serve the files of a directory under a prefix, where no route answers."""
        sinks.add_static_route(self, prefix, directory, downloadable, fallback_filename)

    def add_middleware(self, factory: Any, *, name: Optional[str] = None, **options: Any) -> None:
        """Add a component with `process_request` and its kin, or several; else ASGI middleware.

        Args:
            factory: A component, a list of them, or a factory of ASGI middleware.
            name: Of ASGI middleware, for reports.
            **options: For the factory of ASGI middleware.
        """
        components = list(factory) if isinstance(factory, (list, tuple)) else [factory]
        for component in components:
            if any(callable(getattr(component, method, None)) for method in COMPONENT_METHODS):
                if self.is_built:
                    raise BuildError(f"The middleware {component!r} comes too late: the app is built and frozen.")
                self.store(State).middleware.append(component)
            elif callable(component):
                super().add_middleware(component, name=name, **options)
            else:
                wanted = ", ".join(COMPONENT_METHODS[:3])
                raise BuildError(f"{component!r} is no middleware: it has none of {wanted} and their kin.")

    def add_error_handler(
        self,
        exception: Union[Type[BaseException], Iterable[Type[BaseException]]],
        handler: Optional[Callable[..., Any]] = None,
    ) -> None:
        """Answer an exception class, or several, with `handler(req, resp, ex, params)`.

        Args:
            exception: The class or classes; subclasses are covered too, the nearest handler wins.
            handler: Asynchronous or not; the class's own static method `handle` by default.

        Raises:
            BuildError: There is no handler, or it is no exception class.
        """
        kinds = [exception] if isinstance(exception, type) else list(exception)
        for kind in kinds:
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise BuildError(f"add_error_handler() takes exception classes, not {kind!r}.")
            found = handler or getattr(kind, "handle", None)
            if found is None:
                raise BuildError(f"{kind.__name__} has no static method `handle`: give add_error_handler() a handler.")
            self.store(State).error_handlers[kind] = found

    def set_error_serializer(self, serializer: Callable[..., Any]) -> None:
        """Write errors with `serializer(req, resp, exception)` instead of as JSON or XML."""
        self.store(State).serializer = serializer
