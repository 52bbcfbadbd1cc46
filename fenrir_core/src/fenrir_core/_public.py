"""All names that `fenrir_core` hands out; loaded when the first of them is asked for."""

from __future__ import annotations

from ._version import __version__
from .app import App
from .exceptions import (
    BadRequest,
    BuildError,
    CannotBuildURL,
    ClientDisconnect,
    FenrirError,
    HTTPError,
    InvalidHeader,
    InvalidInput,
    InvalidJSON,
    MethodNotAllowed,
    MissingDependency,
    NoRequest,
    NotFound,
    PayloadTooLarge,
    RangeNotSatisfiable,
    TooManyFields,
    UnsupportedMediaType,
)
from .http.files import FileResponse, safe_join
from .http.headers import Headers, MutableHeaders
from .http.multipart import UploadFile
from .http.query import MultiDict
from .http.request import Connection, Request, current, current_connection, lazy
from .http.response import BackgroundTasks, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from .http.sse import EventBuffer, EventSourceResponse, ServerSentEvent
from .http.streaming import StreamingResponse
from .http.websocket import WebSocket, WebSocketDisconnect
from .hybrid import Fenrir
from .plugins.hookspecs import API_VERSION, hookimpl, hookspec
from .plugins.types import (
    EMPTY,
    AppMethod,
    AppProperty,
    Batch,
    BatchField,
    Build,
    Call,
    Constant,
    CurrentConnection,
    ErrorFormat,
    ExceptionHandler,
    Given,
    Lifespan,
    Middleware,
    Mount,
    OpenAPIPart,
    Param,
    PathValue,
    PluginInfo,
    Provenance,
    Provide,
    QuickBody,
    Resolver,
    Responder,
    Route,
    RouteOption,
    Setting,
    Wrapper,
    quick,
)
from .routing import PathConverter
from .runtime.error_handling import formatted

__all__ = [
    "API_VERSION", "App", "AppMethod", "AppProperty", "BackgroundTasks", "BadRequest", "Batch", "BatchField", "Build",
    "BuildError", "Call", "CannotBuildURL", "ClientDisconnect", "Connection", "Constant", "CurrentConnection", "EMPTY",
    "ErrorFormat", "EventBuffer", "EventSourceResponse", "ExceptionHandler", "Fenrir", "FenrirError", "FileResponse",
    "Given", "HTMLResponse",
    "HTTPError", "Headers", "InvalidHeader", "InvalidInput", "InvalidJSON", "JSONResponse", "Lifespan",
    "MethodNotAllowed", "Middleware", "MissingDependency", "Mount", "MultiDict", "MutableHeaders", "NoRequest",
    "NotFound", "OpenAPIPart", "Param", "PathConverter", "PathValue", "PayloadTooLarge", "PlainTextResponse",
    "PluginInfo", "Provenance", "Provide", "QuickBody", "RangeNotSatisfiable", "RedirectResponse", "Request",
    "Resolver", "Responder", "Response", "Route", "RouteOption", "ServerSentEvent", "Setting", "StreamingResponse",
    "TooManyFields", "UnsupportedMediaType", "UploadFile", "WebSocket", "WebSocketDisconnect", "Wrapper",
    "__version__", "current", "current_connection", "formatted", "hookimpl", "hookspec", "lazy", "quick", "safe_join",
]  # fmt: skip
