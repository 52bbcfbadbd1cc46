"""What belongs to the app as a whole: middleware, lifespans, methods, the OpenAPI document, the build."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, AsyncContextManager, Callable, Mapping, Optional, Tuple, Union

from ..._types import AnyCallable, Arguments, ASGIApp, InjectedCall, JSONObject, Namespace
from ..._validation import NAMES, one_of, takes
from ...routing.converters import PathConverter
from .base import Call
from .routes import Route


@dataclass(frozen=True)
class OpenAPIPart:
    """A change to the OpenAPI document before it is published.

    Args:
        name: For reports.
        operation: Called with each operation (a dict to change) and its `Route`; where it needs a third argument also
            with the `CompiledRoute`, whose `plan` has the endpoint, its parameters and what fills them.
        document: Called with the whole document (a dict to change) after that.
    """

    name: str
    operation: Union[Callable[[JSONObject, Route], None], Callable[[JSONObject, Route, Any], None], None] = field(
        default=None, metadata=takes("operation", "route", "compiled", least=2, optional=True)
    )
    document: Optional[Callable[[JSONObject], None]] = field(default=None, metadata=takes("document", optional=True))


@dataclass(frozen=True)
class Middleware:
    """ASGI middleware around the whole app.

    Args:
        name: For order and reports.
        factory: Called with the ASGI app that it wraps; returns an ASGI app.
        layer: ``"edge"`` (outermost), ``"app"``, or ``"routing"`` (innermost, in front of the table of routes).
        before, after: Names of middleware that this one is outside of, or inside of.
    """

    name: str
    factory: Callable[[ASGIApp], ASGIApp] = field(metadata=takes("app"))
    layer: str = field(default="app", metadata=one_of("edge", "app", "routing"))
    before: Tuple[str, ...] = field(default=(), metadata=NAMES)
    after: Tuple[str, ...] = field(default=(), metadata=NAMES)


@dataclass(frozen=True)
class Lifespan:
    """Something that lives as long as the app.

    Args:
        name: For reports: what failed, what hung.
        enter: Called with the app; returns an async context manager. What it yields (a
            mapping or None) joins the lifespan state.
        after: Names of lifespans that must have started before.
        innermost: Whether it is entered after all others, the app's own and mounted apps' included,
            and left before them.
        own_timeout: Whether it limits the time of its stop itself, and raises `StopTimeout` with
            what is still running then; the setting `stop_lifespan` does not hold for it.
    """

    name: str
    enter: Callable[[Any], AsyncContextManager[Optional[Namespace]]] = field(metadata=takes("app"))
    after: Tuple[str, ...] = field(default=(), metadata=NAMES)
    innermost: bool = False
    own_timeout: bool = False


@dataclass(frozen=True)
class AppMethod:
    """A method of the hybrid app.

    Args:
        name: The method's name.
        function: Called with the app first.
        accepts: Where several plugins claim the name: ``(args, kwargs) -> bool``, whether a
            call is meant for this one. The first that accepts gets it.
    """

    name: str
    function: AnyCallable
    accepts: Optional[Callable[[Arguments, Namespace], bool]] = None


@dataclass(frozen=True)
class AppProperty:
    """A property of the hybrid app, for example Flask's `config`.

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
    """What a hook may read: the results of earlier phases of the build.

    Args:
        app: The app that is built.
        settings: The app's settings by name.
        converters: Path converters by name.
        routes: All routes, from the wiring phase on.
        inject: ``(function, route or None, positional names) -> async call(connection, *positional)``:
            fills a callable's parameters as an endpoint's are; the caller passes the positional ones.
        step: The same, as the `Call` of a `RouteHook`. Synchronous steps that follow one another run in one hop to a
            thread, which those that `inject` makes do not.
    """

    app: Any
    settings: Namespace
    converters: Mapping[str, PathConverter]
    routes: Tuple[Route, ...]
    inject: Callable[..., InjectedCall]
    step: Callable[..., Call]
