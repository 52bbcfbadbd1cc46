"""The responses, at FastAPI's import path.

Names that are imported `as` themselves are here because code takes them from Starlette's module, which imports them.
"""

from __future__ import annotations

from .response import EventSourceResponse, ORJSONResponse, UJSONResponse
from .starlette.background import BackgroundTask as BackgroundTask
from .starlette.datastructures import URL as URL
from .starlette.datastructures import Headers as Headers
from .starlette.datastructures import MutableHeaders as MutableHeaders
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
from .starlette.types import Message as Message
from .starlette.types import Receive as Receive
from .starlette.types import Scope as Scope
from .starlette.types import Send as Send

__all__ = [
    "AsyncContentStream", "Content", "ContentStream", "EventSourceResponse", "FileResponse", "HTMLResponse",
    "JSONResponse", "MalformedRangeHeader", "ORJSONResponse", "PlainTextResponse", "RangeNotSatisfiable",
    "RedirectResponse", "Response", "StreamingResponse", "SyncContentStream", "UJSONResponse",
]  # fmt: skip
