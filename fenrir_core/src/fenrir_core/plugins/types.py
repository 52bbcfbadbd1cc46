"""The frozen values that hooks take and give.

Nothing here does anything: the build reads these values, checks them and composes the app
from them. Plugins import them from `fenrir_core`.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import (
    Any,
    AsyncContextManager,
    Awaitable,
    Callable,
    Dict,
    FrozenSet,
    Generic,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from .._callsite import unwrap_callable
from .._types import AnyCallable, ASGIApp, RawResponse
from ..http.connection import Connection
from ..http.request import Request
from ..http.response import Response
from ..routing.converters import PathConverter

V = TypeVar("V")

#: What a parameter without default or annotation has in their place.
EMPTY: Any = inspect.Parameter.empty
#: Every need that a resolver or wrapper may declare; the kernel fulfils it before the route's steps run.
NEEDS = frozenset({"body", "form", "load"})


@dataclass(frozen=True)
class PluginInfo:
    """What a plugin module says about itself, as its attribute `fenrir_plugin`.

    Args:
        api: The version of the plugin API it is written for, ``"1"``.
        before, after: Names of plugins that it must precede or follow wherever order
            matters; names that are not installed are ignored.
    """

    api: str = "1"
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Who gave something: a plugin's name, and the distribution it came in."""

    plugin: str
    distribution: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.plugin} ({self.distribution} {self.version})" if self.distribution else self.plugin


@dataclass(frozen=True)
class Contribution(Generic[V]):
    """A value from a hook, with who gave it."""

    value: V
    by: Origin


@dataclass(frozen=True)
class Setting:
    """Declare a setting of the app.

    Args:
        name: Its key, lower case with underscores.
        type: A callable that makes the value from a str (of the environment) or checks it.
        default: Its value when nobody sets it.
        env: The environment variable that sets it, or None.
        help: One line on what it does, with the unit.
    """

    name: str
    type: Callable[[Any], Any]
    default: Any
    env: Optional[str] = None
    help: str = ""


@dataclass(frozen=True)
class RouteOption:
    """Declare a keyword that routes may carry, for example `response_model`."""

    name: str
    help: str = ""


@dataclass(frozen=True)
class Call:
    """A callable and how it is called: ``async`` (awaited), ``inline`` or ``thread`` (blocks)."""

    function: AnyCallable
    mode: str

    @classmethod
    def of(cls, function: AnyCallable, *, nonblocking: bool = False) -> Call:
        """Decide by inspection; a synchronous callable is ``inline`` if it is marked or given as nonblocking."""
        target = unwrap_callable(function)
        if inspect.iscoroutinefunction(target):
            return cls(function, "async")
        if inspect.isasyncgenfunction(target) or inspect.isgeneratorfunction(target):
            return cls(function, "inline")  # calling it only makes the generator
        is_nonblocking = nonblocking or getattr(target, "__fenrir_nonblocking__", False)
        return cls(function, "inline" if is_nonblocking else "thread")


def nonblocking(function: AnyCallable) -> AnyCallable:
    """Mark a synchronous callable as one that never blocks, so that no thread is used for it."""
    function.__fenrir_nonblocking__ = True  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True, eq=False)
class Route:
    """A path, methods and an endpoint, as a paradigm registered them.

    Args:
        path: The template in any of the five syntaxes.
        endpoint: What is called.
        methods: HTTP methods in upper case; ``("WEBSOCKET",)`` for a WebSocket.
        name: For `url_for`; the endpoint's own name by default.
        paradigm: The paradigm that owns it, or None for the app's own rules.
        options: Keywords that the kernel and plugins read, checked at build.
        where: ``file:line`` of the registration or the endpoint.
        origin: Who gave the route; set by the kernel.
        replaces: The name of a route that this one takes the place of.
        fallback: 404 or 405 for the kernel's own answers, which pass through the same hooks.
        group: The names of the blueprints or routers it is nested in, outermost first.
    """

    path: str
    endpoint: AnyCallable
    methods: Tuple[str, ...] = ("GET",)
    name: str = ""
    paradigm: Optional[str] = None
    options: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""
    origin: Origin = Origin("app")
    replaces: Optional[str] = None
    fallback: int = 0
    group: Tuple[str, ...] = ()
    #: Names beyond the endpoint's module that its string annotations may use.
    namespace: Optional[Mapping[str, Any]] = None

    @property
    def is_websocket(self) -> bool:
        """Whether this is a WebSocket route."""
        return self.methods == ("WEBSOCKET",)

    def option(self, name: str, default: Any = None) -> Any:
        """Return an option's value, or `default`."""
        return self.options.get(name, default)

    def __str__(self) -> str:
        return f"{','.join(self.methods)} {self.path}"


@dataclass(frozen=True)
class Mount:
    """An ASGI app under a prefix; its lifespan is run with the app's own.

    Args:
        prefix: ``""`` or a path without trailing slash.
        app: An ASGI application.
        name: For `url_for` and reports.
    """

    prefix: str
    app: ASGIApp
    name: str = ""
    where: str = ""
    origin: Origin = Origin("app")
    #: What was mounted, when `app` is an adapter around it.
    original: Any = None


@dataclass(frozen=True)
class Param:
    """One parameter of an endpoint or dependency.

    Args:
        name: Its name.
        annotation: The resolved annotation, `Annotated` kept, or `EMPTY`.
        default: Its default, or `EMPTY`.
        kind: As `inspect.Parameter.kind`.
        index: Its position among the callable's parameters.
        function: The callable that it belongs to.
        in_path: Whether the route's path has a parameter of this name.
        labels: The `Provide.labels` on the way from the endpoint to `function`, outermost first.
    """

    name: str
    annotation: Any
    default: Any
    kind: Any
    index: int
    function: AnyCallable
    in_path: bool = False
    labels: Tuple[Any, ...] = ()


@dataclass(frozen=True)
class Resolver:
    """Read one parameter from the connection.

    Args:
        read: Called with the `Connection`; gives the value, or raises `HTTPError`.
        is_async: Whether `read` gives an awaitable.
        needs: What the kernel must have read from the client before: ``"body"``,
            ``"form"`` or ``"load"`` (whichever the media type asks for).
    """

    read: Callable[[Any], Any]
    is_async: bool = False
    needs: FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class PathValue:
    """Take the path parameter `name`, as its converter made it."""

    name: str


@dataclass(frozen=True)
class Constant:
    """Pass the same object to every call.

    Args:
        value: The object.
        labelled: Whether it was made of `Param.labels`, so that uses under other labels differ.
    """

    value: Any
    labelled: bool = False


@dataclass(frozen=True)
class CurrentConnection:
    """Pass the connection itself."""


@dataclass(frozen=True)
class Provide:
    """Call `function` for the value: a dependency, whose own parameters are resolved in turn.

    Args:
        function: A callable; a generator function is closed when its scope ends.
        use_cache: Whether two uses in one request share one call.
        scope: ``"request"`` (closed after the last byte), ``"function"`` (closed before the
            response is sent) or ``"app"`` (made at start-up, closed at the stop).
        key: What makes two uses the same besides the function.
        labels: What the function and those below it are told in `Param.labels` (for example
            security scopes).
    """

    function: AnyCallable
    use_cache: bool = True
    scope: str = "request"
    key: Any = None
    labels: Tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Batch:
    """Read several parameters of one callable at once.

    Resolvers that are `BatchField`s of the same `Batch` name are handed, per callable,
    to `make`, which gives one `Resolver` whose value is a sequence in the fields' order.

    Args:
        name: The same for all fields that are read together.
        make: Called at build with the callable's fields as ``[(param, field), …]``, the
            route, and the build.
    """

    name: str
    make: Callable[[Sequence[Tuple[Param, Any]], Route, Any], Resolver]


@dataclass(frozen=True)
class BatchField:
    """A parameter that is read together with others of its callable."""

    batch: Batch
    field: Any = None


ParameterSource = Union[Resolver, PathValue, Constant, CurrentConnection, Provide, BatchField]


@dataclass(frozen=True)
class BodyEncoder:
    """Say how a returned value of one exact type becomes a whole body, with no `Response` made.

    Args:
        encode: From the value to bytes; must not block.
        content_type: The header's value.
    """

    encode: Callable[[Any], bytes]
    content_type: bytes


@dataclass(frozen=True)
class ReturnHandler:
    """Say how what the endpoint returns becomes a response.

    Args:
        convert: Called with the `Request` and the value; gives a `Response`.
        encoders: Shortcuts by exact type of the value; each must give what `convert` gives.
        status: The status of the answers that `encoders` write.
        is_async: Whether `convert` gives an awaitable.
        render_raw: Tried first where nothing else wants to see the response: called as `convert`
            is, gives status, raw headers (checked, the length among them) and body of what
            `convert` would give; None where only that will do.
    """

    convert: Callable[[Request, Any], Any]
    encoders: Mapping[type, BodyEncoder] = field(default_factory=dict)
    status: int = 200
    is_async: bool = False
    render_raw: Optional[Callable[[Request, Any], Optional[RawResponse]]] = None


@dataclass(frozen=True)
class RouteHook:
    """Put steps around the endpoint of a route.

    Args:
        name: For reports.
        before: ``(connection) -> value or None``; a value ends the request with it.
        after: ``(request, response) -> response or None``; also runs for error answers.
        teardown: ``(connection, exception or None) -> None``; runs after the last byte.
        order: ``"outer"``, ``"normal"`` or ``"inner"``; within one, plugins' own order.
        priority: Higher is further out, within one `order` of all plugins.
        needs: As `Resolver.needs`.
        kinds: Which connections it is for: ``"http"``, ``"websocket"``.
        adapter: ``(connection) -> object``: gives what `before` and `after` take in the connection's
            place; called once a request.
        around: ``async (connection, call_next) -> value``: runs in the place of the endpoint, its
            dependencies included; ``await call_next(connection)`` runs those and returns their
            response. A value that is no response is converted by the app's rule. Inside of all
            `before` steps; for HTTP only.
        convert: ``(connection, value) -> response``: makes a response of what `before` or `after`
            gave; None leaves it to the route's own rule, and `after` must give a response then.
    """

    name: str
    before: Optional[Call] = None
    after: Optional[Call] = None
    teardown: Optional[Call] = None
    order: str = "normal"
    priority: int = 0
    needs: FrozenSet[str] = frozenset()
    kinds: FrozenSet[str] = frozenset({"http"})
    adapter: Optional[Callable[[Any], Any]] = None
    around: Optional[Callable[[Any, Any], Awaitable[Any]]] = None
    convert: Optional[Callable[[Any, Any], Any]] = None


@dataclass(frozen=True)
class ExceptionHandler:
    """Answer an exception.

    Args:
        matches: An exception class, whose subclasses match too, or a status of `HTTPError`.
        handle: ``(connection, exception) -> value``, which becomes a response as an
            endpoint's value does.
        level: 0 for the app, more for what is nearer to the route (blueprint, route).
        applies: Whether it covers a route; None for all.
        default: True for a paradigm's own fallback, which any other handler precedes.
    """

    matches: Union[Type[BaseException], int]
    handle: Call
    level: int = 0
    applies: Optional[Callable[[Route], bool]] = None
    default: bool = False


@dataclass(frozen=True)
class ErrorFormat:
    """Write the error answers of the kernel and of all paradigms.

    Args:
        name: For reports.
        write: ``(connection, error) -> Response``, or None for the paradigm's own answer. It must
            not block. The error is an `HTTPError`, or any other exception, which is the server's
            fault (500): the log has it, the client must not read it.
    """

    name: str
    write: Callable[[Connection, BaseException], Optional[Response]]


@dataclass(frozen=True)
class OpenAPIPart:
    """Change the OpenAPI document before it is published.

    Args:
        name: For reports.
        operation: Called with each operation (a dict to change) and its `Route`.
        document: Called with the whole document (a dict to change) after that.
    """

    name: str
    operation: Optional[Callable[[Dict[str, Any], Route], None]] = None
    document: Optional[Callable[[Dict[str, Any]], None]] = None


@dataclass(frozen=True)
class Middleware:
    """Wrap the whole app in ASGI middleware.

    Args:
        name: For order and reports.
        factory: Called with the ASGI app that it wraps; gives an ASGI app.
        layer: ``"edge"`` (outermost) or ``"app"``.
        before, after: Names of middleware that this one is outside of, or inside of.
    """

    name: str
    factory: Callable[[ASGIApp], ASGIApp]
    layer: str = "app"
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Lifespan:
    """Something that lives as long as the app.

    Args:
        name: For reports: what failed, what hung.
        enter: Called with the app; gives an async context manager. What it yields (a
            mapping or None) joins the lifespan state.
        after: Names of lifespans that must have started before.
    """

    name: str
    enter: Callable[[Any], AsyncContextManager[Optional[Mapping[str, Any]]]]
    after: Tuple[str, ...] = ()


@dataclass(frozen=True)
class AppMethod:
    """Add a method to the hybrid app.

    Args:
        name: The method's name.
        function: Called with the app first.
        accepts: Where several plugins claim the name: ``(args, kwargs) -> bool``, whether a
            call is meant for this one. The first that accepts gets it.
    """

    name: str
    function: AnyCallable
    accepts: Optional[Callable[[Tuple[Any, ...], Dict[str, Any]], bool]] = None


@dataclass(frozen=True)
class AppProperty:
    """Add a property to the hybrid app, for example Flask's `config`.

    Args:
        name: The attribute's name; only one plugin can have it.
        get: Called with the app.
        set: Called with the app and the new value; None for an attribute that can't be set.
    """

    name: str
    get: Callable[[Any], Any]
    set: Optional[Callable[[Any, Any], None]] = None


@dataclass(frozen=True)
class Build:
    """What a hook may look at: what earlier phases of the build made.

    Args:
        app: The app that is built.
        settings: The app's settings by name.
        converters: Path converters by name.
        routes: All routes, from the wiring phase on.
        inject: ``(function, route or None, given names) -> async call(connection, *given)``:
            fill a callable's parameters as an endpoint's are; the given ones come first.
    """

    app: Any
    settings: Mapping[str, Any]
    converters: Mapping[str, PathConverter]
    routes: Tuple[Route, ...]
    inject: Callable[..., Callable[..., Awaitable[Any]]]


ErrorHandler = Callable[[Connection, BaseException], Awaitable[Response]]
