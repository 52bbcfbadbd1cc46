"""What was registered, as values; Fenrir's apps keep other ones, code for Sanic makes and compares these."""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional, Set, Union

from ..values import AnyCallable
from .handler_types import ErrorMiddlewareType, ListenerType, MiddlewareType, SignalHandler


class FutureRoute(NamedTuple):
    """A route; the fields are the arguments of `Sanic.route`."""

    handler: AnyCallable
    uri: str
    methods: Optional[Iterable[str]]
    host: Union[str, List[str], None]
    strict_slashes: Optional[bool]
    stream: bool
    version: Union[int, float, str, None]
    name: str
    ignore_body: bool
    websocket: bool
    subprotocols: Optional[List[str]]
    unquote: bool
    static: bool
    version_prefix: str
    error_format: Optional[str]
    route_context: Dict[str, object]


class FutureListener(NamedTuple):
    """A listener of a phase."""

    listener: ListenerType
    event: str
    priority: int


class FutureMiddleware(NamedTuple):
    """A middleware of a kind, ``request`` or ``response``."""

    middleware: MiddlewareType
    attach_to: str


class FutureException(NamedTuple):
    """An exception handler."""

    handler: ErrorMiddlewareType
    exceptions: List[BaseException]


class FutureStatic(NamedTuple):
    """A file or directory; the fields are the arguments of `Sanic.static`."""

    uri: str
    file_or_directory: object
    pattern: str
    use_modified_since: bool
    use_content_range: bool
    stream_large_files: Union[bool, int]
    name: str
    host: Optional[str]
    strict_slashes: Optional[bool]
    content_type: Optional[str]
    resource_type: Optional[str]
    directory_handler: object
    follow_external_symlink_files: bool
    follow_external_symlink_dirs: bool


class FutureSignal(NamedTuple):
    """A handler of an event."""

    handler: SignalHandler
    event: str
    condition: Optional[Dict[str, str]]
    exclusive: bool
    priority: int


class FutureCommand(NamedTuple):
    """A function that a command line can call."""

    name: str
    func: AnyCallable


class FutureRegistry(Set[object]):
    """Values that were registered."""
