"""Helpers of tests, at the place where Falcon has them."""

from __future__ import annotations

from ..util.misc import http_now as httpnow
from .environments import (
    DEFAULT_HOST,
    DEFAULT_UA,
    closed_wsgi_iterable,
    create_asgi_req,
    create_environ,
    create_req,
    create_scope,
    create_scope_ws,
    get_encoding_from_headers,
    get_unused_port,
    rand_string,
    redirected,
)
from .events import ASGILifespanEventEmitter, ASGIRequestEventEmitter, ASGIResponseEventCollector
from .websocket import ASGIWebSocketSimulator

__all__ = [
    "DEFAULT_HOST",
    "DEFAULT_UA",
    "ASGILifespanEventEmitter",
    "ASGIRequestEventEmitter",
    "ASGIResponseEventCollector",
    "ASGIWebSocketSimulator",
    "closed_wsgi_iterable",
    "create_asgi_req",
    "create_environ",
    "create_req",
    "create_scope",
    "create_scope_ws",
    "get_encoding_from_headers",
    "get_unused_port",
    "httpnow",
    "rand_string",
    "redirected",
]
