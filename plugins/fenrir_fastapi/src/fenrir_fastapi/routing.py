"""Routes and routers, at FastAPI's import path."""

from __future__ import annotations

from .route_contexts import RouteContext, iter_route_contexts
from .router import APIRouter, Mount, Router
from .routes import APIRoute, APIWebSocketRoute
from .starlette.routing import BaseRoute, Host, Match, NoMatchFound, Route, WebSocketRoute, compile_path

__all__ = [
    "APIRoute", "APIRouter", "APIWebSocketRoute", "BaseRoute", "Host", "Match", "Mount", "NoMatchFound", "Route",
    "RouteContext", "Router", "WebSocketRoute", "compile_path", "iter_route_contexts",
]  # fmt: skip
