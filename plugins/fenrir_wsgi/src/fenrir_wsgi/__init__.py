"""The bridge between ASGI and WSGI: WSGI applications inside a Fenrir app, and Fenrir apps as WSGI callables."""

from __future__ import annotations

from ._version import __version__
from .bridge import WSGIBridge
from .environ import make_environ
from .mounting import mount_wsgi

__all__ = ["WSGIBridge", "__version__", "make_environ", "mount_wsgi"]
