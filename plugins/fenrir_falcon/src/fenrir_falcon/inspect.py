"""What an app is made of: its routes, middleware, sinks, static routes and error handlers, as data and as text."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from fenrir_core import App
from fenrir_core.authoring import where_is

from . import error_handling
from .router import CompiledRouter
from .state import State

__all__ = [
    "AppInfo",
    "ErrorHandlerInfo",
    "InspectVisitor",
    "MiddlewareClassInfo",
    "MiddlewareInfo",
    "MiddlewareMethodInfo",
    "MiddlewareTreeInfo",
    "MiddlewareTreeItemInfo",
    "RouteInfo",
    "RouteMethodInfo",
    "SinkInfo",
    "StaticRouteInfo",
    "StringVisitor",
    "inspect_app",
    "inspect_compiled_router",
    "inspect_error_handlers",
    "inspect_middleware",
    "inspect_routes",
    "inspect_sinks",
    "inspect_static_routes",
    "register_router",
]

_PACKAGE = __name__.partition(".")[0]
#: The functions that list the routes of a class of routers.
_supported_routers: Dict[type, Callable[[Any], List[RouteInfo]]] = {}


class _Item:
    __visit_name__ = ""

    def to_string(self, verbose: bool = False, internal: bool = False) -> str:
        """Return the item as text.

        Args:
            verbose: Whether places in the source are included.
            internal: Whether what the framework itself has registered is included.
        """
        return StringVisitor(verbose, internal).process(self)

    def __repr__(self) -> str:
        return self.to_string()


class RouteMethodInfo(_Item):
    """A responder of a route."""

    __visit_name__ = "route_method"

    def __init__(self, method: str, source_info: str, function_name: str, internal: bool) -> None:
        self.method, self.source_info, self.function_name, self.internal = method, source_info, function_name, internal
        parts = function_name.split("_", 2)
        self.suffix = parts[2] if function_name.startswith("on_") and len(parts) > 2 else ""


class RouteInfo(_Item):
    """A route and its responders."""

    __visit_name__ = "route"

    def __init__(self, path: str, class_name: str, source_info: str, methods: List[RouteMethodInfo]) -> None:
        self.path, self.class_name, self.source_info, self.methods = path, class_name, source_info, methods


class StaticRouteInfo(_Item):
    """A static route."""

    __visit_name__ = "static_route"

    def __init__(self, prefix: str, directory: str, fallback_filename: Optional[str]) -> None:
        self.prefix, self.directory, self.fallback_filename = prefix, directory, fallback_filename


class SinkInfo(_Item):
    """A sink."""

    __visit_name__ = "sink"

    def __init__(self, prefix: str, name: str, source_info: str) -> None:
        self.prefix, self.name, self.source_info = prefix, name, source_info


class ErrorHandlerInfo(_Item):
    """An error handler."""

    __visit_name__ = "error_handler"

    def __init__(self, error: str, name: str, source_info: str, internal: bool) -> None:
        self.error, self.name, self.source_info, self.internal = error, name, source_info, internal


class MiddlewareMethodInfo(_Item):
    """A method of a middleware component."""

    __visit_name__ = "middleware_method"

    def __init__(self, function_name: str, source_info: str) -> None:
        self.function_name, self.source_info = function_name, source_info
        self.internal = False


class MiddlewareClassInfo(_Item):
    """A middleware component."""

    __visit_name__ = "middleware_class"

    def __init__(self, name: str, source_info: str, methods: List[MiddlewareMethodInfo]) -> None:
        self.name, self.source_info, self.methods = name, source_info, methods


class MiddlewareTreeItemInfo(_Item):
    """A method of a component, at its place in the order."""

    __visit_name__ = "middleware_tree_item"

    def __init__(self, name: str, class_name: str) -> None:
        self.name, self.class_name = name, class_name


class MiddlewareTreeInfo(_Item):
    """The methods of all components, in the order in which they are called."""

    __visit_name__ = "middleware_tree"

    def __init__(
        self,
        request: List[MiddlewareTreeItemInfo],
        resource: List[MiddlewareTreeItemInfo],
        response: List[MiddlewareTreeItemInfo],
    ) -> None:
        self.request, self.resource, self.response = request, resource, response


class MiddlewareInfo(_Item):
    """The middleware of an app."""

    __visit_name__ = "middleware"

    def __init__(
        self, middleware_tree: MiddlewareTreeInfo, middleware_classes: List[MiddlewareClassInfo], independent: bool
    ) -> None:
        self.middleware_tree, self.middleware_classes = middleware_tree, middleware_classes
        self.independent = independent
        self.independent_text = "Middleware are independent" if independent else "Middleware are dependent"


class AppInfo(_Item):
    """What an app is made of."""

    __visit_name__ = "app"

    def __init__(
        self,
        routes: List[RouteInfo],
        middleware: MiddlewareInfo,
        static_routes: List[StaticRouteInfo],
        sinks: List[SinkInfo],
        error_handlers: List[ErrorHandlerInfo],
        asgi: bool,
    ) -> None:
        self.routes, self.middleware, self.static_routes = routes, middleware, static_routes
        self.sinks, self.error_handlers, self.asgi = sinks, error_handlers, asgi

    def to_string(self, verbose: bool = False, internal: bool = False, name: str = "") -> str:
        """Return the app as text; `name` stands at its head."""
        return StringVisitor(verbose, internal, name).process(self)


# ---------------------------------------------------------------- from an app


def inspect_app(app: App) -> AppInfo:
    """Return what an app is made of."""
    return AppInfo(
        inspect_routes(app),
        inspect_middleware(app),
        inspect_static_routes(app),
        inspect_sinks(app),
        inspect_error_handlers(app),
        bool(getattr(app, "is_asgi_only", True)),
    )


def inspect_routes(app: App) -> List[RouteInfo]:
    """Return the routes of an app.

    Raises:
        TypeError: The app's router is of a class that `register_router` was not called for.
    """
    router = app.store(State).router
    list_routes = _supported_routers.get(type(router))
    if list_routes is None:
        raise TypeError(
            f"Unsupported router class {type(router)}. Use register_router() to register a function that lists its "
            "routes."
        )
    return list_routes(router)


def register_router(router_class: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator of the function that lists the routes of a class of routers.

    Raises:
        ValueError: Another function lists them.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if router_class in _supported_routers:
            raise ValueError(f"Another function is already registered for the router {router_class}.")
        _supported_routers[router_class] = function
        return function

    return decorate


@register_router(CompiledRouter)
def inspect_compiled_router(router: CompiledRouter) -> List[RouteInfo]:
    """Return the routes of Falcon's own router."""
    found: List[RouteInfo] = []

    def walk(nodes: Iterable[Any]) -> None:
        for node in nodes:
            if node.template is not None:
                methods = []
                for method, responder in (node.method_map or {}).items():
                    source, name = _source_and_name(responder)
                    methods.append(RouteMethodInfo(method, source, name, _is_internal(responder)))
                source, name = _source_and_name(node.resource)
                found.append(RouteInfo(node.template, name, source, methods))
            walk(node.children)

    walk(router._roots)
    return found


def inspect_static_routes(app: App) -> List[StaticRouteInfo]:
    """Return the static routes of an app, newest first."""
    routes = app.store(State).static_routes
    return [StaticRouteInfo(route._prefix, route._directory, route._fallback) for route in routes]


def inspect_sinks(app: App) -> List[SinkInfo]:
    """Return the sinks of an app, newest first."""
    found = []
    for pattern, sink in app.store(State).sinks:
        source, name = _source_and_name(sink)
        found.append(SinkInfo(pattern.pattern, name, source))
    return found


def inspect_error_handlers(app: App) -> List[ErrorHandlerInfo]:
    """Return the error handlers of an app, the framework's own first."""
    found = []
    for kind, handler in [*error_handling.default_handlers(), *app.store(State).error_handlers.items()]:
        source, name = _source_and_name(handler)
        found.append(ErrorHandlerInfo(kind.__name__, name, source, _is_internal(handler)))
    return found


def inspect_middleware(app: App) -> MiddlewareInfo:
    """Return the middleware of an app."""
    state = app.store(State)
    trees: List[List[MiddlewareTreeItemInfo]] = []
    for name in ("process_request", "process_resource", "process_response"):
        methods = state.component_methods(name)
        trees.append(
            [MiddlewareTreeItemInfo(item.__name__, _name_of(getattr(item, "__self__", item))) for item in methods]
        )
    classes = []
    for component in state.middleware:
        methods = [method for method in map(component_method(component), _PHASES) if method is not None]
        infos = [MiddlewareMethodInfo(method.__name__, _source_and_name(method)[0]) for method in methods]
        source, name = _source_and_name(component)
        classes.append(MiddlewareClassInfo(name, source, infos))
    tree = MiddlewareTreeInfo(trees[0], trees[1], trees[2][::-1])
    return MiddlewareInfo(tree, classes, state.independent_middleware)


_PHASES = ("process_request", "process_resource", "process_response")


def component_method(component: object) -> Callable[[str], Optional[Any]]:
    """Return what finds the method of a component for a phase; the form with `_async` has precedence."""
    return lambda name: getattr(component, f"{name}_async", None) or getattr(component, name, None)


def _name_of(item: object) -> str:
    name = getattr(item, "__name__", None)
    return str(name) if name is not None else type(item).__name__


def _source_and_name(item: Any) -> Tuple[str, str]:
    target = getattr(item, "func", item)
    source = where_is(target) or where_is(type(target)) or "[unknown file]"
    return source, _name_of(target)


def _is_internal(item: Any) -> bool:
    module = getattr(getattr(item, "func", item), "__module__", None) or type(item).__module__
    return str(module).partition(".")[0] == _PACKAGE


# ---------------------------------------------------------------- as text


class InspectVisitor:
    """The base of visitors: `process` calls ``visit_<kind>`` for an item."""

    def process(self, instance: Any) -> str:
        """Return what the visitor makes of an item.

        Raises:
            RuntimeError: The visitor has no method for it.
        """
        name = getattr(instance, "__visit_name__", "")
        visit = getattr(self, f"visit_{name}", None) if name else None
        if visit is None:
            raise RuntimeError(f"This visitor does not support {type(instance)}")
        return str(visit(instance))


class StringVisitor(InspectVisitor):
    """A visitor that makes text.

    Args:
        verbose: Whether places in the source are included.
        internal: Whether what the framework itself has registered is included.
        name: What stands at the head of an app.
    """

    def __init__(self, verbose: bool = False, internal: bool = False, name: str = "") -> None:
        self.verbose, self.internal, self.name = verbose, internal, name
        self.indent = 0

    @property
    def tab(self) -> str:
        """The indentation of the present level."""
        return " " * self.indent

    def _source(self, item: Any) -> str:
        return f" ({item.source_info})" if self.verbose and item.source_info else ""

    def _shown(self, items: Iterable[Any]) -> List[Any]:
        return [item for item in items if self.internal or not item.internal]

    def _methods(self, methods: Sequence[Any]) -> str:
        lines = [f"{self.tab}   ├── {self.process(item)}" for item in methods[:-1]]
        lines += [f"{self.tab}   └── {self.process(item)}" for item in methods[-1:]]
        return ":\n" + "\n".join(lines) if lines else ""

    def visit_route_method(self, route_method: RouteMethodInfo) -> str:
        """Return a responder as text."""
        return f"{route_method.method} - {route_method.function_name}{self._source(route_method)}"

    def visit_route(self, route: RouteInfo) -> str:
        """Return a route as text."""
        methods = self._methods(self._shown(route.methods))
        return f"{self.tab}⇒ {route.path} - {route.class_name}{self._source(route)}{methods}"

    def visit_static_route(self, static_route: StaticRouteInfo) -> str:
        """Return a static route as text."""
        fallback = f" [{static_route.fallback_filename}]" if static_route.fallback_filename else ""
        return f"{self.tab}↦ {static_route.prefix} {static_route.directory}{fallback}"

    def visit_sink(self, sink: SinkInfo) -> str:
        """Return a sink as text."""
        return f"{self.tab}⇥ {sink.prefix} {sink.name}{self._source(sink)}"

    def visit_error_handler(self, error_handler: ErrorHandlerInfo) -> str:
        """Return an error handler as text."""
        return f"{self.tab}⇜ {error_handler.error} {error_handler.name}{self._source(error_handler)}"

    def visit_middleware_method(self, middleware_method: MiddlewareMethodInfo) -> str:
        """Return a method of a component as text."""
        return f"{middleware_method.function_name}{self._source(middleware_method)}"

    def visit_middleware_class(self, middleware_class: MiddlewareClassInfo) -> str:
        """Return a component as text."""
        methods = self._methods(middleware_class.methods)
        return f"{self.tab}↣ {middleware_class.name}{self._source(middleware_class)}{methods}"

    def visit_middleware_tree_item(self, mti: MiddlewareTreeItemInfo) -> str:
        """Return a method in the order of calls as text."""
        symbol = {"process_resource": "↣", "process_response": "↢"}.get(mti.name, "→")
        return f"{self.tab}{symbol} {mti.class_name}.{mti.name}"

    def visit_middleware_tree(self, m_tree: MiddlewareTreeInfo) -> str:
        """Return the order of calls as text: deeper towards the responder, and back."""
        kept, blocks = self.indent, ([""] if not (m_tree.request or m_tree.resource) else [])
        if not (m_tree.request or m_tree.resource or m_tree.response):
            return ""
        if blocks:
            self.indent += 2 * len(m_tree.response)
        for group, is_deeper in ((m_tree.request, True), (m_tree.resource, True)):
            lines = []
            for item in group:
                lines.append(self.process(item))
                self.indent += 2 if is_deeper else 0
            if lines:
                blocks.append("\n".join(lines))
        blocks.append(f"{self.tab}  ├── Process route responder")
        lines = []
        for item in m_tree.response:
            self.indent = max(kept, self.indent - 2)
            lines.append(self.process(item))
        if lines:
            blocks.append("\n".join(lines))
        self.indent = kept
        text = "\n\n".join(blocks)
        return text[1:] if text.startswith("\n\n") else text

    def visit_middleware(self, middleware: MiddlewareInfo) -> str:
        """Return the middleware as text."""
        text = self.process(middleware.middleware_tree)
        if self.verbose:
            self.indent += 4
            lines = "\n".join(self.process(item) for item in middleware.middleware_classes)
            self.indent -= 4
            if lines:
                text += f"\n{self.tab}- Middleware classes:\n{lines}"
        return text

    def _section(self, title: str, lines: Iterable[str]) -> str:
        found = "\n".join(line for line in lines if line)
        return f"\n• {title}:\n{found}" if found else ""

    def visit_app(self, app: AppInfo) -> str:
        """Return an app as text."""
        self.indent = 4
        text = f"{self.name or 'Falcon App'} ({'ASGI' if app.asgi else 'WSGI'})"
        text += self._section("Routes", map(self.process, app.routes))
        middleware = self.process(app.middleware)
        text += self._section(f"Middleware ({app.middleware.independent_text})", [middleware])
        text += self._section("Static routes", map(self.process, app.static_routes))
        text += self._section("Sinks", map(self.process, app.sinks))
        return text + self._section("Error handlers", map(self.process, self._shown(app.error_handlers)))
