"""The Falcon paradigm of the Fenrir web framework: resource classes."""

from __future__ import annotations

from fenrir_core.authoring import format_date as dt_to_http
from fenrir_core.authoring import parse_date as http_date_to_dt

from . import asgi, errors, media, status_codes
from ._version import __version__
from .app import App
from .context import Context
from .cors import CORSMiddleware
from .errors import *  # noqa: F403
from .etags import ETag
from .exceptions import SuffixedMethodNotFoundError
from .hooks import after, before
from .media import MEDIA_JSON, MEDIA_MULTIPART, MEDIA_URLENCODED
from .options import RequestOptions, ResponseOptions
from .redirects import (
    HTTPFound,
    HTTPMovedPermanently,
    HTTPPermanentRedirect,
    HTTPSeeOther,
    HTTPStatus,
    HTTPTemporaryRedirect,
)
from .request import Request
from .response import Response
from .status_codes import *  # noqa: F403
from .websocket import WebSocketDisconnected

__all__ = [
    "App",
    "CORSMiddleware",
    "Context",
    "ETag",
    "HTTPFound",
    "HTTPMovedPermanently",
    "HTTPPermanentRedirect",
    "HTTPSeeOther",
    "HTTPStatus",
    "HTTPTemporaryRedirect",
    "MEDIA_JSON",
    "MEDIA_MULTIPART",
    "MEDIA_URLENCODED",
    "Request",
    "RequestOptions",
    "Response",
    "ResponseOptions",
    "SuffixedMethodNotFoundError",
    "WebSocketDisconnected",
    "__version__",
    "after",
    "asgi",
    "before",
    "dt_to_http",
    "errors",
    "http_date_to_dt",
    "media",
    "status_codes",
]
__all__ += errors.__all__
__all__ += status_codes.__all__
