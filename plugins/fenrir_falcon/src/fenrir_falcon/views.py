"""The request and response that Falcon's code sees of a connection, in the classes that the app chose."""

from __future__ import annotations

from typing import Any, Callable

from fenrir_core import App, Connection

from .request import Request
from .response import Response
from .state import State


def request_of(connection: Connection) -> Request:
    """Return the one request view of a connection."""
    kind: Any = connection.app.store(State).request_type or Request
    return connection.facade(kind)  # type: ignore[no-any-return]


def request_reader(app: App) -> Callable[[Connection], Request]:
    """Return `request_of` for one app, made at build."""
    state = app.store(State)
    kind: Any = state.request_type or Request
    options = state.req_options
    new = object.__new__ if kind.__init__ is Request.__init__ and kind.__new__ is object.__new__ else None

    def read(connection: Connection) -> Any:
        # PERF: `Connection.facade` and `Request.__init__` written out, half their cost, and the app's options at hand
        views = connection.facades
        found = None if views is None else views.get(kind)
        if found is None:
            if new is None:
                found = kind(connection)
            else:
                found = new(kind)
                found._connection = connection
                found.scope = connection.scope
            found.options = options
            if views is None:
                connection.facades = {kind: found}
            else:
                views[kind] = found
        return found

    return read


def response_reader(app: App) -> Callable[[Connection], Response]:
    """Return `response_of` for one app, made at build."""
    kind: Any = app.store(State).response_type or Response
    new = object.__new__ if kind.__init__ is Response.__init__ and kind.__new__ is object.__new__ else None

    def read(connection: Connection) -> Any:
        views = connection.facades
        if views is None:
            views = connection.facades = {}
        found = views.get(kind)
        if found is None:
            if new is None:
                found = kind(connection)
            else:
                found = new(kind)
                found._connection = connection
            views[kind] = found
        return found

    return read


def response_of(connection: Connection) -> Response:
    """Return the one response view of a connection."""
    kind: Any = connection.app.store(State).response_type or Response
    return connection.facade(kind)  # type: ignore[no-any-return]
