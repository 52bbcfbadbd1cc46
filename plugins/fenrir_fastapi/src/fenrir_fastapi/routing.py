"""Routes and routers, at FastAPI's import path."""

from __future__ import annotations

from typing import Any

from .inclusion import RouteContext
from .route_contexts import iter_route_contexts
from .router import APIRouter
from .routes import APIRoute, APIWebSocketRoute
from .starlette.concurrency import run_in_threadpool
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
from .starlette.types import Values

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
