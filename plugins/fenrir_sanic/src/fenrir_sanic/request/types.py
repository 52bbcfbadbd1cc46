"""Sanic's request: a facade of the kernel's connection, or one that was made of its parts."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any, Callable, ClassVar, FrozenSet, Mapping, Optional, Union
from uuid import UUID, uuid4

from fenrir_core import App, Connection, Route, current, lazy
from fenrir_core.authoring import BODY_METHODS, SAFE_METHODS, Scope, facade_reader, parse_digits

from ..constants import CACHEABLE_HTTP_METHODS
from ..exceptions import ServerError
from ..log import error_logger
from ..response import HTTPResponse, ResponseStream
from ..state import State
from ..values import AnyCallable, Values
from .address import Address
from .content import Content
from .detached import detached_connection
from .route_info import RouteInfo
from .stream import BodyStream

__all__ = ("Request", "RouteInfo", "needs_of", "request_of", "request_reader")


class Request(Content, Address):
    """A request with Sanic's names; one object per request, whatever asks for it.

    Args:
        url_bytes: The path and query, percent-encoded; or the kernel's connection.
        headers: The header fields.
        version: The version of HTTP.
        method: The method.
        transport: Accepted as in Sanic.
        app: The app; None outside of one.
        head: The bytes of the request line and the headers.
        stream_id: Accepted as in Sanic.
    """

    ctx: Any
    scope: Scope
    #: The response that `respond` has begun; it is written in pieces.
    begun: Optional[HTTPResponse] = None
    #: Whether the response middleware has run, in `respond`.
    response_middleware_started = False
    #: Whether `respond` was called.
    responded = False
    transport: Any = None
    stream_id = 0
    _loads: ClassVar[Optional[AnyCallable]] = None

    def __init__(
        self,
        url_bytes: Union[bytes, Connection],
        headers: Union[Mapping[str, object], None] = None,
        version: str = "1.1",
        method: str = "GET",
        transport: Any = None,
        app: Any = None,
        head: bytes = b"",
        stream_id: int = 0,
    ) -> None:
        given: Optional[Connection] = self.__dict__.get("_connection")
        if given is not None:  # of a subclass, see `_constructor`
            connection = given
            self.transport, self.stream_id = transport, stream_id
        elif isinstance(url_bytes, Connection):
            connection = url_bytes
        else:
            connection = detached_connection(url_bytes, headers, version, method, app)
            self.transport, self.stream_id = transport, stream_id
            if head:
                self.head = head
        self._connection = connection
        self.scope = connection.scope
        # a task that outlives the request gets another facade with the same `ctx`
        self.ctx = connection.__dict__.get("sanic_ctx") or self.make_context()
        connection.__dict__["sanic_ctx"] = self.ctx

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.method} {self.path}>"

    @staticmethod
    def make_context() -> Any:
        """Return the object that becomes `ctx`."""
        return SimpleNamespace()

    @classmethod
    def get_current(cls) -> Request:
        """Return the current request.

        Raises:
            ServerError: The code runs outside of a request.
        """
        connection = current.get(None)
        if connection is None:
            raise ServerError("No current request")
        return request_of(connection)

    @classmethod
    def generate_id(cls, *_: Request) -> Union[UUID, str, int]:
        """Return the id of a request that was sent without one."""
        return uuid4()

    # ------------------------------------------------------------ app and route

    @property
    def app(self) -> Any:
        """The app that serves this request."""
        return self._connection.app

    @lazy
    def route(self) -> Any:
        """The route; None if no route matches."""
        return None if self._connection.route.fallback else RouteInfo(self._connection.route)

    @property
    def name(self) -> Optional[str]:
        """The route's name."""
        return str(self._connection.route.name) or None

    @property
    def endpoint(self) -> Optional[str]:
        """The route's name."""
        return self.name

    @property
    def uri_template(self) -> Optional[str]:
        """The route's template."""
        return str(self._connection.route.path) or None

    @lazy
    def match_info(self) -> Values:
        """The values of the path's parameters by name."""
        return {} if self._connection.route.fallback else self._connection.path_params

    @lazy
    def method(self) -> str:
        """The method in upper case; ``GET`` for a WebSocket."""
        return str(self.scope.get("method", "GET"))

    @lazy
    def version(self) -> str:
        """The version of HTTP, such as ``1.1``."""
        return str(self.scope.get("http_version", "1.1"))

    @lazy
    def id(self) -> Any:
        """The value of the configured header, as a UUID or number if it is one; a new UUID if there is none."""
        header = getattr(getattr(self.app, "config", None), "REQUEST_ID_HEADER", None) or "x-request-id"
        sent = self.headers.get(header)
        if not sent:
            return type(self).generate_id(self)
        try:
            return UUID(sent)
        except ValueError:
            number = parse_digits(sent)
            return sent if number is None else number

    @lazy
    def head(self) -> bytes:
        """The request line and the headers, as a client of HTTP/1.1 writes them."""
        lines = [f"{self.method} ".encode() + self.raw_url + f" HTTP/{self.version}".encode()]
        lines += [name.title() + b": " + value for name, value in self.headers.raw]
        return b"\r\n".join(lines)

    @property
    def raw_headers(self) -> bytes:
        """The headers as a client of HTTP/1.1 writes them."""
        return self.head.partition(b"\r\n")[2]

    @property
    def request_line(self) -> bytes:
        """The request line as a client of HTTP/1.1 writes it."""
        return self.head.partition(b"\r\n")[0]

    @property
    def is_safe(self) -> bool:
        """Whether the method only reads (RFC 9110, section 9.2.1)."""
        return self.method in SAFE_METHODS

    @property
    def is_idempotent(self) -> bool:
        """Whether the method may be repeated (RFC 9110, section 9.2.2)."""
        return self.method in SAFE_METHODS or self.method in ("PUT", "DELETE")

    @property
    def is_cacheable(self) -> bool:
        """Whether responses to the method may be cached."""
        return self.method in CACHEABLE_HTTP_METHODS

    # ------------------------------------------------------------ responses in pieces

    @lazy
    def stream(self) -> BodyStream:
        """The body as it arrives, for routes with `stream=True`."""
        return BodyStream(self)

    async def respond(
        self,
        response: Any = None,
        *,
        status: int = 200,
        headers: Any = None,
        content_type: Optional[str] = None,
    ) -> Any:
        """Begin a response that is written in pieces: ``await response.send(data)``.

        Response middleware runs here, and not again when the handler has returned.

        Args:
            response: An `HTTPResponse` to begin; made of the other arguments by default.
            status, headers, content_type: As of `HTTPResponse`.

        Raises:
            ServerError: A response has already been begun.
        """
        if self.begun is not None:
            raise ServerError("Second respond call is not allowed.")
        if isinstance(response, ResponseStream):
            response = response.as_response()
        begun: HTTPResponse = response or HTTPResponse(None, status, headers, content_type)
        self.responded = True
        self._begin(begun)
        state: State = self._connection.app.store(State)
        middleware = state.response_calls.get(id(self._connection.route), ())
        if middleware and not self.response_middleware_started:
            try:
                for call in middleware:
                    replaced = await call(self, begun)
                    begun = begun if replaced is None else replaced
            except Exception:
                error_logger.exception("Exception occurred in one of response middleware handlers")
            self.response_middleware_started = True
        begun.bind(self._connection)
        self._begin(begun)
        return begun

    def reset_response(self) -> None:
        """Forget the response that `respond` has begun, so that another can be.

        Raises:
            ServerError: It has been sent in part.
        """
        if self._connection.started:
            raise ServerError("Cannot reset response because previous response was sent.")
        self._begin(None)
        self.responded = False

    def _begin(self, begun: Optional[HTTPResponse]) -> None:
        # what converts the handler's value asks the connection
        connection: Any = self._connection
        self.begun = connection.sanic_begun = begun


def needs_of(route: Route, pure: bool = False) -> FrozenSet[str]:
    """Return what the kernel must read before the handlers of a route run: the body, unless the route streams it.

    Args:
        route: The route.
        pure: Whether nothing but Sanic's code reads it: a form is then kept as bytes.
    """
    if route.option("stream") or route.option("ignore_body") or not BODY_METHODS.intersection(route.methods):
        return frozenset()
    return frozenset({"body" if pure else "load"})


def request_of(connection: Connection) -> Request:
    """Return the request of a connection, in the class that the app has chosen."""
    app: Any = connection.app
    return request_reader(app)(connection)


def request_reader(app: App) -> Callable[[Connection], Request]:
    """Return `request_of` for one app, made at the build; the same function each time."""
    state = app.store(State)
    kind: Any = state.request_class or Request
    if state.request_reader is None or state.request_reader[0] is not kind:
        is_plain = kind.__init__ is Request.__init__ and kind.__new__ is object.__new__
        init = _init if is_plain and kind.make_context is Request.make_context else _constructor(kind)
        state.request_reader = kind, facade_reader(kind, init)
    return state.request_reader[1]


def _init(request: Request, connection: Any) -> None:
    """Set the attributes that `Request.__init__` sets."""
    request._connection = connection
    request.scope = connection.scope
    context = connection.__dict__.get("sanic_ctx")  # a task that outlives the request has it, too
    if context is None:
        context = connection.sanic_ctx = SimpleNamespace()
    request.ctx = context


def _constructor(kind: Any) -> Optional[Callable[[Request, Connection], None]]:
    """Return what calls a subclass's own `__init__` with the arguments that Sanic has for it; None if it is ours."""
    if kind.__init__ is Request.__init__:
        return None
    try:
        inspect.signature(kind.__init__).bind(None, *_ARGUMENTS)
    except (TypeError, ValueError):
        return None  # it takes the connection alone

    def construct(request: Request, connection: Any) -> None:
        request._connection, request.scope = connection, connection.scope
        request.__init__(request.raw_url, request.headers, request.version, request.method, None, connection.app)  # type: ignore[misc]

    return construct


#: What Sanic makes a request of, but for what has a default.
_ARGUMENTS = ("url_bytes", "headers", "version", "method", "transport", "app")
