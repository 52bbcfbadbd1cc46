"""Registration of resources: objects whose `on_<method>` methods, the responders, serve a path."""

from __future__ import annotations

import difflib
import inspect
from dataclasses import replace
from typing import Any, Dict, List, Optional

from fenrir_core import App, AppMethod, BuildError, RouteOption
from fenrir_core.authoring import METHODS, where_is

from . import error_handling, sinks
from .exceptions import SuffixedMethodNotFoundError
from .state import State

#: Methods that a resource can have besides those of HTTP.
WEBDAV_METHODS = (
    "CHECKIN", "CHECKOUT", "COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "UNCHECKIN", "UNLOCK",
    "UPDATE", "VERSION-CONTROL",
)  # fmt: skip
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
        raise BuildError(
            f"{where_is(resource)}: add_route({path!r}) was called with the class {resource.__name__} instead of an "
            f"instance: write {resource.__name__}()."
        )
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
