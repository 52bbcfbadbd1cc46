"""Adapters: how the responses and errors of other frameworks are answered.

An adapter is found by the root package of an unknown object's classes, and decides by their full names. Attributes
decide nothing: an exception of an HTTP client has a status, too, and that is not ours to send.
"""

from __future__ import annotations

import inspect
import logging
from typing import (
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    NoReturn,
    Optional,
    Tuple,
    Union,
)

from .._callsite import can_take, describe_error, name_of
from .._compat import InstalledEntryPoint, entry_points
from .._types import AnyCallable
from ..exceptions import HTTPError
from ..exports import import_path
from .asgi import ASGIResponse
from .connection import Connection
from .response import Response

#: The entry points of adapters; their name is the root package.
ADAPTERS = "fenrir.adapters"
#: What is kept about classes is dropped when there are more than this, since a program may make any number of them.
_MOST_KINDS = 1000
#: Names of classes whose objects are apps, whichever adapters there are.
_APPS = frozenset({"fenrir_core.app.App"})

logger = logging.getLogger("fenrir.plugins")


class MountedRoute(NamedTuple):
    """A route of another framework's app that is mounted, for reports.

    Attributes:
        methods: In upper case.
        path: The template in that framework's spelling, below the mount.
        name: The route's name, or ``""``.
        handler: The dotted name of what serves it.
        where: ``file:line``, or ``""``.
    """

    methods: Tuple[str, ...]
    path: str
    name: str
    handler: str
    where: str


class Adapter:
    """How the objects of another framework are answered, by the full names (``module.Class``) of their classes.

    Of an object's classes the most derived one that has a name here counts, so that subclasses are covered.

    Args:
        errors: Functions ``(connection, error)`` for exceptions; each returns the `HTTPError` that stands for it, whose
            handlers are then called, or a response, or None if it is not to be answered.
        responses: Functions ``(connection, value)`` for returned objects; each returns a response.
        apps: Classes whose objects are apps to mount, and no responses.
        routes: Functions ``(app)`` that list a mounted app's routes as `MountedRoute`, for `fenrir routes`.
    """

    def __init__(
        self,
        errors: Optional[Mapping[str, Callable[[Any, Any], Union[BaseException, Response, None]]]] = None,
        responses: Optional[Mapping[str, Callable[[Any, Any], Response]]] = None,
        apps: Iterable[str] = (),
        routes: Optional[Mapping[str, Callable[[Any], Iterable[MountedRoute]]]] = None,
    ) -> None:
        self.errors, self.responses, self.routes = dict(errors or {}), dict(responses or {}), dict(routes or {})
        self.apps: FrozenSet[str] = frozenset(apps)


class Adapters:
    """The adapters that an app has; each is imported when the first object of its package turns up.

    Args:
        points: The entry points.
    """

    def __init__(self, points: Iterable[InstalledEntryPoint]) -> None:
        self._points: Dict[str, List[InstalledEntryPoint]] = {}
        for point in points:
            self._points.setdefault(point.name, []).append(point)
        self._loaded: Dict[str, List[Adapter]] = {}
        self._found: Dict[Tuple[str, type], Optional[AnyCallable]] = {}

    def find(self, table: str, kind: type) -> Optional[AnyCallable]:
        """Return the function for a class in a table of the adapters, such as ``errors``, or None."""
        key = table, kind
        if key not in self._found:
            if len(self._found) > _MOST_KINDS:
                self._found.clear()
            found = (getattr(adapter, table).get(name) for name, adapter in self._candidates(kind))
            self._found[key] = next((function for function in found if function is not None), None)
        return self._found[key]

    def is_app(self, kind: type) -> bool:
        """Return whether the objects of a class are apps, and no responses."""
        return any(name in adapter.apps for name, adapter in self._candidates(kind)) or not _APPS.isdisjoint(
            map(full_name, kind.__mro__)
        )

    def _candidates(self, kind: type) -> Iterator[Tuple[str, Adapter]]:
        """Yield the full names of a class and its bases, each with the adapters of its root package."""
        for base in kind.__mro__:
            for adapter in self._adapters(str(base.__module__).partition(".")[0]):
                yield full_name(base), adapter

    def _adapters(self, root: str) -> List[Adapter]:
        if root not in self._points:
            return []
        if root not in self._loaded:
            self._loaded[root] = [adapter for point in self._points[root] for adapter in _load(point)]
        return self._loaded[root]


def _load(point: InstalledEntryPoint) -> List[Adapter]:
    where = f"The adapter {point.value} for {point.name} (from {point.distribution} {point.version})"
    try:
        found = import_path(point.value)
    except (Exception, SystemExit) as error:  # the object is then an unknown one, which the log tells
        logger.warning("%s was not loaded: %s", where, describe_error(error))
        return []
    if isinstance(found, Adapter):
        return [found]
    logger.warning("%s was not loaded: it is %r, and no fenrir_core.authoring.Adapter.", where, found)
    return []


def full_name(kind: type) -> str:
    """Return the full name of a class: ``module.Class``."""
    return f"{kind.__module__}.{kind.__qualname__}"


def stand_in(connection: Connection, error: BaseException) -> Union[BaseException, Response]:
    """Return what stands for the exception of another framework: an error of ours or a response; others themselves."""
    if isinstance(error, HTTPError):
        return error
    convert = connection.app.built.adapters.find("errors", type(error))
    found: Union[BaseException, Response, None] = None if convert is None else convert(connection, error)
    if found is None:
        return error
    if isinstance(found, BaseException):
        found.__cause__ = error
    return found


def foreign_response(connection: Connection, value: object) -> Optional[Response]:
    """Return the response for an object of another framework, or for an ASGI callable; None for any other value.

    Args:
        connection: The connection.
        value: What a handler or a step around it returned, and is no response of ours.

    Raises:
        BaseException: It is an error of another framework, which is answered as if it had been raised.
        TypeError: It is an app, or a class, which is mounted instead of returned.
    """
    kind = type(value)
    adapters = connection.app.built.adapters
    convert = adapters.find("responses", kind)
    if convert is not None:
        return convert(connection, value)  # type: ignore[no-any-return]
    if isinstance(value, BaseException) and adapters.find("errors", kind) is not None:
        raise value
    if not callable(value):
        return None
    if inspect.isclass(value) or inspect.isroutine(value) or adapters.is_app(kind):
        _refuse(connection, value)
    return ASGIResponse(value) if _is_asgi(kind) else None


def is_response_class(kind: type) -> bool:
    """Return whether the objects of a class are responses, though not ours: another framework's, or ASGI callables."""
    if kind.__module__ == "builtins":  # PERF: most annotations; whether adapters were installed asks the file system
        return False
    adapters = Adapters(entry_points(ADAPTERS))
    return adapters.find("responses", kind) is not None or (_is_asgi(kind) and not adapters.is_app(kind))


def routes_of_foreign(app: object) -> Optional[List[MountedRoute]]:
    """Return the routes of another framework's app, by the adapters that are installed; None if none reads them."""
    read = Adapters(entry_points(ADAPTERS)).find("routes", type(app))
    return None if read is None else list(read(app))


def _is_asgi(kind: type) -> bool:
    call = kind.__call__
    return inspect.iscoroutinefunction(call) and can_take(call, 4)


def _refuse(connection: Connection, value: Any) -> NoReturn:
    if inspect.isclass(value):
        what = f"the class {value.__name__}"
    else:
        what = f"the function {name_of(value)}" if inspect.isroutine(value) else f"an app ({type(value).__name__})"
    raise TypeError(
        f"{connection.route.where}: {name_of(connection.route.endpoint)}() returned {what}, which is no response. "
        "Return an object of a response class. If it is an app, mount it: app.mount(prefix, app), or app.mount_wsgi."
    )
