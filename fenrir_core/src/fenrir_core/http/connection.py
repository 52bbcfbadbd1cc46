"""The connection: what every paradigm's request is a facade of."""

from __future__ import annotations

from contextvars import ContextVar
from typing import (
    TYPE_CHECKING,
    Any,
    Awaitable,
    Callable,
    Dict,
    Generator,
    Generic,
    List,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
    overload,
)

from .._threads import SyncContext
from .._types import (
    ANSWERED,
    AppLike,
    EncodersLike,
    LimitsLike,
    MediaTypesLike,
    PathParams,
    Receive,
    RouteCall,
    RouteLike,
    Scope,
    Send,
)
from ..exceptions import NoRequest
from .cookies import parse_cookies
from .headers import Headers
from .hosts import host_of
from .logs import printable
from .multipart import FormLimits
from .query import MultiDict, last_values, split_query

if TYPE_CHECKING:
    from .._types import P

T = TypeVar("T")
#: The class that has a lazy attribute.
Owner = TypeVar("Owner")
#: A generator of synchronous steps, which yields what has to be awaited.
Steps = Generator[Any, Any, Any]
#: Called with the exception that ended the request, or None.
Cleanup = Callable[[Optional[BaseException]], Awaitable[object]]
#: Called with the response; an awaitable that it returns is awaited.
StartStep = Callable[[Any], object]


class CompiledRouteLike(Protocol):
    """What serves a connection, as the connection sees it: `CompiledRoute`."""

    @property
    def app(self) -> AppLike:
        """The app that the route belongs to."""

    @property
    def route(self) -> RouteLike:
        """The `Route` that it was compiled from."""

    @property
    def max_body(self) -> Optional[int]:
        """The most bytes of a request body, or None."""

    @property
    def form_limits(self) -> FormLimits:
        """What a form may contain."""

    @property
    def call(self) -> RouteCall:
        """The coroutine function that serves it."""

    @property
    def limits(self) -> LimitsLike:
        """The limits of what a client may send."""

    @property
    def nonblocking(self) -> bool:
        """Whether synchronous steps run on the event loop, not in a thread."""

    @property
    def keeps_thread(self) -> Optional[bool]:
        """Whether all synchronous steps run in one thread; None where only a stream's do."""

    @property
    def encoders(self) -> Optional[EncodersLike]:
        """The app's encoders, or None if it has none."""

    @property
    def media_types(self) -> Optional[MediaTypesLike]:
        """The app's media types besides JSON, or None if it has none."""

    @property
    def handlers(self) -> Sequence[Dict[Union[type, int], Callable[[Connection, BaseException], Awaitable[Any]]]]:
        """The error handlers by exception class or status, nearest level first."""


class lazy(Generic[Owner, T]):
    """An attribute that is computed at its first use and kept in the instance."""

    def __init__(self, function: Callable[[Owner], T]) -> None:
        self.function, self.name, self.__doc__ = function, function.__name__, function.__doc__

    @overload
    def __get__(self, instance: None, owner: Type[Owner]) -> lazy[Owner, T]: ...
    @overload
    def __get__(self, instance: Owner, owner: Type[Owner]) -> T: ...
    def __get__(self, instance: Optional[Owner], owner: Type[Owner]) -> Union[lazy[Owner, T], T]:
        if instance is None:
            return self
        value = self.function(instance)
        setattr(instance, self.name, value)  # PERF: CPython makes no dict for it, as reaching for `__dict__` would
        return value


class Connection:
    """One HTTP request or WebSocket, shared by all paradigms.

    Each part is parsed at its first use and kept. Paradigms wrap the connection under their
    framework's own names (`facade`); none parses anything again.
    """

    #: The paradigms' request objects by class, see `facade`; None until the first one is made, and at the end.
    facades: Optional[Dict[Callable[..., object], Any]] = None
    #: What closes dependencies with `yield`, uploads and the like when the request ends; the last one runs first.
    cleanups: Optional[List[Cleanup]] = None
    #: Whether the status and headers of the response were handed to the server.
    started = False
    #: Whether the response is sent as it is, at once; nothing but the cleanups runs after it.
    is_whole = False
    #: The steps of `on_response_start`; None until there is one.
    before_start: Optional[List[StartStep]] = None
    #: The error that nobody handled, until its response is sent; then it is raised.
    unhandled: Optional[BaseException] = None
    #: The context of the synchronous steps of a request that has several; None until the first one.
    steps: Optional[SyncContext] = None
    #: Whether the synchronous steps share a context, which the compiled route ends.
    shares_steps = False
    #: Whether the steps after the endpoint have begun, where it was called in a thread.
    after_began = False
    #: The ASGI scope.
    scope: Scope
    #: ASGI's `receive` and `send`.
    receive: Receive
    send: Send
    #: The values of the path, as their converters made them.
    path_params: PathParams
    #: The compiled route that serves this connection.
    compiled_route: CompiledRouteLike

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, path_params: PathParams, compiled_route: CompiledRouteLike
    ) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.path_params = path_params
        self.compiled_route = compiled_route

    @property
    def app(self) -> AppLike:
        """The app that serves this request (the innermost one where apps are mounted)."""
        return self.compiled_route.app

    @property
    def route(self) -> RouteLike:
        """The `Route` that serves this request."""
        return self.compiled_route.route

    @lazy
    def headers(self) -> Headers:
        """The request's headers: case-insensitive, repeats kept."""
        return Headers(raw=self.scope["headers"])

    @lazy
    def query(self) -> MultiDict[str]:
        """The decoded query parameters, order and repeats kept."""
        return MultiDict(split_query(self.scope.get("query_string", b""), self.compiled_route.limits.max_query_pairs))

    @lazy
    def query_last(self) -> Dict[str, str]:
        """The last value of each query parameter. Treat as read-only; the dict is shared."""
        return last_values(self.scope.get("query_string", b""), self.compiled_route.limits.max_query_pairs)

    @lazy
    def cookies(self) -> Dict[str, str]:
        """The cookies by name; of a repeated name the first."""
        return parse_cookies("; ".join(self.headers.getlist("cookie")))

    @lazy
    def state(self) -> Dict[str, Any]:
        """A dict that lives as long as this request, for data that plugins and handlers share."""
        return {}

    @lazy
    def content_type(self) -> str:
        """The media type of the body in lower case and without parameters, or ``""``."""
        for name, value in self.scope["headers"]:  # PERF: half the cost of `headers`, which few routes need
            if name == b"content-type":
                return str(value, "latin-1").partition(";")[0].strip().lower()
        return ""

    @property
    def path(self) -> str:
        """The decoded path, mount prefix included."""
        path: str = self.scope["path"]
        return path

    @property
    def label(self) -> str:
        """Method and path for a log, such as ``GET /pets``: in one line, whatever the client has sent."""
        if self.scope["type"] == "fenrir.scope":
            return "the app"
        return printable(f"{self.scope.get('method', 'WEBSOCKET')} {self.scope.get('path')}")

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
        """The `Host` header; the server's own address if it is missing, invalid or sent twice."""
        return host_of(self.scope)

    @property
    def has_facades(self) -> bool:
        """Whether a paradigm's object of the connection was made, see `facade`."""
        return bool(self.facades)

    @property
    def has_cleanups(self) -> bool:
        """Whether something waits for the end of the request, such as a dependency with `yield`."""
        return self.cleanups is not None

    @property
    def has_start_steps(self) -> bool:
        """Whether something waits for the headers of the response, see `on_response_start`."""
        return self.before_start is not None

    def take_cleanups(self) -> List[Cleanup]:
        """Return what waits for the end of the request, in the order to run it in; nothing waits then."""
        taken, self.cleanups = self.cleanups or [], None
        return taken[::-1]

    def made_facade(self, kind: Callable[[Connection], T]) -> Optional[T]:
        """Return what `facade` has made, or None if nothing has asked for it."""
        return None if self.facades is None else self.facades.get(kind)

    def set_facade(self, kind: Callable[[Connection], T], facade: T) -> None:
        """Let `facade` return another object for `kind` from now on."""
        self.facades = {**(self.facades or {}), kind: facade}

    def set_facades(self, facades: Optional[Dict[Callable[..., object], Any]]) -> None:
        """Have `facade` return these objects, by kind, and no others; None lets go of all, with what refers to them."""
        self.facades = facades

    def facade(self, kind: Callable[[Connection], T]) -> T:
        """Return this request's cached `kind(connection)`, such as a paradigm's request object."""
        facades = self.facades
        if facades is None:
            facades = self.facades = {}
        found: Optional[T] = facades.get(kind)
        if found is None:
            found = facades[kind] = kind(self)
        return found

    def add_cleanup(self, cleanup: Cleanup) -> None:
        """Register `cleanup(exception or None)`, awaited after the last byte; the last one registered runs first."""
        if self.cleanups is None:
            self.cleanups = []
        self.cleanups.append(cleanup)

    def adopt_cleanups(self, other: Connection) -> None:
        """Take over the cleanups of another connection object of the same request."""
        if other.cleanups:
            self.cleanups = [*(self.cleanups or ()), *other.cleanups]
            other.cleanups = None

    def join_steps(self, other: Connection) -> None:
        """Run synchronous steps where those of another connection object of the same request run."""
        if other.shares_steps:
            self.steps = other.share_steps()

    async def run_in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function as a synchronous step of this request, and return its result.

        It runs in the context that these steps share and, where the route asks for that, in the thread that was lent
        to this request. On a route that is nonblocking it is called on the event loop.
        """
        target, steps = self.compiled_route, self.steps
        if target.nonblocking:
            return function(*args, **kwargs)
        if steps is None:
            steps = self.share_steps() if self.shares_steps else SyncContext(target.app.executor)
        return await steps.run(function, *args, **kwargs)

    async def run_steps(
        self, steps: Steps, blocks: Optional[Callable[[], object]] = None, awaited: Optional[Awaitable[object]] = None
    ) -> Any:
        """Run synchronous steps in one hop to a thread, and return what they return.

        Args:
            steps: A generator that calls them. What it yields is awaited on the event loop; what then comes is
                another hop.
            blocks: Tells whether what comes next may block; else it is called on the event loop.
            awaited: What `steps` has yielded already.
        """
        while True:
            send: Callable[[Any], Any] = steps.send
            value: Any = None
            if awaited is not None:
                try:
                    value = await awaited
                except GeneratorExit:
                    steps.close()
                    raise
                except BaseException as error:
                    send, value = steps.throw, error
            if blocks is None or blocks():
                ended, awaited = await self.run_in_thread(_advance, send, value)
            else:
                ended, awaited = _advance(send, value)
            if ended:
                return awaited

    def share_steps(self) -> SyncContext:
        """Return the context that the synchronous steps share from now on, until `release_thread`."""
        if self.steps is None:
            target = self.compiled_route
            self.steps = SyncContext(target.app.executor, bool(target.keeps_thread))
        return self.steps

    def stream_steps(self) -> SyncContext:
        """Return the context for a synchronous iterable; where routes keep a thread, it keeps one to its end."""
        target = self.compiled_route
        if not self.shares_steps and self.steps is None:
            return SyncContext(target.app.executor, target.keeps_thread is not False, ends=True)
        steps = self.share_steps()
        if target.keeps_thread is not False:
            steps.keep_thread()
        return steps

    def release_thread(self) -> None:
        """End the context of the synchronous steps, whose thread others may use then."""
        steps, self.steps = self.steps, None
        if steps is not None:
            steps.release()

    @property
    def max_body(self) -> Optional[int]:
        """The most bytes that the body may have, or None."""
        return self.compiled_route.max_body

    def on_response_start(self, step: Callable[[Any], object], *, first: bool = False) -> None:
        """Register `step(response)`, called just before the headers of any response are sent, in order.

        Use this for late changes such as a session cookie: it costs nothing for a request that
        registers no step.

        Args:
            step: Called with the response; it may change the status and headers. It must not block; an
                awaitable that it returns is awaited.
            first: Whether it runs before the steps that are already registered.
        """
        if self.before_start is None:
            self.before_start = []
        self.before_start.insert(0 if first else len(self.before_start), step)


def start_steps(connection: Connection, steps: Steps) -> Any:
    """Return what synchronous steps return that run where this is called; a coroutine if they wait for something."""
    ended, value = _advance(steps.send, None)
    return value if ended else connection.run_steps(steps, None, value)


def _advance(send: Callable[[Any], Any], value: Any) -> Tuple[bool, Any]:
    try:
        return False, send(value)
    except StopIteration as end:
        return True, end.value


def facade_reader(kind: Type[T], init: Optional[Callable[[T, Connection], None]] = None) -> Callable[[Connection], T]:
    """Return a faster `Connection.facade` for one class: a function that takes the connection.

    Args:
        kind: The facade's class, called with the connection.
        init: Sets the attributes that `kind.__init__` would set; pass it only for a class that leaves
            `__init__` and `__new__` to its base.
    """
    new: Callable[[Type[T]], T] = object.__new__

    def read(connection: Connection) -> T:
        # PERF: `Connection.facade` and the facade's `__init__` in one frame, half their cost
        facades = connection.facades
        found: Optional[T] = None if facades is None else facades.get(kind)
        if found is None:
            if init is None:
                found = kind(connection)  # type: ignore[call-arg]  # every facade takes the connection
            else:
                found = new(kind)
                init(found, connection)
            if connection.facades is None:
                connection.facades = {kind: found}
            else:
                connection.facades[kind] = found
        return found

    return read


def raise_unhandled(connection: Connection) -> None:
    """Raise an unhandled error, now that its response is sent: ASGI middleware and the server are to see it."""
    error, connection.unhandled = connection.unhandled, None
    if error is not None and connection.app.propagates_errors:
        try:
            vars(error)[ANSWERED] = True
            raise error
        finally:
            del error  # its traceback has this frame


#: The connection that the running code serves; the one context variable that the kernel sets.
current: ContextVar[Connection] = ContextVar("fenrir_connection")


def current_connection(name: str = "the current request") -> Connection:
    """Return the connection that the running code serves.

    Args:
        name: What needs the connection, for the message.

    Raises:
        NoRequest: The code runs outside a request.
    """
    try:
        return current.get()
    except LookupError:
        raise NoRequest(name) from None
