"""The route of a request, as Sanic's code reads it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, FrozenSet

from fenrir_core.authoring import RouteLike

_untyped = re.compile(r"<(\w+)>")
_segments = re.compile(r"(?:<[^>]*>|[^/<])+").findall


class RouteInfo:
    """A route with Sanic's names; `ctx` has the values of its `ctx_…` keywords.

    Args:
        route: The kernel's route; its attributes are those of this object too.
    """

    def __init__(self, route: RouteLike) -> None:
        self._route = route
        self.ctx = SimpleNamespace(**route.option("ctx", {}))
        self.extra = SimpleNamespace(
            error_format=route.option("error_format"),
            stream=bool(route.option("stream")),
            ignore_body=bool(route.option("ignore_body")),
            static=bool(route.option("static")),
            hosts=route.option("hosts") or [None],
            ident=route.name,
            websocket=bool(getattr(route, "is_websocket", False)),
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._route, name)

    def __eq__(self, other: object) -> bool:
        return getattr(other, "_route", other) is self._route

    def __hash__(self) -> int:
        return hash(id(self._route))

    @property
    def handler(self) -> Any:
        """What serves the route."""
        return self._route.endpoint

    @property
    def path(self) -> str:
        """The template without the slash in front."""
        path = self._route.path.lstrip("/")
        path = path if self.strict else path.rstrip("/")
        return _untyped.sub(r"<\1:str>", path)

    @property
    def uri(self) -> str:
        """The template."""
        return f"/{self.path}"

    @property
    def methods(self) -> FrozenSet[str]:
        """The methods that it serves."""
        verbs: Any = self._route.methods
        return frozenset("GET" if item == "WEBSOCKET" else item for item in verbs)

    @property
    def strict(self) -> bool:
        """Whether ``/x/`` is another path than ``/x``."""
        return bool(self._route.option("strict_slashes"))

    @property
    def parts(self) -> Any:
        """The segments of the template."""
        return tuple(_segments(self.path))
