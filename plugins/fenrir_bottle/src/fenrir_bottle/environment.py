"""The WSGI environment of a request that came through ASGI."""

from __future__ import annotations

import io
from typing import IO

from fenrir_core import Connection, Request
from fenrir_wsgi import make_environ

from .body import CONNECTION
from .structures import Environ
from .texts import recode

#: The key that holds the connection until the variables of the environment are there.
UNFILLED = "fenrir.unfilled"


def environ_of(connection: Connection) -> Environ:
    """Return the environment of a connection without its variables; see `fill`.

    PERF: most handlers look at the query, the form or a cookie, for which the connection is asked, 14 -> 1 us.
    """
    body = connection.loaded_body if isinstance(connection, Request) and connection.is_loaded else b""
    return {CONNECTION: connection, UNFILLED: connection, "bottle.request.body": io.BytesIO(body)}


def fill(environ: Environ) -> Environ:
    """Put the variables of its connection into an environment, unless they are there; its path is decoded."""
    connection = environ.pop(UNFILLED, None)
    if connection is None:
        return environ
    stream: IO[bytes] = environ["bottle.request.body"]
    environ.update(make_environ(connection.scope, "", stream, None))
    environ["bottle.raw_path"] = environ["PATH_INFO"]
    environ["PATH_INFO"] = environ["bottle.path"] = recode(environ["PATH_INFO"])
    environ["bottle.app"] = connection.app
    route = getattr(getattr(connection.route, "endpoint", None), "bottle_route", None)
    if route is not None:
        environ["bottle.route"] = environ["route.handle"] = route
        environ["route.url_args"] = connection.path_params
    return environ
