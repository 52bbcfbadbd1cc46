"""The WSGI environment of a request that came through ASGI."""

from __future__ import annotations

import io
from typing import IO

from fenrir_core import Connection, Request
from fenrir_wsgi import make_environ

from .body import CONNECTION
from .structures import Environ
from .texts import recode


def environ_of(connection: Connection) -> Environ:
    """Return the environment of a connection; its path is decoded, as Bottle has it."""
    body = connection.loaded_body if isinstance(connection, Request) and connection.is_loaded else b""
    stream: IO[bytes] = io.BytesIO(body)
    environ: Environ = make_environ(connection.scope, "", stream, None)
    environ["bottle.raw_path"] = environ["PATH_INFO"]
    environ["PATH_INFO"] = environ["bottle.path"] = recode(environ["PATH_INFO"])
    environ["bottle.app"] = connection.app
    route = getattr(getattr(connection.route, "endpoint", None), "bottle_route", None)
    if route is not None:
        environ["bottle.route"] = environ["route.handle"] = route
        environ["route.url_args"] = connection.path_params
    environ["bottle.request.body"] = stream
    environ[CONNECTION] = connection
    return environ
