"""The FastAPI paradigm of the Fenrir web framework: typed parameters, dependencies, OpenAPI."""

from __future__ import annotations

from fenrir_core import WebSocketDisconnect

from . import status
from ._version import __version__
from .app import FastAPI
from .exceptions import HTTPException, WebSocketException
from .param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from .router import APIRouter
from .starlette.background import BackgroundTasks
from .starlette.datastructures import UploadFile
from .starlette.requests import Request
from .starlette.responses import Response
from .starlette.websockets import WebSocket

__all__ = [
    "APIRouter", "BackgroundTasks", "Body", "Cookie", "Depends", "FastAPI", "File", "Form", "HTTPException", "Header",
    "Path", "Query", "Request", "Response", "Security", "UploadFile", "WebSocket", "WebSocketDisconnect",
    "WebSocketException", "__version__", "status",
]  # fmt: skip
