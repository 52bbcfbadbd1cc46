"""The Sanic paradigm of the Fenrir web framework: listeners, middleware, tasks, blueprints."""

from __future__ import annotations

from . import exceptions, response
from .aliases import sanic as _alias
from .app import DefaultSanic, Sanic
from .blueprint_group import BlueprintGroup
from .blueprints import Blueprint
from .config import Config
from .constants import HTTPMethod
from .exceptions import (
    BadRequest,
    BadURL,
    ContentRangeError,
    ExpectationFailed,
    FileNotFound,
    Forbidden,
    HeaderExpectationFailed,
    HeaderNotFound,
    HTTPException,
    InternalServerError,
    InvalidHeader,
    InvalidRangeType,
    InvalidSignal,
    InvalidUsage,
    MethodNotAllowed,
    MethodNotSupported,
    NotFound,
    PayloadTooLarge,
    RangeNotSatisfiable,
    RequestTimeout,
    SanicException,
    ServerError,
    ServiceUnavailable,
    Unauthorized,
    URLBuildError,
    WebsocketClosed,
)
from .request import File, Request, RequestParameters
from .response import (
    HTTPResponse,
    JSONResponse,
    ResponseStream,
    empty,
    file,
    file_stream,
    html,
    json,
    raw,
    redirect,
    text,
)
from .views import HTTPMethodView
from .websocket import Websocket

#: COMPAT: the release of Sanic whose behaviour is followed; libraries compare it.
__version__ = _alias.version
DefaultRequest = Request

__all__ = [
    "BadRequest",
    "BadURL",
    "Blueprint",
    "BlueprintGroup",
    "Config",
    "DefaultRequest",
    "DefaultSanic",
    "ContentRangeError",
    "ExpectationFailed",
    "File",
    "FileNotFound",
    "Forbidden",
    "HTTPException",
    "HTTPMethod",
    "HTTPMethodView",
    "HTTPResponse",
    "HeaderExpectationFailed",
    "HeaderNotFound",
    "InternalServerError",
    "InvalidHeader",
    "InvalidRangeType",
    "InvalidSignal",
    "InvalidUsage",
    "JSONResponse",
    "MethodNotAllowed",
    "MethodNotSupported",
    "NotFound",
    "PayloadTooLarge",
    "RangeNotSatisfiable",
    "Request",
    "RequestParameters",
    "RequestTimeout",
    "ResponseStream",
    "Sanic",
    "SanicException",
    "ServerError",
    "ServiceUnavailable",
    "URLBuildError",
    "Unauthorized",
    "Websocket",
    "WebsocketClosed",
    "__version__",
    "empty",
    "exceptions",
    "file",
    "file_stream",
    "html",
    "json",
    "raw",
    "redirect",
    "response",
    "text",
]
