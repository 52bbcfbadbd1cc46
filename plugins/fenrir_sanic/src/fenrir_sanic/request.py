"""The request as Sanic's handlers see it: a view on the kernel's connection."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Dict, List, NamedTuple, Optional, Tuple
from uuid import UUID, uuid4

from fenrir_core import Connection, InvalidJSON, MultiDict, UploadFile, current, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import split_query

from .exceptions import BadRequest, SanicException, ServerError
from .response import HTTPResponse

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class RequestParameters(Dict[str, List[Any]]):
    """Hold values by name, several for each; `get` gives the first."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the first value of a name, or `default`."""
        return super().get(name, [default])[0]

    def getlist(self, name: str, default: Any = None) -> Any:
        """Return all values of a name, or `default` (an empty list)."""
        return super().get(name, [] if default is None else default)


class File(NamedTuple):
    """An uploaded file, in memory."""

    type: str
    body: bytes
    name: str


def _parameters(pairs: Any) -> RequestParameters:
    found = RequestParameters()
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


class RouteInfo:
    """Look at the route of a request; `ctx` has the values of its `ctx_…` keywords."""

    def __init__(self, route: Any) -> None:
        self._route = route
        self.ctx = SimpleNamespace(**route.option("ctx", {}))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._route, name)


class Request:
    """Look at a request in Sanic's way; made by the kernel once a request."""

    #: The response that `respond` has made, which is written piece by piece.
    begun: Any = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.scope = connection.scope
        # a task that outlives the request finds what was left there, though not the view that it was left in
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
        """Return the request that the running code serves.

        Raises:
            SanicException: There is none.
        """
        connection = current.get(None)
        if connection is None:
            raise SanicException("No current request")
        return connection.facade(cls)

    # ------------------------------------------------------------ what was asked for

    @property
    def app(self) -> Any:
        """The app that serves this request."""
        return self._connection.app

    @property
    def route(self) -> Any:
        """The route, None where none answers."""
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
        """The path's values by name."""
        return {} if self._connection.route.fallback else self._connection.path_params

    @property
    def method(self) -> str:
        """The method in upper case; of a WebSocket ``GET``."""
        return str(self.scope.get("method", "GET"))

    @lazy
    def path(self) -> str:
        """The decoded path."""
        return self._connection.path

    @property
    def raw_path(self) -> bytes:
        """The path as it came."""
        raw: bytes = self.scope.get("raw_path") or self.path.encode()
        return raw

    @property
    def query_string(self) -> str:
        """The query string, still encoded, without "?"."""
        raw: bytes = self.scope.get("query_string", b"")
        return raw.decode("latin-1")

    @property
    def raw_url(self) -> bytes:
        """Return path and query as they came."""
        query: bytes = self.scope.get("query_string", b"")
        return self.raw_path + (b"?" + query if query else b"")

    @property
    def scheme(self) -> str:
        """``http``, ``https``, ``ws`` or ``wss``."""
        return self._connection.scheme

    @property
    def host(self) -> str:
        """The `Host` header, with the port if it has one."""
        return self._connection.host

    @property
    def server_name(self) -> str:
        """The host's name without port."""
        host = self.host
        return host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]

    @property
    def server_port(self) -> int:
        """The port that was asked."""
        port = self.host.rpartition("]")[2].rpartition(":")[2]
        return int(port) if port.isdigit() else (443 if self.scheme in ("https", "wss") else 80)

    server_path = path

    @property
    def url(self) -> str:
        """The whole URL."""
        query = self.query_string
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{query}" if query else "")

    @lazy
    def args(self) -> RequestParameters:
        """The query's values: `get` the first of a name, `getlist` all."""
        return self.get_args()

    def get_args(self, keep_blank_values: bool = False) -> RequestParameters:
        """Return the query's values, blank ones too if asked."""
        pairs = self._connection.query.multi_items()
        return _parameters((name, value) for name, value in pairs if value or keep_blank_values)

    @lazy
    def query_args(self) -> List[Tuple[str, str]]:
        """The query as pairs, in order."""
        return [pair for pair in self._connection.query.multi_items() if pair[1]]

    @lazy
    def id(self) -> Any:
        """What the header `X-Request-ID` says (as UUID or number if it is one), else a fresh UUID."""
        sent = self.headers.get("x-request-id")
        if not sent:
            return uuid4()
        try:
            return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 20 else UUID(sent)
        except ValueError:
            return sent

    # ------------------------------------------------------------ who asks

    @property
    def headers(self) -> Any:
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
        """The credentials of `Authorization` after ``Bearer`` or ``Token``, or all of it; None for none."""
        header = self.headers.get("authorization")
        if not header:
            return None
        scheme, _, rest = header.partition(" ")
        return rest.strip() if scheme.lower() in ("bearer", "token") else str(header)

    @property
    def is_safe(self) -> bool:
        """Whether the method only reads (RFC 9110, section 9.2.1)."""
        return self.method in _SAFE

    @property
    def is_idempotent(self) -> bool:
        """Whether the method may be repeated (RFC 9110, section 9.2.2)."""
        return self.method in _SAFE or self.method in ("PUT", "DELETE")

    @property
    def is_cacheable(self) -> bool:
        """Whether answers to the method may be kept."""
        return self.method in ("GET", "HEAD")

    # ------------------------------------------------------------ body

    def _kernel(self) -> KernelRequest:
        if not isinstance(self._connection, KernelRequest):
            raise RuntimeError("A WebSocket has no request body.")
        return self._connection

    def _is_bodiless(self) -> bool:
        """Return whether no body was read because none was announced, or because no route wanted it."""
        connection = self._kernel()
        if connection._body is not None or connection._form is not None:
            return False
        headers = self.headers
        announced = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        return not announced or bool(connection.route.fallback)

    @property
    def body(self) -> bytes:
        """The body; it was read before the handler ran.

        Raises:
            RuntimeError: It was not read, because the route has `stream=True`.
        """
        return b"" if self._is_bodiless() else self._kernel().loaded_body

    @lazy
    def json(self) -> Any:
        """The body as JSON, None where it is empty.

        Raises:
            BadRequest: It is no JSON.
        """
        return self.load_json()

    def load_json(self, loads: Any = None) -> Any:
        """Read the body as JSON, by a function of your own if you give one.

        Raises:
            BadRequest: It is no JSON.
        """
        body = self.body
        if not body:
            return None
        try:
            return self._kernel().loaded_json if loads is None else loads(body)
        except (InvalidJSON, ValueError) as error:
            raise BadRequest("Failed when parsing body as json") from error

    def _pairs(self) -> List[Tuple[str, Any]]:
        if self._is_bodiless():
            return []
        connection = self._kernel()
        if connection._form is None and connection.content_type == "application/x-www-form-urlencoded":
            connection._form = MultiDict(split_query(connection.loaded_body))
        return connection.loaded_form.multi_items()

    @lazy
    def form(self) -> RequestParameters:
        """The form's values, without files."""
        return _parameters((name, value) for name, value in self._pairs() if not isinstance(value, UploadFile))

    @lazy
    def files(self) -> RequestParameters:
        """The form's files as `File(type, body, name)`."""
        return _parameters((name, _file(value)) for name, value in self._pairs() if isinstance(value, UploadFile))

    async def receive_body(self) -> None:
        """Read the body, so that `body`, `json` and `form` are there."""
        await self._kernel().load()

    async def respond(
        self,
        response: Any = None,
        *,
        status: int = 200,
        headers: Any = None,
        content_type: Optional[str] = None,
    ) -> Any:
        """Begin a response that is written piece by piece: ``await response.send(data)``.

        Response middleware sees it when the handler is done, so that it can't change its head.

        Raises:
            ServerError: There is one already.
        """
        if self.begun is not None:
            raise ServerError("Second respond call is not allowed.")
        self.begun = response or HTTPResponse(None, status, headers, content_type)
        self.begun.bind(self._connection)
        return self.begun

    @lazy
    def stream(self) -> BodyStream:
        """The body piece by piece, for routes with `stream=True`."""
        return BodyStream(self._kernel())


class BodyStream:
    """Read a request body piece by piece."""

    def __init__(self, request: KernelRequest) -> None:
        self._chunks = request.stream()

    async def read(self) -> Optional[bytes]:
        """Return the next piece, None at the end."""
        try:
            return await self._chunks.__anext__()
        except StopAsyncIteration:
            return None

    def __aiter__(self) -> Any:
        return self._chunks


def _file(upload: UploadFile) -> File:
    upload.file.seek(0)
    body = upload.file.read()
    upload.file.seek(0)
    return File(upload.content_type or "application/octet-stream", body, upload.filename or "")
