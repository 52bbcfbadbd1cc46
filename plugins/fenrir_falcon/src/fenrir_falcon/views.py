"""The request and response that Falcon's code sees of a connection, in the classes that the app chose."""

from __future__ import annotations

from typing import Any, Callable

from fenrir_core import App, Connection

from .request import Request
from .response import Response
from .state import State


def request_of(connection: Connection) -> Request:
    """Give the one request view of a connection."""
    kind: Any = connection.app.store(State).request_type or Request
    return connection.view(kind)  # type: ignore[no-any-return]


def request_reader(app: App) -> Callable[[Connection], Request]:
    """Give `request_of` for one app, made at build."""
    return _reader(app.store(State).request_type or Request)


def response_reader(app: App) -> Callable[[Connection], Response]:
    """Give `response_of` for one app, made at build."""
    return _reader(app.store(State).response_type or Response)


def _reader(kind: Any) -> Callable[[Connection], Any]:
    def read(connection: Connection) -> Any:
        # PERF: `Connection.view` written out, half its cost
        views = connection._views
        if views is None:
            views = connection._views = {}
        found = views.get(kind)
        if found is None:
            found = views[kind] = kind(connection)
        return found

    return read


def response_of(connection: Connection) -> Response:
    """Give the one response view of a connection."""
    kind: Any = connection.app.store(State).response_type or Response
    return connection.view(kind)  # type: ignore[no-any-return]
