"""ASGI as type aliases, and protocols of the kernel's objects for the layers below them.

A protocol has the members that are used through it and no others: a layer that may not import
an upper one names the upper one's objects by these.

Source: ASGI 3.0, "Specification" and "HTTP & WebSocket ASGI Message Format".
"""

from __future__ import annotations

from concurrent.futures import Executor
from typing import (
    TYPE_CHECKING,
    Any,
    Awaitable,
    Callable,
    Dict,
    List,
    Mapping,
    MutableMapping,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
    Type,
    TypedDict,
    TypeVar,
    Union,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Header names and values as ASGI carries them: lower-case names, latin-1 bytes, order and repeats kept.
RawHeaders = List[Tuple[bytes, bytes]]

#: A complete response: status, headers as they are sent, and body.
RawResponse = Tuple[int, RawHeaders, bytes]
#: Path parameters by name, as their converters made them.
PathParams = Dict[str, Any]
#: Names and values of any type, such as options, annotations or what a module defines.
Namespace = Mapping[str, Any]
AnyCallable = Callable[..., Any]
#: Positional arguments of a call.
Arguments = Tuple[Any, ...]
#: A JSON object that may be changed.
JSONObject = Dict[str, Any]
#: From a value to one that is simpler by one level, which JSON can express.
ToJSON = Callable[[Any], Any]
#: From a class to its JSON schema.
SchemaOf = Callable[[type], JSONObject]
#: From a value to bytes, and from bytes to a value.
Dumps = Callable[[Any], bytes]
Loads = Callable[[bytes], Any]
#: `async call(connection, *positional)`, which fills the other parameters of a callable.
InjectedCall = Callable[..., Awaitable[Any]]
#: Callables that stand in for others, by the original.
Overrides = MutableMapping[AnyCallable, AnyCallable]
#: The coroutine function that serves a route.
RouteCall = Callable[[Scope, Receive, Send, PathParams], Awaitable[None]]
#: Extensions of ASGI scopes that are Fenrir's own. A list under ERRORS receives the errors that nobody handled;
#: UNSTARTED means that a test client has started nothing; DEBUG_PAGE makes a development server's page about an error.
ERRORS, UNSTARTED, DEBUG_PAGE = "fenrir.errors", "fenrir.unstarted", "fenrir.debug_page"
#: In an ASGI scope: a function without arguments that returns the nonce for scripts and styles in the page, where
#: middleware sends security headers. A page with a `Content-Security-Policy` of its own names it there.
CSP_NONCE = "fenrir.csp_nonce"
T = TypeVar("T")
F = TypeVar("F", bound=AnyCallable)
V_co = TypeVar("V_co", covariant=True)


if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")


class BinaryFile(Protocol):
    """A file object that is open in binary mode, as far as it is needed to send it."""

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> object:
        """Move to a position."""

    def tell(self) -> int:
        """Return the position."""

    def close(self) -> object:
        """Close the file."""


class Given(Protocol[V_co]):
    """A value of a hook, with where it came from: `fenrir_core.Contribution`."""

    @property
    def value(self) -> V_co:
        """The value."""

    @property
    def by(self) -> object:
        """Its origin, for messages."""


class OriginLike(Protocol):
    """The origin of something: `fenrir_core.Origin`."""

    @property
    def plugin(self) -> str:
        """The name of the plugin."""


class EventLike(Protocol):
    """The event that is set when the app begins to stop."""

    def is_set(self) -> bool:
        """Return whether the stop has begun."""

    def call(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when the stop begins; return a function that undoes this."""


class EncoderLike(Protocol):
    """How values of a type are written as JSON: `fenrir_core.Encoder`."""

    @property
    def type(self) -> Type[object]:
        """The class."""

    @property
    def to_json(self) -> ToJSON:
        """From a value to one that is simpler."""

    @property
    def schema(self) -> Optional[SchemaOf]:
        """From a class to its JSON schema."""


class EncodersLike(Protocol):
    """An app's encoders."""

    @property
    def by_type(self) -> Mapping[Type[object], EncoderLike]:
        """The encoders by class."""

    def find(self, kind: Type[object]) -> Optional[EncoderLike]:
        """Return the encoder of a class."""


class MediaTypeLike(Protocol):
    """A media type besides JSON: `fenrir_core.MediaType`."""

    @property
    def name(self) -> str:
        """The media type."""

    @property
    def loads(self) -> Loads:
        """From a body to its value."""

    @property
    def dumps(self) -> Dumps:
        """From a value to a body."""


class MediaTypesLike(Protocol):
    """An app's media types besides JSON."""

    @property
    def by_name(self) -> Mapping[str, MediaTypeLike]:
        """The media types by name."""

    def preferred(self, connection: Any) -> Optional[MediaTypeLike]:
        """Return the media type that a client prefers to JSON."""


class PluginsLike(Protocol):
    """The plugins of an app."""

    @property
    def order(self) -> Sequence[str]:
        """The names of the active plugins."""


class AppLike(Protocol):
    """An app as a connection, a response or a stream sees it: `fenrir_core.App`."""

    @property
    def settings(self) -> Namespace:
        """The settings by name."""

    @property
    def paradigm(self) -> Optional[str]:
        """The paradigm of an app that has one only; None for the hybrid app."""

    @property
    def root_path(self) -> str:
        """The directory of the module that made the app."""

    @property
    def plugins(self) -> PluginsLike:
        """The plugins that the app has."""

    @property
    def executor(self) -> Executor:
        """The app's share in the threads of the process."""

    @property
    def open_streams(self) -> Set[Callable[[], None]]:
        """Functions that end the streams that are open."""

    @property
    def shutdown_event(self) -> EventLike:
        """The event that is set when the stop begins."""

    @property
    def propagates_errors(self) -> bool:
        """Whether an error that nobody handled is raised after its response."""

    @property
    def encoders(self) -> EncodersLike:
        """How plugins have values of their types written as JSON."""

    @property
    def media_types(self) -> MediaTypesLike:
        """The media types besides JSON that bodies are read and written in."""

    @property
    def built(self) -> Any:
        """What the build made; for the kernel alone."""

    def store(self, kind: Type[T]) -> T:
        """Return the one `kind()` of the app."""

    def url_path(self, name: str, /, **values: Any) -> str:
        """Build the path of a route by its name."""

    async def run_in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function in the app's pool."""

    def on_suppressed_exception(self, error: BaseException) -> BaseException:
        """Return the exception to handle if a dependency with `yield` suppressed it."""


class RouteLike(Protocol):
    """A registered route as a connection sees it: `fenrir_core.Route`."""

    @property
    def path(self) -> str:
        """The template as it was written."""

    @property
    def endpoint(self) -> AnyCallable:
        """What is called."""

    @property
    def methods(self) -> Tuple[str, ...]:
        """The HTTP methods in upper case."""

    @property
    def name(self) -> str:
        """The name that URLs are built from."""

    @property
    def paradigm(self) -> Optional[str]:
        """The paradigm that owns the route."""

    @property
    def where(self) -> str:
        """``file:line`` of the registration."""

    @property
    def fallback(self) -> int:
        """404, 405 or 200 for a response of the kernel's own; 0 for a route."""

    @property
    def group(self) -> Tuple[str, ...]:
        """The names of the blueprints or routers that contain it, outermost first."""

    @property
    def mount(self) -> Optional[object]:
        """The `Mount` that it serves, or None."""

    def option(self, name: str, default: Any = None) -> Any:
        """Return an option's value, or `default`."""


class LimitsLike(Protocol):
    """The limits of a route as a connection sees them: `fenrir_core.http.limits.Limits`."""

    @property
    def loads(self) -> Loads:
        """From a JSON body to its value."""

    @property
    def max_buffered(self) -> Optional[int]:
        """The most bytes of bodies that the process holds."""

    @property
    def max_headers(self) -> Optional[int]:
        """The most headers."""

    @property
    def max_header_size(self) -> Optional[int]:
        """The most bytes of all their values."""

    @property
    def max_query_pairs(self) -> Optional[int]:
        """The most pairs of a query string."""

    @property
    def max_websocket_message(self) -> Optional[int]:
        """The most bytes of a WebSocket message."""


class KernelOptions(TypedDict, total=False):
    """The kernel's own route options, for type checkers; plugins that spell out theirs inherit it."""

    asgi: bool
    max_body: Optional[int]
    max_buffered: Optional[int]
    max_form_fields: Optional[int]
    max_form_files: Optional[int]
    max_form_field_size: Optional[int]
    max_form_file_size: Optional[int]
    max_form_part_headers: Optional[int]
    max_query_pairs: Optional[int]
    max_headers: Optional[int]
    max_header_size: Optional[int]
    max_json_depth: int
    max_json_digits: int
    max_websocket_message: Optional[int]
    request_timeout: Optional[float]
    max_concurrent: Optional[int]
    max_waiting: Optional[int]
    nonblocking: bool
    status: int
    strict_slashes: Union[bool, str, None]
    unrouted: bool


class RouteTarget(Protocol):
    """What the router hands out: a compiled route."""

    @property
    def call(self) -> RouteCall:
        """The coroutine function that serves the route."""


#: The attribute of an exception that was answered with an error response before it was raised.
ANSWERED = "fenrir_answered"
#: The attribute of an exception that was logged; the command line hides a server's second record of it.
REPORTED = "fenrir_reported"
