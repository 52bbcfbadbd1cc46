"""The route of a request, as Sanic's code reads it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, Dict, FrozenSet, List, Tuple

from fenrir_core.authoring import RouteLike

from ..patterns import ParamInfo, parameters, parameters_in, without_extensions

_untyped = re.compile(r"<(\w+)>")
_segments = re.compile(r"(?:<[^>]*>|[^/<])+").findall


class RouteInfo:
    """A route with Sanic's names; `ctx` has the values of its `ctx_…` keywords.

    Args:
        route: The kernel's route; its attributes are those of this object too.
    """

    def __init__(self, route: RouteLike) -> None:
        self._route = route
        self.ctx: SimpleNamespace = route.option("ctx") or SimpleNamespace()
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
    def raw_path(self) -> str:
        """The template as it was registered, without the slash in front."""
        return without_extensions(self._route.path).lstrip("/")

    @property
    def params(self) -> Dict[int, ParamInfo]:
        """The parameters of the path by the number of their segment."""
        return parameters(self.raw_path)

    defined_params = params

    @property
    def labels(self) -> List[str]:
        """The names of the parameters."""
        return [item.name for item in self.params.values()]

    @property
    def segments(self) -> Tuple[str, ...]:
        """The segments of the template, parameters without their names."""
        return tuple(parameters_in.sub(r"<__dynamic__:\2>", part) for part in self.parts)

    @property
    def requirements(self) -> Dict[str, str]:
        """What the route asks for besides its path and methods: its first host."""
        hosts = self._route.option("hosts")
        return {"host": hosts[0]} if hosts else {}

    @property
    def unquote(self) -> bool:
        """Whether the values of the path are decoded."""
        return bool(self._route.option("unquote"))

    @property
    def path(self) -> str:
        """The template without the slash in front."""
        path = self.raw_path
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
    def parts(self) -> Tuple[str, ...]:
        """The segments of the template."""
        return tuple(_segments(self.path))
