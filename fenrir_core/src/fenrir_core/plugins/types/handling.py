"""Steps around endpoints, and what makes responses of values and errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Awaitable, Callable, FrozenSet, Mapping, Optional, Tuple, Type, Union

from ..._types import JSONObject, RawResponse
from ..._validation import ERROR_MATCH, NEEDS, OPERATION_PART, one_of, some_of, takes
from ...http.connection import Connection
from ...http.models import ByType
from ...http.request import Request
from ...http.response import Response
from .base import Call, call_of
from .routes import Route


@dataclass(frozen=True)
class BodyEncoder:
    """How a returned value of one exact type becomes a response body without a `Response` object.

    Args:
        encode: From the value to bytes; must not block.
        content_type: The header's value.
    """

    encode: Callable[[Any], bytes]
    content_type: bytes


@dataclass(frozen=True)
class ReturnHandler:
    """How the value that an endpoint returns becomes a response.

    Args:
        convert: Called with the `Request` and the value; returns a `Response`, or `NotImplemented` to hand the value
            on to the next handler and at last to the app's rule (a handler of a plugin that is no paradigm).
        encoders: Shortcuts by exact type of the value, `AnyModel` for pydantic's models; each must write what `convert`
            would.
        status: The status of the answers that `encoders` write.
        is_async: Whether `convert` returns an awaitable.
        render_raw: Tried first where nothing else needs the response object: called like `convert`, it
            returns status, raw headers (checked, with the length) and body of the same response;
            None where `convert` is needed.
        negotiates: Whether it chooses among the app's media types itself; the kernel does it for all others.
    """

    convert: Callable[[Request, Any], Any] = field(metadata=takes("request", "value"))
    encoders: Mapping[type, BodyEncoder] = field(default_factory=dict)
    status: int = 200
    is_async: bool = False
    render_raw: Optional[Callable[[Request, Any], Optional[RawResponse]]] = None
    negotiates: bool = False

    @cached_property
    def encoder_for(self) -> Callable[[type], Optional[Tuple[Callable[[Any], bytes], Tuple[bytes, bytes]]]]:
        """The look-up of what encodes a value of a type, with the header of that; routes of one handler share it."""
        pairs = {id(item): (item.encode, (b"content-type", item.content_type)) for item in self.encoders.values()}
        return ByType({kind: pairs[id(item)] for kind, item in self.encoders.items()}).__getitem__


@dataclass(frozen=True)
class RouteHook:
    """Steps around the endpoint of a route.

    Args:
        name: For reports.
        before: ``(connection) -> value or None``; a value ends the request with it.
        after: ``(request, response) -> response or None``; also runs for error responses.
        teardown: ``(connection, exception or None) -> None``; runs after the last byte.
        order: ``"outer"``, ``"normal"`` or ``"inner"``; within one, plugins' own order.
        priority: Higher is further out, within one `order` of all plugins.
        needs: As `Resolver.needs`.
        kinds: Which connections it is for: ``"http"``, ``"websocket"``.
        adapter: ``(connection) -> object``: returns what `before` and `after` are called with instead of
            the connection; called once a request.
        around: ``async (connection, call_next) -> value``: runs in the place of the endpoint, its
            dependencies included; ``await call_next(connection)`` runs those and returns their
            response. A value that is no response is converted by the app's rule. Inside of all
            `before` steps; for HTTP only.
        convert: ``(connection, value) -> response``: makes a response of what `before` or `after`
            returned; without it the app's rule does (a plugin's: the hybrid app's table), never the route's,
            and `after` must return a response.
        openapi: As `Resolver.openapi`: what the steps read, such as a security scheme.
    """

    name: str
    before: Optional[Call] = field(default=None, metadata=call_of("connection", optional=True))
    after: Optional[Call] = field(default=None, metadata=call_of("request", "response", optional=True))
    teardown: Optional[Call] = field(default=None, metadata=call_of("connection", "error", optional=True))
    order: str = field(default="normal", metadata=one_of("outer", "normal", "inner"))
    priority: int = 0
    needs: FrozenSet[str] = field(default=frozenset(), metadata=NEEDS)
    kinds: FrozenSet[str] = field(default=frozenset({"http"}), metadata=some_of("http", "websocket"))
    adapter: Optional[Callable[[Any], Any]] = field(default=None, metadata=takes("connection", optional=True))
    around: Optional[Callable[[Any, Any], Awaitable[Any]]] = field(
        default=None, metadata=takes("connection", "call_next", optional=True)
    )
    convert: Optional[Callable[[Any, Any], Any]] = field(
        default=None, metadata=takes("connection", "value", optional=True)
    )
    openapi: Optional[JSONObject] = field(default=None, metadata=OPERATION_PART)


@dataclass(frozen=True)
class ExceptionHandler:
    """A handler of an exception or a status.

    Args:
        matches: An exception class, whose subclasses match too, or a status of `HTTPError`.
        handle: ``(connection, exception) -> value``, which becomes a response as an
            endpoint's value does.
        level: 0 for the app, more for what is nearer to the route (blueprint, route).
        applies: Whether it covers a route; None for all.
        default: Whether it is a paradigm's fallback, used when no other handler matches.
    """

    matches: Union[Type[BaseException], int] = field(metadata=ERROR_MATCH)
    handle: Call = field(metadata=call_of("connection", "error"))
    level: int = 0
    applies: Optional[Callable[[Route], bool]] = None
    default: bool = False


@dataclass(frozen=True)
class ErrorFormat:
    """How the kernel and all paradigms write error responses.

    Args:
        name: For reports.
        write: ``(connection, error) -> Response``, or None for the paradigm's own response. It must
            not block. The error is an `HTTPError`, or any other exception, which is the server's
            fault (500): it is logged, and its text must not reach the client.
    """

    name: str
    write: Callable[[Connection, BaseException], Optional[Response]] = field(metadata=takes("connection", "error"))
