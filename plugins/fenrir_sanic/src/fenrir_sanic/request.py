"""Sanic's request: a facade of the kernel's connection."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Tuple
from uuid import UUID, uuid4

from fenrir_core import App, Connection, Headers, InvalidBody, Route, UploadFile, current, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import (
    BODY_METHODS,
    DEFAULT_PORTS,
    SAFE_METHODS,
    RouteLike,
    escape_path,
    facade_reader,
    parse_digits,
    parse_host,
    split_query,
)

from .body_stream import BodyStream
from .exceptions import BadRequest, SanicException, ServerError
from .form_data import RequestParameters, file_of, parameters_of_pairs
from .response import HTTPResponse
from .state import State


class RouteInfo:
    """The route of a request; `ctx` has the values of its `ctx_…` keywords.

    Args:
        route: The kernel's route; its attributes are those of this object too.
    """

    def __init__(self, route: RouteLike) -> None:
        self._route = route
        self.ctx = SimpleNamespace(**route.option("ctx", {}))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._route, name)


class Request:
    """A request with Sanic's names; one object per request, whatever asks for it.

    Args:
        connection: The kernel's request or WebSocket.
    """

    #: The response that `respond` has begun; it is written in pieces.
    begun: Optional[HTTPResponse] = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.scope = connection.scope
        # a task that outlives the request gets another facade with the same `ctx`
        self.ctx: Any = connection.__dict__.get("sanic_ctx") or self.make_context()
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
            SanicException: The code runs outside of a request.
        """
        connection = current.get(None)
        if connection is None:
            raise SanicException("No current request")
        return connection.facade(cls)

    # ------------------------------------------------------------ request line and URL

    @property
    def app(self) -> Any:
        """The app that serves this request."""
        return self._connection.app

    @property
    def route(self) -> Any:
        """The route; None if no route matches."""
        return None if self._connection.route.fallback else RouteInfo(self._connection.route)

    @property
    def name(self) -> Optional[str]:
        """The route's name."""
        return str(self._connection.route.name) or None

    endpoint = name

    @property
    def uri_template(self) -> Optional[str]:
        """The route's template."""
        return str(self._connection.route.path) or None

    @property
    def match_info(self) -> Dict[str, Any]:
        """The values of the path's parameters by name."""
        return {} if self._connection.route.fallback else self._connection.path_params

    @property
    def method(self) -> str:
        """The method in upper case; ``GET`` for a WebSocket."""
        return str(self.scope.get("method", "GET"))

    @lazy
    def path(self) -> str:
        """The decoded path."""
        return self._connection.path

    @property
    def raw_path(self) -> bytes:
        """The path as it was sent, percent-encoded."""
        raw: bytes = self.scope.get("raw_path") or self.path.encode()
        return raw

    @property
    def query_string(self) -> str:
        """The query string, still encoded, without "?"."""
        raw: bytes = self.scope.get("query_string", b"")
        return raw.decode("latin-1")

    @property
    def raw_url(self) -> bytes:
        """The path and query as they were sent."""
        query: bytes = self.scope.get("query_string", b"")
        return self.raw_path + (b"?" + query if query else b"")

    @property
    def scheme(self) -> str:
        """``http``, ``https``, ``ws`` or ``wss``."""
        return self._connection.scheme

    @property
    def host(self) -> str:
        """The `Host` header, with the port if it has one; the server's own address if it is not valid."""
        return self._connection.host

    @property
    def server_name(self) -> str:
        """The host's name without port."""
        return (parse_host(self.host) or (self.host, None))[0]

    @property
    def server_port(self) -> int:
        """The port in the `Host` header, else the scheme's own."""
        port = (parse_host(self.host) or (self.host, None))[1]
        return DEFAULT_PORTS.get(self.scheme, 80) if port is None else port

    server_path = path

    @property
    def url(self) -> str:
        """The full URL."""
        query = self.query_string
        return f"{self.scheme}://{self.host}{escape_path(self.path)}" + (f"?{query}" if query else "")

    @lazy
    def args(self) -> RequestParameters:
        """The query parameters by name, without blank values."""
        return self.get_args()

    def get_args(self, keep_blank_values: bool = False) -> RequestParameters:
        """Return the query parameters by name.

        Args:
            keep_blank_values: Whether parameters with an empty value are among them.
        """
        pairs = self._connection.query.multi_items()
        return parameters_of_pairs((name, value) for name, value in pairs if value or keep_blank_values)

    @lazy
    def query_args(self) -> List[Tuple[str, str]]:
        """The query parameters as pairs, in order, without blank values."""
        return [pair for pair in self._connection.query.multi_items() if pair[1]]

    @lazy
    def id(self) -> Any:
        """The value of `X-Request-ID`, as a UUID or number if it is one; a new UUID if there is none."""
        sent = self.headers.get("x-request-id")
        if not sent:
            return uuid4()
        number = parse_digits(sent)
        try:
            return UUID(sent) if number is None else number
        except ValueError:
            return sent

    # ------------------------------------------------------------ headers and client

    @property
    def headers(self) -> Headers:
        """The headers: case-insensitive, repeats kept."""
        return self._connection.headers

    @lazy
    def cookies(self) -> Dict[str, str]:
        """The cookies by name."""
        return dict(self._connection.cookies)

    @property
    def ip(self) -> str:
        """The peer's address as the server saw it, or ``""``."""
        client = self._connection.client
        return client[0] if client is not None else ""

    client_ip = remote_addr = ip

    @property
    def port(self) -> int:
        """The peer's port, or 0."""
        client = self._connection.client
        return client[1] if client is not None else 0

    @property
    def content_type(self) -> str:
        """`Content-Type`, ``application/octet-stream`` by default."""
        return self.headers.get("content-type") or "application/octet-stream"

    @property
    def token(self) -> Optional[str]:
        """The value of `Authorization` without ``Bearer`` or ``Token``; None if there is no such header."""
        header = self.headers.get("authorization")
        if not header:
            return None
        scheme, _, rest = header.partition(" ")
        return rest.strip() if scheme.lower() in ("bearer", "token") else header

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
        return self.method in ("GET", "HEAD")

    # ------------------------------------------------------------ body

    def _kernel(self) -> KernelRequest:
        if not isinstance(self._connection, KernelRequest):
            raise RuntimeError("A WebSocket has no request body.")
        return self._connection

    def _is_bodiless(self) -> bool:
        """Return whether no body was read because none was announced, or because no route matches."""
        connection = self._kernel()
        if connection.is_loaded:
            return False
        headers = self.headers
        announced = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        return not announced or bool(connection.route.fallback)

    @property
    def body(self) -> bytes:
        """The body; it was read before the handler ran.

        Raises:
            RuntimeError: It was not read because the route has `stream=True`.
        """
        return b"" if self._is_bodiless() else self._kernel().loaded_body

    @lazy
    def json(self) -> Any:
        """The body parsed as JSON; None if it is empty.

        Raises:
            BadRequest: The body is not JSON.
        """
        return self.load_json()

    def load_json(self, loads: Any = None) -> Any:
        """Return the body parsed as JSON.

        Args:
            loads: A function that parses it, in place of the kernel's.

        Raises:
            BadRequest: The body is not JSON.
        """
        body = self.body
        if not body:
            return None
        try:
            return self._kernel().loaded_json if loads is None else loads(body)
        except (InvalidBody, ValueError) as error:
            kind = getattr(error, "kind", "json").lower()
            raise BadRequest(f"Failed when parsing body as {kind}") from error

    def _pairs(self) -> List[Tuple[str, Any]]:
        if self._is_bodiless():
            return []
        connection = self._kernel()
        pairs = connection.loaded_form.multi_items()
        if not pairs and connection.content_type == "application/x-www-form-urlencoded":
            return split_query(connection.loaded_body)  # read as bytes, not as a form
        return pairs

    @lazy
    def form(self) -> RequestParameters:
        """The fields of the form by name, without files."""
        return parameters_of_pairs((name, value) for name, value in self._pairs() if not isinstance(value, UploadFile))

    @lazy
    def files(self) -> RequestParameters:
        """The files of the form by field name, as `File(type, body, name)`."""
        uploads = ((name, value) for name, value in self._pairs() if isinstance(value, UploadFile))
        return parameters_of_pairs((name, file_of(upload)) for name, upload in uploads)

    async def receive_body(self) -> None:
        """Read the body, so that `body`, `json` and `form` can be used."""
        await self._kernel().load()

    async def respond(
        self,
        response: Any = None,
        *,
        status: int = 200,
        headers: Any = None,
        content_type: Optional[str] = None,
    ) -> Any:
        """Begin a response that is written in pieces: ``await response.send(data)``.

        Response middleware runs when the handler has returned, too late to change status and headers.

        Args:
            response: An `HTTPResponse` to begin; made of the other arguments by default.
            status, headers, content_type: As of `HTTPResponse`.

        Raises:
            ServerError: A response has already been begun.
        """
        if self.begun is not None:
            raise ServerError("Second respond call is not allowed.")
        begun: HTTPResponse = response or HTTPResponse(None, status, headers, content_type)
        begun.bind(self._connection)
        self.begun = begun
        return begun

    @lazy
    def stream(self) -> BodyStream:
        """The body as it arrives, for routes with `stream=True`."""
        return BodyStream(self._kernel())


def needs_of(route: Route) -> FrozenSet[str]:
    """Return what the kernel must read before the handlers of a route run: the body, unless the route streams it."""
    reads_body = BODY_METHODS.intersection(route.methods) and not route.option("stream")
    return frozenset({"load"} if reads_body else ())


def request_of(connection: Connection) -> Request:
    """Return the request of a connection, in the class that the app has chosen."""
    state: State = connection.app.store(State)
    return connection.facade(state.request_class or Request)  # type: ignore[no-any-return]


def request_reader(app: App) -> Callable[[Connection], Request]:
    """Return `request_of` for one app, made at the build; the same function each time."""
    state = app.store(State)
    kind: Any = state.request_class or Request
    if state.request_reader is None or state.request_reader[0] is not kind:
        is_plain = kind.__init__ is Request.__init__ and kind.__new__ is object.__new__
        init = _init if is_plain and kind.make_context is Request.make_context else None
        state.request_reader = kind, facade_reader(kind, init)
    return state.request_reader[1]


def _init(request: Request, connection: Any) -> None:
    """Set the attributes that `Request.__init__` sets."""
    request._connection = connection
    request.scope = connection.scope
    request.ctx = connection.sanic_ctx = SimpleNamespace()
