"""The bridge between ASGI and WSGI: WSGI applications inside a Fenrir app, and Fenrir apps as WSGI callables."""

from __future__ import annotations

from ._types import Environ, StartResponse, WSGIApp
from ._version import __version__
from .adapter import WSGICallable, as_wsgi
from .bridge import MountOptions, StalledReader, WSGIBridge
from .environ import make_environ
from .lifespan import StartupFailed
from .mounting import mount_wsgi
from .queues import BodyReader, BodyReadError
from .scope import make_scope

__all__ = [
    "BodyReadError",
    "BodyReader",
    "Environ",
    "MountOptions",
    "StalledReader",
    "StartResponse",
    "StartupFailed",
    "WSGIApp",
    "WSGIBridge",
    "WSGICallable",
    "__version__",
    "as_wsgi",
    "make_environ",
    "make_scope",
    "mount_wsgi",
]
