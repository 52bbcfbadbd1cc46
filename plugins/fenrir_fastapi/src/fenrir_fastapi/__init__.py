"""The FastAPI paradigm of the Fenrir web framework: typed parameters, dependencies, OpenAPI."""

from __future__ import annotations

from fenrir_core import WebSocketDisconnect

from . import status
from ._version import __version__
from .applications import FastAPI
from .background import BackgroundTasks
from .datastructures import UploadFile
from .exceptions import HTTPException, WebSocketException
from .param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from .requests import Request
from .responses import Response
from .routing import APIRouter
from .websockets import WebSocket

__all__ = [
    "APIRouter", "BackgroundTasks", "Body", "Cookie", "Depends", "FastAPI", "File", "Form", "HTTPException", "Header",
    "Path", "Query", "Request", "Response", "Security", "UploadFile", "WebSocket", "WebSocketDisconnect",
    "WebSocketException", "__version__", "status",
]  # fmt: skip
