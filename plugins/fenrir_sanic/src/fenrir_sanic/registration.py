"""Registration: the methods that apps and blueprints share, and those that the hybrid app gets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from fenrir_core import App, AppMethod, AppProperty, BuildError
from fenrir_core.authoring import F, caller, check_callable, method_names, refuse_bare, where_is

from . import hooks, listeners, static, tasks
from .state import State

Version = Union[int, float, str, None]


@dataclass(frozen=True)
class Registration:
    """A route before its blueprint and app are known.

    Args:
        uri: The template, with "/" in front.
        handler: What is called.
        methods: HTTP methods in upper case.
        name: The route's name, without the blueprint's and the app's.
        version: What follows `version_prefix` in front of the path.
        version_prefix: ``/v`` by default.
        strict_slashes: Whether ``/x/`` is another path than ``/x``; None for the blueprint's or app's rule.
        options: Route options by name.
    """

    uri: str
    handler: Callable[..., Any]
    methods: Tuple[str, ...]
    name: str
    version: Version = None
    version_prefix: Optional[str] = None
    strict_slashes: Optional[bool] = None
    options: Mapping[str, Any] = field(default_factory=dict)


class Decorators:
    """The methods by which apps and blueprints register routes, middleware, listeners and exception handlers."""

    # ------------------------------------------------------------ what subclasses define

    def _add(self, item: Registration) -> None:
        raise NotImplementedError()

    def _middleware(self, function: Callable[..., Any], kind: str, priority: int) -> None:
        raise NotImplementedError()

    def _listener(self, function: Callable[..., Any], phase: str, priority: int) -> None:
        raise NotImplementedError()

    def _exception(self, function: Callable[..., Any], kinds: Iterable[Any]) -> None:
        raise NotImplementedError()

    # ------------------------------------------------------------ routes

    def route(  # type: ignore[override, unused-ignore]
        self,
        uri: str,
        methods: Optional[Iterable[str]] = None,
        *,
        host: Any = None,
        strict_slashes: Optional[bool] = None,
        stream: bool = False,
        version: Version = None,
        name: Optional[str] = None,
        ignore_body: bool = False,
        subprotocols: Optional[List[str]] = None,
        unquote: bool = False,
        version_prefix: Optional[str] = None,
        error_format: Optional[str] = None,
        **options: Any,
    ) -> Callable[[F], F]:
        """Register the decorated handler ``(request, **path values)``.

        Args:
            uri: A template, for example ``/items/<item_id:int>``.
            methods: HTTP methods; GET by default.
            host: Not supported.
            strict_slashes: Whether ``/x/`` is another path than ``/x``.
            stream: Whether the handler reads the body itself, by `request.stream`.
            version: Puts ``/v<version>`` in front of the path.
            name: For `url_for`; the handler's own by default.
            ignore_body: Accepted as in Sanic; a body is read only where something uses it.
            subprotocols: Of a WebSocket, best first.
            unquote: Accepted as in Sanic; path values are always decoded.
            version_prefix: What precedes the version, ``/v`` by default.
            error_format: ``html``, ``json``, ``text`` or ``auto``.
            **options: `ctx_…` values for `request.route.ctx`, and options of the kernel and of plugins.

        Raises:
            BuildError: `host` is given.
        """
        refuse_bare(uri, 'route("/path"), @app.get("/path") and so on')
        if host is not None:
            raise BuildError(f"The route {uri!r} asks for the host {host!r}: routing by host is not supported.")
        found = _route_options(options, stream, subprotocols, error_format)

        def decorate(handler: F) -> F:
            check_callable(handler, f"route {uri!r}")
            merged = dict(found)
            if getattr(handler, "is_stream", False):
                merged["stream"] = True
            verbs = ("GET",) if methods is None else method_names(methods)
            label = name or str(getattr(handler, "__name__", type(handler).__name__))
            self._add(
                Registration(_with_slash(uri), handler, verbs, label, version, version_prefix, strict_slashes, merged)
            )
            return handler

        return decorate

    def get(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for GET; see `route`."""
        return self.route(uri, ("GET",), **options)

    def post(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for POST; see `route`."""
        return self.route(uri, ("POST",), **options)

    def put(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for PUT; see `route`."""
        return self.route(uri, ("PUT",), **options)

    def patch(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for PATCH; see `route`."""
        return self.route(uri, ("PATCH",), **options)

    def delete(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for DELETE; see `route`."""
        return self.route(uri, ("DELETE",), **options)

    def head(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for HEAD; see `route`."""
        return self.route(uri, ("HEAD",), **options)

    def options(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for OPTIONS; see `route`."""
        return self.route(uri, ("OPTIONS",), **options)

    def add_route(self, handler: F, uri: str, methods: Optional[Iterable[str]] = None, **options: Any) -> F:
        """Register a handler, or a class-based view; see `route`."""
        view = getattr(handler, "view_class", None)
        verbs = methods if methods is not None or view is None else view.own_methods()
        return self.route(uri, verbs, **options)(handler)

    def websocket(self, uri: str, *, name: Optional[str] = None, **options: Any) -> Callable[[F], F]:
        """Register the decorated coroutine function ``(request, ws, **path values)``."""
        return self.route(uri, ("WEBSOCKET",), name=name, **options)

    def add_websocket_route(self, handler: F, uri: str, **options: Any) -> F:
        """Register a WebSocket handler; see `websocket`."""
        return self.websocket(uri, **options)(handler)

    def static(
        self,
        uri: str,
        file_or_directory: Any,
        *,
        name: str = "static",
        content_type: Optional[str] = None,
        index: Optional[str] = None,
        strict_slashes: Optional[bool] = None,
    ) -> None:
        """Serve a file, or the files of a directory.

        Args:
            uri: The path of the file, or the prefix of the files' paths.
            file_or_directory: A trusted path; a request for a file outside of it gets 404.
            name: For `url_for(name, filename=…)`.
            content_type: The content type; guessed from each name by default.
            index: The file that is sent for a directory.
            strict_slashes: As of routes.
        """
        handler = static.handler(file_or_directory, content_type, index)
        path = uri if static.is_file(file_or_directory) else f"{uri.rstrip('/')}/<filename:path>"
        self.route(path, name=name, strict_slashes=strict_slashes)(handler)
        if index and not static.is_file(file_or_directory):
            self.route(uri, name=f"{name}.index", strict_slashes=strict_slashes)(handler)

    # ------------------------------------------------------------ middleware

    def middleware(
        self, middleware_or_request: Any = "request", attach_to: str = "request", *, priority: int = 0
    ) -> Any:
        """Register the decorated middleware: bare, or with ``"request"`` or ``"response"``."""
        if callable(middleware_or_request):
            return self.register_middleware(middleware_or_request, attach_to, priority=priority)
        kind = hooks.check_kind(middleware_or_request)

        def decorate(function: F) -> F:
            return self.register_middleware(function, kind, priority=priority)

        return decorate

    def register_middleware(self, function: F, attach_to: str = "request", *, priority: int = 0) -> F:
        """Register a middleware."""
        check_callable(function, "middleware")
        self._middleware(function, hooks.check_kind(attach_to, where_is(function)), priority)
        return function

    def on_request(self, middleware: Any = None, *, priority: int = 0) -> Any:
        """Register request middleware; bare, or called with a priority."""
        decorate = self.middleware("request", priority=priority)
        return decorate if middleware is None else decorate(middleware)

    def on_response(self, middleware: Any = None, *, priority: int = 0) -> Any:
        """Register response middleware; bare, or called with a priority."""
        decorate = self.middleware("response", priority=priority)
        return decorate if middleware is None else decorate(middleware)

    # ------------------------------------------------------------ exceptions

    def exception(self, *exceptions: Any, **_: Any) -> Callable[[F], F]:
        """Register the decorated ``handler(request, exception)`` for exception classes, or lists of them.

        Raises:
            BuildError: There are none.
        """
        kinds: List[Any] = []
        for item in exceptions:
            refuse_bare(item, "exception(ValueError)")
            kinds.extend(item if isinstance(item, (list, tuple, set, frozenset)) else [item])
        if not kinds:
            raise BuildError(
                f"{caller()[0]}: @app.exception() needs exception classes, for example @app.exception(ValueError)."
            )

        def decorate(handler: F) -> F:
            check_callable(handler, "exception handler")
            self._exception(handler, kinds)
            return handler

        return decorate

    def all_exceptions(self, handler: F) -> F:
        """Register a handler for every exception."""
        return self.exception(Exception)(handler)

    # ------------------------------------------------------------ listeners

    def listener(self, listener_or_event: Any, event_or_none: Optional[str] = None, *, priority: int = 0) -> Any:
        """Register the decorated function for a phase."""
        if event_or_none is not None:
            return self.register_listener(listener_or_event, event_or_none, priority=priority)
        refuse_bare(listener_or_event, "listener('before_server_start')")
        phase = listeners.check_phase(listener_or_event)

        def decorate(function: F) -> F:
            return self.register_listener(function, phase, priority=priority)

        return decorate

    def register_listener(self, listener: F, event: str, *, priority: int = 0) -> F:
        """Register a function for a phase."""
        check_callable(listener, "listener")
        self._listener(listener, listeners.check_phase(event, where_is(listener)), priority)
        return listener

    def _phase(self, phase: str, function: Any, priority: int) -> Any:
        decorate = self.listener(phase, priority=priority)
        return decorate if function is None else decorate(function)

    def main_process_start(self, listener: Any = None, *, priority: int = 0) -> Any:
        """Register a listener of the phase ``main_process_start``; bare, or called with a priority."""
        return self._phase("main_process_start", listener, priority)

    def before_server_start(self, listener: Any = None, *, priority: int = 0) -> Any:
        """Register a listener of the phase ``before_server_start``; bare, or called with a priority."""
        return self._phase("before_server_start", listener, priority)

    def after_server_start(self, listener: Any = None, *, priority: int = 0) -> Any:
        """Register a listener of the phase ``after_server_start``; bare, or called with a priority."""
        return self._phase("after_server_start", listener, priority)

    def before_server_stop(self, listener: Any = None, *, priority: int = 0) -> Any:
        """Register a listener of the phase ``before_server_stop``; bare, or called with a priority."""
        return self._phase("before_server_stop", listener, priority)

    def after_server_stop(self, listener: Any = None, *, priority: int = 0) -> Any:
        """Register a listener of the phase ``after_server_stop``; bare, or called with a priority."""
        return self._phase("after_server_stop", listener, priority)

    def main_process_stop(self, listener: Any = None, *, priority: int = 0) -> Any:
        """Register a listener of the phase ``main_process_stop``; bare, or called with a priority."""
        return self._phase("main_process_stop", listener, priority)


def _route_options(
    options: Dict[str, Any], stream: bool, subprotocols: Optional[List[str]], error_format: Optional[str]
) -> Dict[str, Any]:
    found = {key: value for key, value in options.items() if not key.startswith("ctx_")}
    context = {key[4:]: value for key, value in options.items() if key.startswith("ctx_")}
    if context:
        found["ctx"] = context
    if stream:
        found["stream"] = True
    if subprotocols:
        found["subprotocols"] = tuple(subprotocols)
    if error_format:
        found["error_format"] = error_format
    return found


def _with_slash(uri: str) -> str:
    return uri if not uri or uri.startswith("/") else f"/{uri}"


def versioned(uri: str, version: Version, prefix: Optional[str]) -> str:
    """Return a path with the version in front: ``/v1/items``."""
    if version is None:
        return uri
    return f"/{(prefix or '/v').strip('/')}{str(version).lstrip('v')}{uri}"


def add_route(app: App, item: Registration, group: Tuple[str, ...] = ()) -> None:
    """Register a route with an app, as a route of this paradigm.

    Args:
        app: The app.
        item: The route, with all its prefixes.
        group: The name of its blueprint.
    """
    options = dict(item.options)
    if item.strict_slashes is not None:
        options["strict_slashes"] = item.strict_slashes
    path = versioned(item.uri, item.version, item.version_prefix) or "/"
    route = app.make_route(path, item.handler, item.methods, name=item.name, paradigm="sanic", **options)
    app.register(replace(route, group=group, positional=2 if route.is_websocket else 1))


# ------------------------------------------------------------ blueprints


@dataclass(frozen=True)
class Nesting:
    """What surrounds a blueprint: the options of its groups and of the call of `app.blueprint`.

    Args:
        url_prefix: In front of every path.
        version, strict_slashes, version_prefix: For routes and blueprints that have none of their own.
        name_prefix: In front of the blueprint's name.
        middleware: ``(function, kind, priority)`` of the groups, outermost first.
        exceptions: ``(handler, exception classes)`` of the groups, innermost first.
    """

    url_prefix: str = ""
    version: Version = None
    strict_slashes: Optional[bool] = None
    version_prefix: Optional[str] = None
    name_prefix: str = ""
    middleware: Tuple[Tuple[Callable[..., Any], str, int], ...] = ()
    exceptions: Tuple[Tuple[Callable[..., Any], List[Any]], ...] = ()


def blueprint(
    app: App,
    blueprint: Any,
    *,
    url_prefix: Optional[str] = None,
    version: Version = None,
    strict_slashes: Optional[bool] = None,
    version_prefix: Optional[str] = None,
    name_prefix: Optional[str] = None,
) -> None:
    """Register a blueprint, a group or a list of them with an app.

    Args:
        app: The app.
        blueprint: What to register; each blueprint once per app.
        url_prefix: In front of every path; replaces a blueprint's own prefix.
        version, strict_slashes, version_prefix: For blueprints that have none of their own.
        name_prefix: In front of the names.

    Raises:
        BuildError: A blueprint's name is taken.
    """
    known = app.store(State).blueprints
    nesting = Nesting("", version, strict_slashes, version_prefix, name_prefix or "")
    with app.registering("the blueprint"):
        for item in blueprint if isinstance(blueprint, (list, tuple)) else [blueprint]:
            for member in item.members():
                if member.name in known:
                    raise BuildError(
                        f"A blueprint named {member.name!r} is registered already: give each its own name."
                    )
                known[member.name] = member
            item.register(app, nesting, url_prefix)


# ------------------------------------------------------------ the hybrid app


def app_methods() -> List[Union[AppMethod, AppProperty]]:
    """Return what the hybrid app gets: listeners, middleware, blueprints and tasks."""
    return [
        AppMethod("listener", listeners.listener),
        AppMethod("register_listener", listeners.register_listener),
        AppMethod("middleware", hooks.middleware, hooks.is_middleware),
        AppMethod("register_middleware", hooks.register_middleware),
        AppMethod("on_request", hooks.on_request),
        AppMethod("on_response", hooks.on_response),
        AppMethod("blueprint", blueprint),
        AppMethod("add_task", tasks.add_task),
        AppMethod("get_task", tasks.get_task),
        AppMethod("cancel_task", tasks.cancel_task),
        AppMethod("purge_tasks", tasks.purge_tasks),
        *(AppMethod(phase.__name__, phase) for phase in listeners.BY_PHASE),
        AppProperty("tasks", tasks.tasks_of),
    ]
