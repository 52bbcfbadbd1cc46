"""The FastAPI paradigm of the Fenrir web framework: typed parameters, dependencies, OpenAPI."""

from __future__ import annotations

from fenrir_core import WebSocketDisconnect

from ._version import __version__
from .background import BackgroundTasks
from .datastructures import UploadFile
from .exceptions import HTTPException, WebSocketException
from .param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from .requests import Request
from .responses import Response

__all__ = [
    "BackgroundTasks", "Body", "Cookie", "Depends", "File", "Form", "HTTPException", "Header", "Path", "Query",
    "Request", "Response", "Security", "UploadFile", "WebSocketDisconnect", "WebSocketException", "__version__",
]  # fmt: skip
