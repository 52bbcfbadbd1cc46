"""Starlette's responses and FastAPI's own, at FastAPI's import path."""

from __future__ import annotations

from .response import EventSourceResponse, ORJSONResponse, UJSONResponse
from .starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

__all__ = [
    "EventSourceResponse", "FileResponse", "HTMLResponse", "JSONResponse", "ORJSONResponse", "PlainTextResponse",
    "RedirectResponse", "Response", "StreamingResponse", "UJSONResponse",
]  # fmt: skip
