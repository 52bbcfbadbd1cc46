"""Resources: objects whose `on_<method>` methods answer for a path."""

from __future__ import annotations

import difflib
import inspect
from dataclasses import replace
from typing import Any, Dict, List, Optional

from fenrir_core import App, BuildError
from fenrir_core.authoring import where_is

from .state import Responder, State

#: What a resource can answer to; `on_request` and `on_websocket` come on top.
METHODS = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
WEBDAV_METHODS = (
    "CHECKIN", "CHECKOUT", "COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "UNCHECKIN", "UNLOCK",
    "UPDATE", "VERSION-CONTROL",
)  # fmt: skip
_WEBSOCKET = "WEBSOCKET"


class SuffixedMethodNotFoundError(BuildError):
    """Say that a resource has no responder with the suffix."""


def is_resource(value: Any) -> bool:
    """Return whether a value looks like a resource: any `on_…` method."""
    return any(name.startswith("on_") and callable(getattr(value, name, None)) for name in dir(value))


def is_add_route(args: Any, kwargs: Any) -> bool:
    """Tell a call of Falcon's `add_route(path, resource)` from other paradigms' ways to call it."""
    path = args[0] if args else kwargs.get("path", kwargs.get("uri_template"))
    resource = args[1] if len(args) > 1 else kwargs.get("resource")
    return isinstance(path, str) and not inspect.isroutine(resource) and not hasattr(resource, "view_class")


def find_responders(resource: Any, suffix: Optional[str] = None) -> Dict[str, Any]:
    """Return a resource's responders by HTTP method, a WebSocket's under ``WEBSOCKET``."""
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
    """Answer for a path with a resource.

    Args:
        app: The app.
        path: A template, for example ``/items/{item_id:int}``.
        resource: An object with methods such as `on_get(self, req, resp, **path values)`,
            asynchronous or not; `on_websocket(self, req, ws, …)` for WebSockets.
        suffix: Take the methods `on_get_<suffix>` and so on instead.
        **options: Route options; `stream=True` leaves the body unread for `req.stream`.

    Raises:
        BuildError: The resource has no responder, or one takes too few parameters.
    """
    if inspect.isclass(resource):
        raise BuildError(
            f"{where_is(resource)}: add_route({path!r}) got the class {resource.__name__}, not an object of it: "
            f"write {resource.__name__}()."
        )
    responders = find_responders(resource, suffix)
    if not responders:
        raise _no_responder(path, resource, suffix)
    state = app.store(State)
    for method, responder in responders.items():
        _check(path, responder)
        name = options.get("name") or type(resource).__name__
        extra = {key: value for key, value in options.items() if key != "name"}
        route = app.make_route(path, responder, (method,), name=name, paradigm="falcon", **extra)
        app.register(replace(route, where=where_is(responder) or route.where))
        state.responders[route.endpoint] = Responder(resource, method, path)


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
            f"{where_is(responder)}: {name}() for {path!r} takes {given}: a responder takes the request and the "
            "response first: def on_get(self, req, resp)."
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
        f"{where}: {type(resource).__name__} for {path!r} has no responder. Looked for {', '.join(wanted)} and the "
        f"other methods.{' It has ' + ', '.join(near) + '.' if near else ''}"
    )
