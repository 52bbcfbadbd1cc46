"""FastAPI's own answers to its errors, to be called from handlers of the app's author."""

from __future__ import annotations

from typing import Any

from .encoders import jsonable_encoder
from .starlette.responses import JSONResponse, Response

__all__ = [
    "http_exception_handler",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]

_BODILESS = frozenset((*range(100, 200), 204, 205, 304))


async def http_exception_handler(request: Any, exc: Any) -> Response:
    """Answer an `HTTPException` with its detail, or without a body where its status has none."""
    headers = getattr(exc, "headers", None)
    if exc.status_code in _BODILESS:
        return Response(status_code=exc.status_code, headers=headers)
    return JSONResponse({"detail": exc.detail}, status_code=exc.status_code, headers=headers)


async def request_validation_exception_handler(request: Any, exc: Any) -> JSONResponse:
    """Answer 422 with all mistakes."""
    return JSONResponse({"detail": jsonable_encoder(exc.errors())}, status_code=422)


async def websocket_request_validation_exception_handler(websocket: Any, exc: Any) -> None:
    """Close the WebSocket with 1008 and the mistakes."""
    await websocket.close(code=1008, reason=str(jsonable_encoder(exc.errors()))[:120])
