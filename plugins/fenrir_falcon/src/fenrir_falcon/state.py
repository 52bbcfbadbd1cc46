"""What one app keeps for this paradigm: options, middleware, error handlers, sinks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple, Type

from .options import RequestOptions, ResponseOptions


@dataclass
class Responder:
    """What a registered route calls: the resource and one of its responders."""

    resource: Any
    method: str
    uri_template: str


@dataclass
class State:
    """Hold what one app's author registered; made by `app.store(State)`."""

    req_options: RequestOptions = field(default_factory=RequestOptions)
    resp_options: ResponseOptions = field(default_factory=ResponseOptions)
    #: The author's own classes of requests and responses; None for this package's.
    request_type: Any = None
    response_type: Any = None
    #: Components, in order of registration.
    middleware: List[Any] = field(default_factory=list)
    #: Handlers by exception class; the last registration of a class holds.
    error_handlers: Dict[Type[BaseException], Callable[..., Any]] = field(default_factory=dict)
    #: What answers where no route does: `(prefix pattern, callable)`, newest first.
    sinks: List[Tuple[Any, Callable[..., Any]]] = field(default_factory=list)
    #: Directories that are served: `(prefix, options)`, newest first.
    static_routes: List[Any] = field(default_factory=list)
    #: Whether sinks are asked before static routes.
    sink_before_static_route: bool = True
    #: What writes an `HTTPError` into a response; None for the default.
    serializer: Optional[Callable[..., Any]] = None
    #: The resource behind each endpoint.
    responders: Dict[Any, Responder] = field(default_factory=dict)

    @property
    def changes_responses(self) -> bool:
        """Whether any component has `process_response`, so that a response is final only after it."""
        names = ("process_response_async", "process_response")
        return any(callable(getattr(item, name, None)) for item in self.middleware for name in names)
