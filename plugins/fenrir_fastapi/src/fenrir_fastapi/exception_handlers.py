"""FastAPI's exception handlers, to be called from those of the app's author, at FastAPI's import path.

Names that are imported `as` themselves are here because code takes them from FastAPI's module, which imports them.
"""

from __future__ import annotations

from .encoders import jsonable_encoder as jsonable_encoder
from .error_handling import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from .exceptions import HTTPException as HTTPException
from .exceptions import RequestValidationError as RequestValidationError
from .exceptions import WebSocketRequestValidationError as WebSocketRequestValidationError
from .starlette.requests import Request as Request
from .starlette.responses import JSONResponse as JSONResponse
from .starlette.responses import Response as Response
from .starlette.websockets import WebSocket as WebSocket
from .utils import is_body_allowed_for_status_code as is_body_allowed_for_status_code

__all__ = [
    "http_exception_handler",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]
