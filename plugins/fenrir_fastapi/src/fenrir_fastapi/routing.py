"""Routes and routers, at FastAPI's import path."""

from __future__ import annotations

from .route_contexts import RouteContext, iter_route_contexts
from .router import APIRouter
from .routes import APIRoute, APIWebSocketRoute
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

__all__ = [
    "APIRoute", "APIRouter", "APIWebSocketRoute", "BaseRoute", "Host", "Match", "Mount", "NoMatchFound", "Route",
    "RouteContext", "Router", "WebSocketRoute", "compile_path", "get_name", "iter_route_contexts", "replace_params",
    "request_response", "websocket_session",
]  # fmt: skip
