"""What one app keeps for this paradigm: options, middleware, error handlers, sinks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple, Type

from .options import RequestOptions, ResponseOptions


@dataclass
class Responder:
    """Be what a registered route calls: the resource and one of its responders."""

    resource: Any
    method: str
    uri_template: str


@dataclass
class State:
    """Hold what one app's author registered; made by `app.store(State)`."""

    req_options: RequestOptions = field(default_factory=RequestOptions)
    resp_options: ResponseOptions = field(default_factory=ResponseOptions)
    #: Components, in order of registration.
    middleware: List[Any] = field(default_factory=list)
    #: Handlers by exception class; the last registration of a class holds.
    error_handlers: Dict[Type[BaseException], Callable[..., Any]] = field(default_factory=dict)
    #: What answers where no route does: `(prefix pattern, callable)`, newest first.
    sinks: List[Tuple[Any, Callable[..., Any]]] = field(default_factory=list)
    #: What writes an `HTTPError` into a response; None for the default.
    serializer: Optional[Callable[..., Any]] = None
    #: The resource behind each endpoint.
    responders: Dict[Any, Responder] = field(default_factory=dict)
