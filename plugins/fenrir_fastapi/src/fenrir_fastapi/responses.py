"""Starlette's responses and FastAPI's own, at FastAPI's import path."""

from __future__ import annotations

from .starlette.responses import (
    EventSourceResponse,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    ORJSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
    UJSONResponse,
)

__all__ = [
    "EventSourceResponse", "FileResponse", "HTMLResponse", "JSONResponse", "ORJSONResponse", "PlainTextResponse",
    "RedirectResponse", "Response", "StreamingResponse", "UJSONResponse",
]  # fmt: skip
