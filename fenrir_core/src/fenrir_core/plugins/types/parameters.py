"""What fills the parameters of handlers and dependencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, FrozenSet, Optional, Sequence, Tuple, Union

from ..._types import AnyCallable, JSONObject
from ..._validation import FUNCTION, NEEDS, OPERATION_PART, one_of, takes
from .routes import Route


@dataclass(frozen=True)
class Param:
    """A parameter of an endpoint or dependency.

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
    """A function that reads one parameter from the connection.

    Args:
        read: Called with the `Connection`; returns the value, or raises `HTTPError`.
        is_async: Whether `read` returns an awaitable.
        needs: What the kernel must have read from the client before: ``"body"``,
            ``"form"`` or ``"load"`` (whichever the media type asks for).
        openapi: What it reads, as a part of the OpenAPI operation of each route that uses it: ``parameters``,
            ``requestBody``, ``responses``, ``security``; ``components`` has what these refer to, such as
            ``securitySchemes``. The ``$defs`` of a schema become components, too.
    """

    read: Callable[[Any], Any] = field(metadata=takes("connection"))
    is_async: bool = False
    needs: FrozenSet[str] = field(default=frozenset(), metadata=NEEDS)
    openapi: Optional[JSONObject] = field(default=None, metadata=OPERATION_PART)


@dataclass(frozen=True)
class PathValue:
    """The path parameter `name`, as its converter made it."""

    name: str


@dataclass(frozen=True)
class Constant:
    """The same object for every call.

    Args:
        value: The object.
        labelled: Whether it was made of `Param.labels`, so that uses under other labels differ.
    """

    value: Any
    labelled: bool = False


@dataclass(frozen=True)
class CurrentConnection:
    """The connection itself."""


@dataclass(frozen=True)
class Provide:
    """A dependency: `function` is called for the value, and its own parameters are resolved in turn.

    Args:
        function: A callable; a generator function is closed when its scope ends.
        use_cache: Whether two uses in one request share one call.
        scope: ``"request"`` (closed after the last byte), ``"function"`` (closed before the
            response is sent) or ``"app"`` (made at start-up, closed at the stop).
        key: What makes two uses the same besides the function.
        labels: What `Param.labels` has for the function and those below it (for example security scopes).
        openapi: As `Resolver.openapi`, besides what its own parameters say.
    """

    function: AnyCallable = field(metadata=FUNCTION)
    use_cache: bool = True
    scope: str = field(default="request", metadata=one_of("request", "function", "app"))
    key: Any = None
    labels: Tuple[Any, ...] = ()
    openapi: Optional[JSONObject] = field(default=None, metadata=OPERATION_PART)


@dataclass(frozen=True, eq=False)
class Batch:
    """Several parameters of one callable that are read at once.

    Resolvers that are `BatchField`s of the same `Batch` name are passed, per callable,
    to `make`, which returns one `Resolver` whose value is a sequence in the fields' order.

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


#: Everything that can fill a parameter.
ParameterSource = Union[Resolver, PathValue, Constant, CurrentConnection, Provide, BatchField]
