"""Routes and mounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Optional, Tuple

from ..._types import AnyCallable, ASGIApp, Namespace
from ..._validation import FUNCTION, METHOD_NAMES, PATH
from .base import Origin


@dataclass(frozen=True, eq=False)
class Route:
    """A path, methods and an endpoint, as a paradigm registered them.

    Args:
        path: The template in any of the five syntaxes.
        endpoint: What is called.
        methods: HTTP methods in upper case; ``("WEBSOCKET",)`` for a WebSocket.
        name: For `url_for`; the endpoint's own name by default.
        paradigm: The paradigm that owns it, or None for the app's own rules.
        options: Keywords that the kernel and plugins read, checked at build; a copy that can't be changed.
        where: ``file:line`` of the registration or the endpoint.
        origin: The plugin that it comes from; set by the kernel.
        replaces: The name of a route that this one takes the place of.
        fallback: 404, 405 or 200 (OPTIONS) for the kernel's own responses, which pass through the same hooks.
        group: The names of the blueprints or routers it is nested in, outermost first.
        positional: How many arguments the endpoint is passed by position; the path's values follow by name. Its
            parameters are then those of its own signature, whatever it wraps. None: the signature is read through
            decorators (`functools.wraps`), as FastAPI does.
        mount: The mount that it serves: the kernel makes one route for its requests and one for its WebSockets, so
            that the same hooks run before them.
    """

    path: str = field(metadata=PATH)
    endpoint: AnyCallable = field(metadata=FUNCTION)
    methods: Tuple[str, ...] = field(default=("GET",), metadata=METHOD_NAMES)
    name: str = ""
    paradigm: Optional[str] = None
    options: Namespace = field(default_factory=dict)
    where: str = ""
    origin: Origin = Origin("app")
    replaces: Optional[str] = None
    fallback: int = 0
    group: Tuple[str, ...] = ()
    positional: Optional[int] = None
    mount: Optional[Mount] = None
    #: Names beyond the endpoint's module that its string annotations may use.
    namespace: Optional[Namespace] = None

    def __post_init__(self) -> None:
        # the routes of one registration share it, and a hook that changed it would change how others are served
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))

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
        guards: Whether the steps of hooks run around what it serves.
        needs_slash: Whether the prefix alone is redirected to the prefix with a slash, or not found.
    """

    prefix: str
    app: ASGIApp = field(metadata=FUNCTION)
    name: str = ""
    where: str = ""
    origin: Origin = Origin("app")
    #: What was mounted, when `app` is an adapter around it.
    original: Any = None
    guards: bool = True
    needs_slash: bool = False
