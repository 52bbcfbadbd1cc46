"""The connection: what every paradigm's request is a view on."""

from __future__ import annotations

from contextvars import ContextVar
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Awaitable,
    Callable,
    Dict,
    Generic,
    List,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
    overload,
)

from .._types import Message, PathParams, Receive, Scope, Send
from ..exceptions import ClientDisconnect, NoRequest, PayloadTooLarge
from .cookies import parse_cookies
from .headers import Headers
from .json import loads
from .multipart import FormLimits, UploadFile, parse_form
from .query import MultiDict, last_values, split_query

T = TypeVar("T")
#: The media types that `Request.form` reads.
FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
Cleanup = Callable[[Optional[BaseException]], Awaitable[Any]]

if TYPE_CHECKING:
    from typing_extensions import Protocol

    class Target(Protocol):
        """What serves a connection, as far as the connection itself asks it."""

        app: Any
        route: Any
        max_body: Optional[int]
        form_limits: FormLimits


class lazy(Generic[T]):
    """Compute an attribute at its first use and keep it in the instance."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function, self.name, self.__doc__ = function, function.__name__, function.__doc__

    @overload
    def __get__(self, instance: None, owner: Any) -> lazy[T]: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance: Any, owner: Any) -> Union[lazy[T], T]:
        if instance is None:
            return self
        value = self.function(instance)
        setattr(instance, self.name, value)  # PERF: CPython makes no dict for it, as reaching for `__dict__` would
        return value


class Connection:
    """Hold one HTTP request or WebSocket once, for every paradigm that looks at it.

    Each part is parsed at its first use and kept. The objects here are shared: paradigms
    wrap them under their framework's own names (`view`), none parses anything again.
    """

    #: The paradigms' request objects by class, see `view`; None until the first one is asked for, and at the end.
    facades: Optional[Dict[type, Any]] = None
    #: What must be closed when the request ends: dependencies with `yield`, uploads. Last first.
    cleanups: Optional[List[Cleanup]] = None
    #: True once the status and headers of the answer were handed to the server.
    started = False
    #: What may still change the answer, see `on_response_start`; None until there is something.
    before_start: Optional[List[Callable[[Any], Any]]] = None
    #: The ASGI scope.
    scope: Scope
    #: ASGI's `receive` and `send`.
    receive: Receive
    send: Send
    #: The values of the path, as their converters made them.
    path_params: PathParams
    #: The compiled route that serves this connection.
    compiled_route: Target

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, path_params: PathParams, compiled_route: Target
    ) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.path_params = path_params
        self.compiled_route = compiled_route

    @property
    def app(self) -> Any:
        """The app that serves this request (the innermost one where apps are mounted)."""
        return self.compiled_route.app

    @property
    def route(self) -> Any:
        """The `Route` that serves this request."""
        return self.compiled_route.route

    @lazy
    def headers(self) -> Headers:
        """The request's headers: case-insensitive, repeats kept."""
        return Headers(raw=self.scope["headers"])

    @lazy
    def query(self) -> MultiDict:
        """The decoded query parameters, order and repeats kept."""
        return MultiDict(split_query(self.scope.get("query_string", b"")))

    @lazy
    def query_last(self) -> Dict[str, str]:
        """The last value of each query parameter; to be read only, it is shared."""
        return last_values(self.scope.get("query_string", b""))

    @lazy
    def cookies(self) -> Dict[str, str]:
        """The cookies by name; of a repeated name the first."""
        return parse_cookies("; ".join(self.headers.getlist("cookie")))

    @lazy
    def state(self) -> Dict[str, Any]:
        """A dict that lives as long as this request, for whoever wants to share."""
        return {}

    @lazy
    def content_type(self) -> str:
        """The media type of the body in lower case and without parameters, or ``""``."""
        for name, value in self.scope["headers"]:  # PERF: half of what `headers` costs, which few routes need
            if name == b"content-type":
                return str(value, "latin-1").partition(";")[0].strip().lower()
        return ""

    @property
    def path(self) -> str:
        """The decoded path, with the mount prefix."""
        path: str = self.scope["path"]
        return path

    @property
    def root_path(self) -> str:
        """The prefix under which this app is mounted, or ``""`` (ASGI: `root_path`)."""
        root: str = self.scope.get("root_path", "")
        return root

    @property
    def scheme(self) -> str:
        """``http``, ``https``, ``ws`` or ``wss``."""
        scheme: str = self.scope.get("scheme", "http")
        return scheme

    @property
    def client(self) -> Optional[Tuple[str, int]]:
        """The peer's host and port as the server saw them, or None."""
        client = self.scope.get("client")
        return None if client is None else (client[0], client[1])

    @lazy
    def host(self) -> str:
        """The `Host` header, else the server's own address."""
        sent = self.headers.get("host")
        if sent:
            return sent
        name, port = self.scope.get("server") or ("localhost", None)
        default = {"http": 80, "ws": 80, "https": 443, "wss": 443}.get(self.scheme)
        return str(name) if port in (None, default) else f"{name}:{port}"

    def facade(self, kind: Type[T]) -> T:
        """Return the one `kind(connection)` of this request: a paradigm's request object."""
        facades = self.facades
        if facades is None:
            facades = self.facades = {}
        found = facades.get(kind)
        if found is None:
            found = facades[kind] = kind(self)  # type: ignore[call-arg]
        return found

    def add_cleanup(self, cleanup: Cleanup) -> None:
        """Call `exit(exception or None)` when the request ends, after its last byte; last first."""
        if self.cleanups is None:
            self.cleanups = []
        self.cleanups.append(cleanup)

    def adopt_cleanups(self, other: Connection) -> None:
        """Take over the cleanups of another connection object of the same request."""
        if other.cleanups:
            self.cleanups = [*(self.cleanups or ()), *other.cleanups]
            other.cleanups = None

    @property
    def max_body(self) -> Optional[int]:
        """The most bytes that the body may have, or None."""
        return self.compiled_route.max_body

    def on_response_start(self, step: Callable[[Any], Any], *, first: bool = False) -> None:
        """Call `step(response)` just before the headers are sent, whatever answers; first one first.

        For what is known late and rarely needed, such as a session's cookie: a route pays
        nothing for it until it is asked for. Must not block; an awaitable that it gives is awaited.

        Args:
            step: Called with the response; it may change the status and headers.
            first: Whether it runs before the steps that are there.
        """
        if self.before_start is None:
            self.before_start = []
        self.before_start.insert(0 if first else len(self.before_start), step)


def facade_reader(kind: Type[T], init: Optional[Callable[[T, Connection], None]] = None) -> Callable[[Connection], T]:
    """Return a function that returns the one `kind` of a connection, as `Connection.facade` does, in less time.

    Args:
        kind: The facade's class, called with the connection.
        init: Sets the attributes that `kind.__init__` would set; pass it only for a class that leaves
            `__init__` and `__new__` to its base.
    """
    new: Any = object.__new__

    def read(connection: Connection) -> T:
        # PERF: `Connection.facade` and the facade's `__init__` in one frame, half their cost
        facades = connection.facades
        found: Any = None if facades is None else facades.get(kind)
        if found is None:
            if init is None:
                found = kind(connection)  # type: ignore[call-arg]
            else:
                found = new(kind)
                init(found, connection)
            if connection.facades is None:
                connection.facades = {kind: found}
            else:
                connection.facades[kind] = found
        return found  # type: ignore[no-any-return]

    return read


class Request(Connection):
    """Hold one HTTP request; the body is read once and is bounded."""

    _body: Optional[bytes] = None
    _form: Optional[MultiDict] = None
    _json: Any = None
    _has_json = False
    _stream_started = False
    #: True once the last chunk of the body was received.
    body_complete = False

    @property
    def method(self) -> str:
        """The request method in upper case."""
        method: str = self.scope["method"]
        return method

    def give_body(self, body: bytes) -> None:
        """Set the body, for a request that no client sends."""
        self._body, self.body_complete = body, True

    async def stream(self) -> AsyncIterator[bytes]:
        """Iterate the body as it arrives, in chunks as the server gives them.

        Raises:
            PayloadTooLarge: The body is over the route's limit (`max_body`, bytes).
            ClientDisconnect: The client left before the end.
            RuntimeError: The body was already streamed, so that it is gone.
        """
        if self._body is not None:
            yield self._body
            return
        self._refuse_second_reading()
        self._stream_started = True
        size = 0
        while not self.body_complete:
            chunk = self._chunk_of(await self.receive(), size)
            size += len(chunk)
            if chunk:
                yield chunk

    def _refuse_second_reading(self) -> None:
        if self._stream_started:
            raise RuntimeError(
                "The request body was already read as a stream or form and is not kept. Read it once with stream(), "
                "or use body(), which keeps it for everybody; `stream=True` on the route leaves it to the handler."
            )

    def _chunk_of(self, message: Message, size: int) -> bytes:
        """Return the piece of the body that a message has, after `size` bytes."""
        if message["type"] == "http.disconnect":
            raise ClientDisconnect("The client left before its request body was complete.")
        chunk: bytes = message.get("body", b"")
        self.body_complete = not message.get("more_body", False)
        size += len(chunk)
        limit = self.compiled_route.max_body
        if limit is not None and (size > limit or (not self.body_complete and self._announced() > limit)):
            raise PayloadTooLarge(f"The request body is over the limit of {limit} bytes.")
        return chunk

    def _announced(self) -> int:
        length = self.headers.get("content-length") or ""
        return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0

    async def body(self) -> bytes:
        """Read the whole body and keep it.

        Raises:
            PayloadTooLarge, ClientDisconnect, RuntimeError: As `stream` does.
        """
        if self._body is None:
            self._refuse_second_reading()
            message = await self.receive()
            if not self.accept_single_chunk(message):
                await self.read_rest(message)
        return self._body  # type: ignore[return-value]

    def accept_single_chunk(self, message: Message) -> bool:
        """Keep the body if this first message holds all of it and it is within the limit; tell whether it is so."""
        if message["type"] != "http.request" or message.get("more_body"):
            return False
        body: bytes = message.get("body", b"")
        limit = self.compiled_route.max_body
        if limit is not None and len(body) > limit:
            return False
        self._stream_started = self.body_complete = True
        self._body = body
        return True

    async def read_rest(self, message: Message) -> None:
        """Read the rest of a body whose first message is `message`, and keep it all; raises as `body` does."""
        self._stream_started = True
        chunks: List[bytes] = []  # PERF: no async generator, 2.8 -> 1.6 us a body
        size = 0
        while True:
            chunks.append(self._chunk_of(message, size))
            size += len(chunks[-1])
            if self.body_complete:
                break
            message = await self.receive()
        self._body = b"".join(chunks)

    async def json(self) -> Any:
        """Read the body as JSON, once.

        Raises:
            InvalidJSON: It is not JSON (answered with 400).
        """
        if not self._has_json:
            await self.body()
        return self.loaded_json

    async def form(self) -> MultiDict:
        """Read the body as a form, once; empty when its media type is not a form's.

        Values are str, or `UploadFile` for files, which are closed when the request ends.

        Raises:
            BadRequest: The form is malformed.
        """
        if self._form is None:
            if self.content_type == "application/x-www-form-urlencoded":
                await self.body()  # small, and other paradigms may want it raw
            content_type = self.headers.get("content-type") or ""
            self._form = await parse_form(content_type, self.stream(), self.compiled_route.form_limits)
            self.add_cleanup(self._close_form)
        return self._form

    async def _close_form(self, _: Optional[BaseException]) -> None:
        for _name, value in self._form.multi_items() if self._form is not None else ():
            if isinstance(value, UploadFile):
                await value.close()

    async def load(self) -> None:
        """Read the body in the way its media type asks for, so that synchronous code can use it."""
        if self.content_type in FORM_TYPES:
            await self.form()
        else:
            await self.body()

    @property
    def is_loaded(self) -> bool:
        """Whether the body has been read and kept, as bytes or as a form."""
        return self._body is not None or self._form is not None

    @property
    def loaded_body(self) -> bytes:
        """The body that was read before (`body`, `load`); for synchronous code.

        Raises:
            RuntimeError: It was not read.
        """
        if self._body is None:
            if self._form is not None:
                return b""
            raise _not_loaded("body", "body()")
        return self._body

    @property
    def loaded_form(self) -> MultiDict:
        """The form that was read before (`form`, `load`); for synchronous code.

        Raises:
            RuntimeError: It was not read.
        """
        if self._form is None:
            if self._body is not None:
                return MultiDict([])
            raise _not_loaded("form", "form()")
        return self._form

    @property
    def loaded_json(self) -> Any:
        """The JSON of the body that was read before; for synchronous code.

        Raises:
            InvalidJSON: It is not JSON.
            RuntimeError: The body was not read.
        """
        if not self._has_json:
            self._json = loads(self.loaded_body)
            self._has_json = True
        return self._json


def _not_loaded(what: str, method: str) -> RuntimeError:
    return RuntimeError(
        f"The request's {what} was not read yet, and synchronous code can't wait for it. "
        f"Call `await request.{method}` first, or don't register the route with `stream=True`."
    )


#: The connection that the running code serves; the one context variable that the kernel sets.
current: ContextVar[Connection] = ContextVar("fenrir_connection")


def current_connection(name: str = "the current request") -> Connection:
    """Return the connection that the running code serves.

    Args:
        name: What the caller was asked for, for the message.

    Raises:
        NoRequest: The code runs outside a request.
    """
    try:
        return current.get()
    except LookupError:
        raise NoRequest(name) from None
