"""All public names of `fenrir_core`; loaded when the first of them is used."""

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
    InvalidBody,
    InvalidHeader,
    InvalidInput,
    InvalidJSON,
    MethodNotAllowed,
    MissingDependency,
    NoRequest,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    RangeNotSatisfiable,
    TooManyFields,
    UnsupportedMediaType,
)
from .http.asgi import ASGIResponse
from .http.connection import Connection, current, current_connection, lazy
from .http.event_buffer import EventBuffer
from .http.files import FileResponse, safe_join
from .http.headers import Headers, MutableHeaders
from .http.multipart import UploadFile
from .http.observing import Observation
from .http.query import MultiDict
from .http.request import Request
from .http.response import (
    BackgroundTasks,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from .http.sse import EventSourceResponse, ServerSentEvent
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
    BodyEncoder,
    Build,
    Call,
    Constant,
    Contribution,
    CurrentConnection,
    Encoder,
    ErrorFormat,
    ExceptionHandler,
    Lifespan,
    MediaType,
    Middleware,
    Mount,
    Observer,
    OpenAPIPart,
    Origin,
    Param,
    ParameterSource,
    PathValue,
    PluginInfo,
    Provide,
    Resolver,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    TemplateContext,
    nonblocking,
)
from .routing import PathConverter
from .runtime.error_handling import error_response

__all__ = [
    "API_VERSION", "ASGIResponse", "App", "AppMethod", "AppProperty", "BackgroundTasks", "BadRequest", "Batch",
    "BatchField", "BodyEncoder", "Build", "BuildError", "Call", "CannotBuildURL", "ClientDisconnect", "Connection",
    "Constant", "Contribution", "CurrentConnection", "EMPTY", "Encoder", "ErrorFormat", "EventBuffer",
    "EventSourceResponse", "ExceptionHandler", "Fenrir", "FenrirError", "FileResponse", "HTMLResponse", "HTTPError",
    "Headers", "InvalidBody", "InvalidHeader", "InvalidInput", "InvalidJSON", "JSONResponse", "Lifespan",
    "MediaType", "MethodNotAllowed", "Middleware", "MissingDependency", "Mount", "MultiDict", "MutableHeaders",
    "NoRequest", "NotFound", "Observation", "Observer", "OpenAPIPart", "Origin", "Param", "ParameterSource",
    "PathConverter", "PathValue", "PayloadTooLarge", "PlainTextResponse", "PluginInfo", "PreconditionFailed",
    "Provide", "RangeNotSatisfiable", "RedirectResponse", "Request", "Resolver", "Response", "ReturnHandler",
    "Route", "RouteHook", "RouteOption", "ServerSentEvent", "Setting", "StreamingResponse", "TemplateContext",
    "TooManyFields", "UnsupportedMediaType", "UploadFile", "WebSocket", "WebSocketDisconnect", "current",
    "current_connection", "error_response", "hookimpl", "hookspec", "lazy", "nonblocking", "safe_join",
    "__version__",
]  # fmt: skip
