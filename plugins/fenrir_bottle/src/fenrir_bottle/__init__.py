"""The Bottle paradigm of the Fenrir web framework: apps as Bottle writes them, WSGI mounts and small helpers."""

from __future__ import annotations

from fenrir_wsgi import mount_wsgi

from ._version import __version__
from .app import Bottle
from .exceptions import HTTPError, HTTPResponse
from .functions import abort, redirect, static_file
from .proxies import BaseRequest, BaseResponse, request, response
from .registration import Route
from .running import run
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
    "run",
    "static_file",
]
