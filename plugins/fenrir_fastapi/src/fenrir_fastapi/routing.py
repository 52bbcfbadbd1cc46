"""Routes and routers, at FastAPI's import path.

Names that are imported `as` themselves are here because code takes them from FastAPI's module, which imports them.
"""

from __future__ import annotations

from typing import Any

from .datastructures import Default as Default
from .datastructures import DefaultPlaceholder as DefaultPlaceholder
from .encoders import jsonable_encoder as jsonable_encoder
from .exceptions import FastAPIError as FastAPIError
from .exceptions import HTTPException as HTTPException
from .exceptions import RequestValidationError as RequestValidationError
from .exceptions import ResponseValidationError as ResponseValidationError
from .exceptions import WebSocketRequestValidationError as WebSocketRequestValidationError
from .inclusion import RouteContext
from .route_contexts import iter_route_contexts
from .router import APIRouter
from .routes import APIRoute, APIWebSocketRoute
from .sse import EventSourceResponse as EventSourceResponse
from .sse import ServerSentEvent as ServerSentEvent
from .starlette.concurrency import iterate_in_threadpool as iterate_in_threadpool
from .starlette.concurrency import run_in_threadpool
from .starlette.datastructures import URL as URL
from .starlette.datastructures import URLPath as URLPath
from .starlette.middleware import Middleware as Middleware
from .starlette.requests import Request as Request
from .starlette.responses import JSONResponse as JSONResponse
from .starlette.responses import PlainTextResponse as PlainTextResponse
from .starlette.responses import RedirectResponse as RedirectResponse
from .starlette.responses import Response as Response
from .starlette.responses import StreamingResponse as StreamingResponse
from .starlette.routing import (
    BaseRoute,
    Host,
    Match,
    Mount,
    NoMatchFound,
    Route,
    Router,
    WebSocketRoute,
    compile_path,
    get_name,
    replace_params,
    request_response,
    websocket_session,
)
from .starlette.staticfiles import StaticFiles as StaticFiles
from .starlette.types import ASGIApp as ASGIApp
from .starlette.types import Lifespan as Lifespan
from .starlette.types import Receive as Receive
from .starlette.types import Scope as Scope
from .starlette.types import Send as Send
from .starlette.types import Values
from .starlette.websockets import WebSocket as WebSocket
from .types import DecoratedCallable as DecoratedCallable
from .utils import generate_unique_id as generate_unique_id
from .utils import get_value_or_default as get_value_or_default
from .utils import is_body_allowed_for_status_code as is_body_allowed_for_status_code

__all__ = [
    "run_endpoint_function",
    "APIRoute", "APIRouter", "APIWebSocketRoute", "BaseRoute", "Host", "Match", "Mount", "NoMatchFound", "Route",
    "RouteContext", "Router", "WebSocketRoute", "compile_path", "get_name", "iter_route_contexts", "replace_params",
    "request_response", "websocket_session",
]  # fmt: skip


async def run_endpoint_function(*, dependant: Any, values: Values, is_coroutine: bool) -> Any:
    """Return what the function of a dependant returns for values by parameter, called in a thread if it blocks."""
    if is_coroutine:
        return await dependant.call(**values)
    return await run_in_threadpool(dependant.call, **values)
