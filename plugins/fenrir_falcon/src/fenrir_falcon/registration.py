"""Registration of resources: objects whose `on_<method>` methods, the responders, serve a path."""

from __future__ import annotations

import difflib
import inspect
import re
from dataclasses import replace
from typing import Any, Dict, List, Optional

from fenrir_core import App, AppMethod, BuildError, RouteOption
from fenrir_core.authoring import METHODS, where_is

from . import error_handling, sinks
from .base_converters import BUILTIN
from .constants import WEBDAV_METHODS
from .exceptions import SuffixedMethodNotFoundError
from .resource_methods import map_http_methods
from .responders import create_default_options
from .state import State

_WEBSOCKET = "WEBSOCKET"


def app_methods() -> List[AppMethod]:
    """Return the methods of the hybrid app."""
    return [
        AppMethod("add_route", add_route, is_add_route),
        AppMethod("add_error_handler", error_handling.add_error_handler),
        AppMethod("add_sink", sinks.add_sink),
        AppMethod("add_static_route", sinks.add_static_route),
    ]


def route_options() -> List[RouteOption]:
    """Return the options of routes."""
    return [RouteOption("stream", "Leave the request body unread: the handler reads it in chunks.", bool)]


def is_add_route(args: Any, kwargs: Any) -> bool:
    """Return whether the arguments are those of Falcon's `add_route(path, resource)`."""
    path = args[0] if args else kwargs.get("path", kwargs.get("uri_template"))
    resource = args[1] if len(args) > 1 else kwargs.get("resource")
    return isinstance(path, str) and not inspect.isroutine(resource) and not hasattr(resource, "view_class")


def find_responders(resource: Any, suffix: Optional[str] = None) -> Dict[str, Any]:
    """Return the responders of a resource by HTTP method, `on_websocket` as ``WEBSOCKET``."""
    tail = f"_{suffix}" if suffix else ""
    found = {}
    for method in (*METHODS, *WEBDAV_METHODS, _WEBSOCKET):
        responder = getattr(resource, f"on_{method.lower().replace('-', '_')}{tail}", None)
        if callable(responder):
            found[method] = responder
    default = getattr(resource, f"on_request{tail}", None)
    if callable(default):
        for method in METHODS:
            found.setdefault(method, default)
    return found


def add_route(app: App, path: str, resource: Any, *, suffix: Optional[str] = None, **options: Any) -> None:
    """Register a resource for a path.

    Args:
        app: The app.
        path: A template, for example ``/items/{item_id:int}``.
        resource: An object with methods such as `on_get(self, req, resp, …)`,
            asynchronous or not; `on_websocket(self, req, ws, …)` for WebSockets.
        suffix: Selects the methods `on_get_<suffix>` and so on.
        **options: Route options; `stream=True` leaves the body unread for `req.stream`.

    Raises:
        BuildError: The resource has no responder, or one takes too few parameters.
    """
    if inspect.isclass(resource):
        raise _is_class(path, resource)
    responders = find_responders(resource, suffix)
    if not responders:
        raise _no_responder(path, resource, suffix)
    state = app.store(State)
    name = options.pop("name", None) or type(resource).__name__
    with app.registering(f"the resource of {path!r}", keeps_routes=True):
        for method, responder in responders.items():
            _check(path, responder)
            route = app.make_route(path, responder, (method,), name=name, paradigm="falcon", **options)
            app.register(replace(route, where=where_is(responder) or route.where, positional=2))
            state.resources[route.endpoint] = resource


#: The templates that the kernel's router expresses: whole segments that are literal or a field without arguments.
_EXPRESSIBLE = re.compile(r"(?:/(?:[^{}]*|\{[A-Za-z_]\w*(?::(?:int|path))?\}))+")


def add_pure_route(app: App, path: str, resource: object, **options: Any) -> None:
    """Register a resource in Falcon's own app: in its router, and in the kernel's where that can express the path."""
    state = app.store(State)
    if state.has_own_router:
        state.router.add_route(path, resource, **options)
        return
    if inspect.isclass(resource):
        raise _is_class(path, resource)
    with app.registering(f"the resource of {path!r}", where_is(type(resource)) or "", keeps_routes=True):
        _register(app, state, path, resource, options)


def _register(app: App, state: State, path: str, resource: object, options: Dict[str, Any]) -> None:
    suffix = options.get("suffix")
    state.registered.append((resource, suffix))
    own = {key: value for key, value in options.items() if key in ("stream", "name", "nonblocking", "max_body")}
    for_router = {key: value for key, value in options.items() if key not in own}
    state.router.add_route(path, resource, **for_router)
    _forget(app, path)
    if not _takes_all(state.router.map_http_methods(resource, suffix=suffix), path):
        state.is_dynamic = True
        return
    is_expressible = _EXPRESSIBLE.fullmatch(path) is not None and is_standard(state.router, path)
    if not is_expressible or ("{" in path and any(overlap(path, other) for other in state.varied)):
        state.is_dynamic = True
        _leave_to_router(app, state, path)
        return
    found = map_http_methods(resource, suffix, state.router.options.default_to_on_request)
    if state.router.options.default_to_on_request and found and "OPTIONS" not in found:
        # COMPAT: the response to OPTIONS names the methods that have a responder of their own
        own_methods = sorted(set(map_http_methods(resource)) - {_WEBSOCKET}) if suffix is None else []
        found["OPTIONS"] = create_default_options(own_methods, asgi=True)
    if not found:
        state.is_dynamic = True  # it has the framework's responders alone
    name = own.pop("name", None) or type(resource).__name__
    for method, responder in found.items():
        route = app.make_route(path, responder, (method,), name=name, paradigm="falcon", **own)
        app.register(replace(route, where=where_is(responder) or route.where, positional=2))
        state.resources[route.endpoint] = resource


def _leave_to_router(app: App, state: State, path: str) -> None:
    """Leave a template to Falcon's router, and those that match the same paths: one router decides which precedes."""
    waiting = [path]
    while waiting:
        given = waiting.pop()
        state.varied.append(given)
        paths = [str(getattr(item, "path", "")) for item in app.registered]
        same = {item for item in paths if "{" in item and overlap(item, given)}
        app.registered[:] = [item for item in app.registered if getattr(item, "path", None) not in same]
        waiting += same


#: The names of the converters that take one segment.
_OF_ONE_SEGMENT = frozenset(name for name, kind in BUILTIN if not kind.CONSUME_MULTIPLE_SEGMENTS)


def _takes_rest(segment: str) -> bool:
    """Return whether a segment of a template may match several of a path."""
    return any(name not in _OF_ONE_SEGMENT for name in re.findall(r"\{\w+:(\w+)", segment))


def overlap(one: str, other: str) -> bool:
    """Return whether two templates may match the same path; fields are taken to match anything."""
    segments, others = one.split("/"), other.split("/")
    for first, second in zip(segments, others):
        if _takes_rest(first) or _takes_rest(second):
            return True
        if "{" not in first and "{" not in second and first != second:
            return False
    return len(segments) == len(others)


def _takes_all(responders: Dict[str, Any], path: str) -> bool:
    """Return whether the responders take all fields of the path; those that don't fail when they are called."""
    names = re.findall(r"\{(\w+)", path)
    for responder in responders.values() if names else ():
        try:
            parameters = inspect.signature(responder).parameters
        except (TypeError, ValueError):
            continue
        takes_any = any(item.kind is item.VAR_KEYWORD for item in parameters.values())
        if not takes_any and not all(name in parameters for name in names):
            return False
    return True


def is_standard(router: Any, path: str) -> bool:
    """Return whether the converters that a template names are Falcon's own."""
    names = re.findall(r":(\w+)\}", path)
    return all(router.options.converters.get(name) is dict(BUILTIN).get(name) for name in names)


def _forget(app: App, path: str) -> None:
    """Remove the routes of a resource that is replaced."""
    app.registered[:] = [item for item in app.registered if getattr(item, "path", None) != path]


def _check(path: str, responder: Any) -> None:
    try:
        parameters = list(inspect.signature(responder).parameters.values())
    except (TypeError, ValueError):
        return
    positional = [item for item in parameters if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD)]
    if len(positional) < 2 and not any(item.kind is item.VAR_POSITIONAL for item in parameters):
        name = getattr(responder, "__qualname__", repr(responder))
        given = ", ".join(item.name for item in parameters) or "nothing"
        raise BuildError(
            f"{where_is(responder)}: {name}() for {path!r} takes {given}: the first two parameters of a "
            "responder are the request and the response: def on_get(self, req, resp)."
        )


def _is_class(path: str, resource: Any) -> BuildError:
    return BuildError(
        f"{where_is(resource)}: add_route({path!r}) was called with the class {resource.__name__} instead of an "
        f"instance: write {resource.__name__}()."
    )


def _no_responder(path: str, resource: Any, suffix: Optional[str]) -> BuildError:
    tail = f"_{suffix}" if suffix else ""
    wanted = [f"on_{method.lower()}{tail}" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
    known = [f"on_{method.lower()}{tail}" for method in METHODS] + [f"on_websocket{tail}"]
    near: List[str] = []
    for name in dir(resource):
        if name.startswith("__") or not callable(getattr(resource, name, None)):
            continue
        close = difflib.get_close_matches(name.lower(), known, 1, 0.75)
        if f"on_{name.lower()}{tail}" in known:
            close = [f"on_{name.lower()}{tail}"]
        if close:
            near.append(f"{name} (did you mean {close[0]}?)")
    kind = SuffixedMethodNotFoundError if suffix else BuildError
    where = where_is(type(resource))
    return kind(
        f"{where}: {type(resource).__name__} for {path!r} has no responder. Expected {', '.join(wanted)} or another "
        f"method.{' It has ' + ', '.join(near) + '.' if near else ''}"
    )
