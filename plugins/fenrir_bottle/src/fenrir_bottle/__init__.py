"""The Bottle paradigm of the Fenrir web framework: WSGI mounts, small helpers, and Bottle's own way to write an app."""

from __future__ import annotations

from fenrir_wsgi import mount_wsgi

from ._version import __version__
from .app import Bottle, Route
from .functions import abort, redirect, static_file
from .proxies import request, response
from .request import BaseRequest
from .response import BaseResponse, HTTPError, HTTPResponse
from .structures import FileUpload, FormsDict, HeaderDict

__all__ = [
    "BaseRequest",
    "BaseResponse",
    "Bottle",
    "FileUpload",
    "FormsDict",
    "HTTPError",
    "HTTPResponse",
    "HeaderDict",
    "Route",
    "__version__",
    "abort",
    "mount_wsgi",
    "redirect",
    "request",
    "response",
    "static_file",
]
