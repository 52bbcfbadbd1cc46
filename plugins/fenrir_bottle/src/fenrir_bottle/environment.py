"""The WSGI environment of a request that came through ASGI."""

from __future__ import annotations

import io
from typing import IO

from fenrir_core import Connection, Request
from fenrir_wsgi import make_environ

from .body import CONNECTION
from .structures import Environ
from .texts import path_of

#: The key that holds the connection until the variables of the environment are there.
UNFILLED = "fenrir.unfilled"


def environ_of(connection: Connection) -> Environ:
    """Return the environment of a connection without its variables; see `fill`.

    PERF: most handlers look at the query, the form or a cookie, for which the connection is asked, 14 -> 1 us.
    """
    return {CONNECTION: connection, UNFILLED: connection}


def body_of(connection: Connection) -> IO[bytes]:
    """Return the body of a connection, which the kernel has read, as a file."""
    return io.BytesIO(connection.loaded_body if isinstance(connection, Request) and connection.is_loaded else b"")


def fill(environ: Environ) -> Environ:
    """Put the variables of its connection into an environment, unless they are there; its path is decoded."""
    connection = environ.pop(UNFILLED, None)
    if connection is None:
        return environ
    body: IO[bytes] = environ.setdefault("bottle.request.body", body_of(connection))
    environ.update(make_environ(connection.scope, "", body, None))
    environ["bottle.raw_path"] = environ["PATH_INFO"]
    environ["PATH_INFO"] = environ["bottle.path"] = path_of(environ["PATH_INFO"])
    environ["bottle.app"] = connection.app
    route = getattr(getattr(connection.route, "endpoint", None), "bottle_route", None)
    if route is not None:
        environ["bottle.route"] = environ["route.handle"] = route
        environ["route.url_args"] = connection.path_params
    return environ
