"""Routes and routers, at FastAPI's import path."""

from __future__ import annotations

from .router import (
    APIRoute,
    APIRouter,
    APIWebSocketRoute,
    BaseRoute,
    Host,
    Match,
    Mount,
    NoMatchFound,
    Route,
    RouteContext,
    Router,
    WebSocketRoute,
    compile_path,
    iter_route_contexts,
)

__all__ = [
    "APIRoute", "APIRouter", "APIWebSocketRoute", "BaseRoute", "Host", "Match", "Mount", "NoMatchFound", "Route",
    "RouteContext", "Router", "WebSocketRoute", "compile_path", "iter_route_contexts",
]  # fmt: skip
