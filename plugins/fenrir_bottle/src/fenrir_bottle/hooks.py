"""What runs around a handler: the app's hooks, and the reading of the body."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import Connection, Response, Route, RouteHook

from .exceptions import HTTPError, HTTPResponse
from .response import LocalResponse
from .return_values import to_response
from .state import State

#: Bottle's handlers are synchronous and can't wait for the body, so that it is read before.
_LOADED = RouteHook("bottle body", needs=frozenset({"load"}))


def route_hooks(route: Route) -> Iterable[RouteHook]:
    """Return what runs around a route of Bottle's; nothing for other routes."""
    return [_LOADED] if hasattr(route.endpoint, "bottle_route") else []


def run_before(connection: Connection) -> Optional[HTTPResponse]:
    """Run the before hooks, and return the response that one raised."""
    try:
        for hook in connection.app.store(State).hooks["before_request"]:
            hook()
    except HTTPResponse as response:
        return response
    return None


def run_after(connection: Connection) -> None:
    """Run the after hooks, last one first."""
    for hook in reversed(connection.app.store(State).hooks["after_request"]):
        hook()


def run_after_failure(connection: Connection) -> None:
    """Run the after hooks for a handler that failed: what it had set is dropped, what they set is kept."""
    HTTPError(500).apply(connection.facade(LocalResponse))
    run_after(connection)


def finish(connection: Connection, out: Any) -> Response:
    """Run the after hooks, and turn what a handler returned or raised into the response."""
    local = connection.facade(LocalResponse)
    if isinstance(out, HTTPResponse):
        out.apply(local)
    try:
        run_after(connection)
    except HTTPResponse as response:
        out = response
        out.apply(local)
    return to_response(connection, local, out, applied=True)
