"""The state of this paradigm in one app: options, middleware, error handlers, sinks."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple, Type

from .constants import MEDIA_MULTIPART
from .options import RequestOptions, ResponseOptions, WebSocketOptions
from .router import CompiledRouter


def _hybrid_options() -> RequestOptions:
    """Return options that leave forms to the kernel, as the hybrid app does."""
    options = RequestOptions()
    del options.media_handlers[MEDIA_MULTIPART]
    return options


@dataclass
class State:
    """What was registered in one app; kept in `app.store(State)`."""

    req_options: RequestOptions = field(default_factory=_hybrid_options)
    resp_options: ResponseOptions = field(default_factory=ResponseOptions)
    #: The app's classes of requests and responses; None for `Request` and `Response`.
    request_type: Any = None
    response_type: Any = None
    #: The classes if the app chose none: where a WSGI server made the request, and else.
    request_types: Tuple[Any, Any] = (None, None)
    response_types: Tuple[Any, Any] = (None, None)
    #: What makes the request and the response of a connection, made at the first use.
    read_request: Any = None
    read_response: Any = None
    ws_options: WebSocketOptions = field(default_factory=WebSocketOptions)
    #: Whether every `process_response` runs, also those of components whose `process_request` did not.
    independent_middleware: bool = True
    #: Whether the app is a WSGI application too, so that its components may be synchronous.
    is_wsgi: bool = False
    #: The middleware components, in order of registration.
    middleware: List[Any] = field(default_factory=list)
    #: Error handlers by exception class; the last registration of a class replaces the others.
    error_handlers: Dict[Type[BaseException], Any] = field(default_factory=dict)
    #: The sinks: `(pattern, callable)`, newest first.
    sinks: List[Tuple[Any, Callable[..., Any]]] = field(default_factory=list)
    #: The static routes, newest first.
    static_routes: List[Any] = field(default_factory=list)
    #: Whether sinks precede static routes.
    sink_before_static_route: bool = True
    #: Writes an `HTTPError` into a response; None for the default.
    serializer: Optional[Callable[..., Any]] = None
    #: Is told of unexpected errors; None for the log alone.
    reporter: Optional[Callable[..., Any]] = None
    #: What finds the resource of a path, with all routes of the app; its own class only.
    router: Any = field(default_factory=CompiledRouter)
    #: Whether the router is the app's own, so that the kernel has none of its routes.
    has_own_router: bool = False
    #: Whether there are routes that only the router finds.
    is_dynamic: bool = False
    #: The templates that only the router has: those that the kernel's can't express, and those that match the same.
    varied: List[str] = field(default_factory=list)
    #: Whether a WSGI server calls the app, and all of its code is synchronous and runs in the server's threads.
    is_direct: bool = False
    #: Whether synchronous code runs on the event loop by the author's wish.
    is_nonblocking: bool = False
    #: Whether there is middleware of ASGI, which only an event loop can run.
    has_asgi_middleware: bool = False
    #: The resources with the suffixes that they were registered with.
    registered: List[Tuple[object, Optional[str]]] = field(default_factory=list)
    #: The resource of each endpoint.
    resources: Dict[Any, Any] = field(default_factory=dict)

    def copy_to(self, other: State) -> None:
        """Copy what was registered to another app's state; lists and mappings are copied, too."""
        for name, value in vars(self).items():
            if name not in ("read_request", "read_response", "is_direct"):
                setattr(other, name, copy(value) if isinstance(value, (list, dict)) else value)

    def finds_more(self, status: int) -> bool:
        """Return whether what the kernel's router answers with a status may be served in another way."""
        return status == 404 and bool(self.is_dynamic or self.has_own_router or self.sinks or self.static_routes)

    def component_methods(self, name: str) -> List[Callable[..., Any]]:
        """Return the methods of a name that middleware components have; the form with `_async` has precedence."""
        found = (self.method_of(item, name) for item in self.middleware)
        return [method for method in found if method is not None]

    def method_of(self, component: object, name: str) -> Optional[Callable[..., Any]]:
        """Return a method of a middleware component, or None; but for WSGI the form with `_async` has precedence."""
        if self.is_direct:
            own = getattr(component, name, None)
            return own if callable(own) else None
        found = getattr(component, f"{name}_async", None) or getattr(component, name, None)
        return found if callable(found) else None
