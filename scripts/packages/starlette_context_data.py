"""starlette-context: both middlewares and their plugins."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette_context import context, plugins
from starlette_context.middleware import ContextMiddleware, RawContextMiddleware

PACKAGE = "starlette-context"
app = FastAPI()
for path, middleware in (("/raw", RawContextMiddleware), ("/base", ContextMiddleware)):
    inner = FastAPI()
    inner.add_middleware(
        middleware, plugins=(plugins.RequestIdPlugin(), plugins.UserAgentPlugin(), plugins.CorrelationIdPlugin())
    )

    @inner.get("/data")
    async def data() -> Any:
        return context.data

    @inner.get("/sync")
    def sync() -> Any:
        context["own"] = 1
        return dict(context)

    app.mount(path, inner)

ID = {"headers": {"x-request-id": "00000000000000000000000000000007"}}
HEADERS = ("x-request-id", "x-correlation-id")
REQUESTS = [
    (method, f"{prefix}{path}", options)
    for prefix in ("/raw", "/base")
    for method, path, options in (
        ("GET", "/data", {}),
        ("GET", "/data", ID),
        ("GET", "/data", {"headers": {"x-request-id": "no id"}}),
        ("GET", "/sync", ID),
        ("POST", "/sync", ID),
    )
]
