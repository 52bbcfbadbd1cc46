"""What runs around a handler: the app's hooks, and the reading of the body."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import ASGIResponse, Build, Call, Connection, Response, Route, RouteHook
from fenrir_core.authoring import encode_header

from .exceptions import HTTPError, HTTPResponse
from .proxies import fresh_response
from .return_values import to_response
from .state import State

#: Bottle's handlers are synchronous and can't wait for the body, so that it is read before.
_LOADED = RouteHook("bottle body", needs=frozenset({"load"}))


def route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return what runs around a route: for those of Bottle's, whose endpoints run the app's hooks, and for others."""
    if hasattr(route.endpoint, "bottle_route"):
        return [_LOADED]
    # in Bottle's own apps the hooks are for whatever serves, mounts first of all; see `handle_error` for 404 and 405
    return [_OTHERS] if build.app.paradigm == "bottle" and not route.fallback else []


async def _before_others(connection: Connection) -> Optional[Response]:
    """Run the before hooks, and return the response if one of them raised one."""
    hooks = connection.app.store(State).hooks["before_request"]
    return await connection.run_in_thread(_refusal, connection) if hooks else None


def _refusal(connection: Connection) -> Optional[Response]:
    response = run_before(connection)
    return None if response is None else finish(connection, response)


async def _after_others(connection: Connection, response: Response) -> None:
    """Run the after hooks with the status and headers of a mounted app."""
    if isinstance(response, ASGIResponse) and connection.app.store(State).hooks["after_request"]:
        await connection.run_in_thread(_apply_after, connection, response)


def _apply_after(connection: Connection, response: Response) -> None:
    local = connection.facade(fresh_response)
    headers = [(str(name, "latin-1"), str(value, "latin-1")) for name, value in response.raw_headers]
    HTTPResponse(status=int(response.status), headers=headers).apply(local)
    run_after(connection)
    response.status = local.status_code
    response.raw_headers[:] = [encode_header(name, value) for name, value in local.headerlist]


_OTHERS = RouteHook(
    "bottle hooks", Call(_before_others, "async"), Call(_after_others, "async"), kinds=frozenset({"http", "websocket"})
)


def run_before(connection: Connection) -> Optional[HTTPResponse]:
    """Run the before hooks, and return the response that one raised."""
    try:
        for hook in [*connection.app.store(State).hooks["before_request"]]:
            hook()
    except HTTPResponse as response:
        return response
    return None


def run_after(connection: Connection) -> None:
    """Run the after hooks, last one first."""
    for hook in [*connection.app.store(State).hooks["after_request"]]:
        hook()


def run_after_failure(connection: Connection) -> None:
    """Run the after hooks for a handler that failed: what it had set is dropped, what they set is kept."""
    HTTPError(500).apply(connection.facade(fresh_response))
    run_after(connection)


def finish(connection: Connection, out: Any) -> Response:
    """Run the after hooks, and turn what a handler returned or raised into the response."""
    local = connection.facade(fresh_response)
    if isinstance(out, HTTPResponse):
        out.apply(local)
    try:
        run_after(connection)
    except HTTPResponse as response:
        out = response
        out.apply(local)
    return to_response(connection, local, out, applied=True)
