"""The responses, at FastAPI's import path."""

from __future__ import annotations

from .response import EventSourceResponse, ORJSONResponse, UJSONResponse
from .starlette.responses import (
    AsyncContentStream,
    Content,
    ContentStream,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    MalformedRangeHeader,
    PlainTextResponse,
    RangeNotSatisfiable,
    RedirectResponse,
    Response,
    StreamingResponse,
    SyncContentStream,
)

__all__ = [
    "AsyncContentStream", "Content", "ContentStream", "EventSourceResponse", "FileResponse", "HTMLResponse",
    "JSONResponse", "MalformedRangeHeader", "ORJSONResponse", "PlainTextResponse", "RangeNotSatisfiable",
    "RedirectResponse", "Response", "StreamingResponse", "SyncContentStream", "UJSONResponse",
]  # fmt: skip
