"""Path operations as objects that users may look at, change and subclass."""

from __future__ import annotations

from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple

from fenrir_core import App
from fenrir_core import Route as CoreRoute

from .declaration_checks import check_declaration
from .hooks import ROUTE_HANDLER, original_handler
from .operation_names import unique_id
from .options import ROUTE_DEFAULTS
from .starlette.requests import Request
from .starlette.routing import ORIGIN, EndpointRoute, Item, Route, WebSocketRoute, get_name
from .starlette.types import AnyCallable, Values

__all__ = ["APIRoute", "APIWebSocketRoute"]


class APIRoute(Route):
    """A path operation; its options are its attributes and may be changed until the app starts.

    Args:
        path: The path template, with the router's prefix.
        endpoint: The function to call.
        methods: HTTP methods; GET by default.
        name: The name; the endpoint's by default.
        **options: The options of the path operation decorators.

    Raises:
        BuildError: A parameter or the response model can't work as declared.
    """

    options: Values

    def __init__(
        self,
        path: str,
        endpoint: AnyCallable,
        *,
        methods: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        **options: Any,
    ) -> None:
        options.pop("dependency_overrides_provider", None)
        object.__setattr__(self, "options", options)
        self.path, self.endpoint = path, endpoint
        self.core = App.make_route(path, endpoint, methods or ("GET",), name=name, paradigm="fastapi", **options)
        self.name = name or get_name(endpoint)
        self.methods = set(self.core.methods)
        check_declaration(self.core)

    def __getattr__(self, name: str) -> Any:
        if name not in ROUTE_DEFAULTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = self.__dict__["options"].get(name)
        default = ROUTE_DEFAULTS[name]
        return (list(default) if isinstance(default, list) else default) if found is None else found

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ROUTE_DEFAULTS:
            self.options[name] = value
        else:
            object.__setattr__(self, name, value)

    handle = EndpointRoute.handle

    @property
    def unique_id(self) -> str:
        """The id of the operation."""
        make = self.options.get("generate_unique_id_function")
        return self.operation_id or (make(self) if make else unique_id(self.core, self.path_format))

    @property
    def has_own_handler(self) -> bool:
        """Whether a subclass wraps the handling of requests."""
        return type(self).get_route_handler is not APIRoute.get_route_handler

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return the coroutine function from request to response; a subclass may wrap it."""
        return original_handler

    def collected(self) -> List[Item]:
        """Return the kernel's route: the same one as long as the attributes are the same."""
        options = {**self.options, ORIGIN: self}
        if self.has_own_handler:
            options[ROUTE_HANDLER] = self.get_route_handler
        core = self.core
        own, methods = set(self.methods or ()), core.methods
        if not own.issuperset(methods):
            methods = tuple(verb for verb in methods if verb in own) or tuple(own)
        made_of = (self.path, self.endpoint, methods, self.name, "fastapi", options, core.where)
        known: Optional[CoreRoute] = self.__dict__.get("_collected")
        # PERF: each late registration collects all routes, and 1,000 that stay the same take 10 ms less
        if known is None or known.option(ORIGIN) is not self or not _is_made_of(known, made_of):
            known = self.__dict__["_collected"] = CoreRoute(*made_of, namespace=core.namespace)
        return [known]


def _is_made_of(route: CoreRoute, values: Tuple[object, ...]) -> bool:
    """Return whether a route has these values of its first attributes."""
    try:
        return values == (
            route.path, route.endpoint, route.methods, route.name, route.paradigm, route.options, route.where,
        )  # fmt: skip
    except Exception:  # what options hold may not be comparable
        return False


class APIWebSocketRoute(WebSocketRoute):
    """A WebSocket route whose parameters are filled like those of a path operation."""

    def __init__(
        self,
        path: str,
        endpoint: AnyCallable,
        *,
        name: Optional[str] = None,
        dependencies: Optional[Sequence[Any]] = None,
        **options: Any,
    ) -> None:
        self.path, self.endpoint = path, endpoint
        self.dependencies = list(dependencies or ())
        if self.dependencies:
            options["dependencies"] = self.dependencies
        options[ORIGIN] = self
        self.core = App.make_route(path, endpoint, ("WEBSOCKET",), name=name, paradigm="fastapi", **options)
        self.name = self.core.name
        check_declaration(self.core)

    handle = EndpointRoute.handle

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        return [self.core]
