"""The application classes, at FastAPI's and Starlette's import path.

Names that are imported `as` themselves are here because code takes them from FastAPI's module, which imports them.
"""

from __future__ import annotations

from .app import FastAPI
from .exceptions import HTTPException as HTTPException
from .exceptions import RequestValidationError as RequestValidationError
from .params import Depends as Depends
from .starlette.applications import Starlette
from .starlette.datastructures import State as State
from .starlette.middleware import Middleware as Middleware
from .starlette.middleware.base import BaseHTTPMiddleware as BaseHTTPMiddleware
from .starlette.requests import Request as Request
from .starlette.responses import HTMLResponse as HTMLResponse
from .starlette.responses import JSONResponse as JSONResponse
from .starlette.responses import Response as Response
from .starlette.routing import BaseRoute as BaseRoute
from .starlette.types import ASGIApp as ASGIApp
from .starlette.types import Lifespan as Lifespan
from .starlette.types import Receive as Receive
from .starlette.types import Scope as Scope
from .starlette.types import Send as Send

__all__ = ["FastAPI", "Starlette"]
