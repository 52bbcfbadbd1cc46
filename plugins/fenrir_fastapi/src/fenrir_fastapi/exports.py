"""The names that the façade `fenrir` re-exports from this plugin."""

from __future__ import annotations

from . import status
from .app import FastAPI
from .exceptions import HTTPException
from .param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from .router import APIRouter
from .starlette.datastructures import UploadFile

__all__ = [
    "APIRouter", "Body", "Cookie", "Depends", "FastAPI", "File", "Form", "HTTPException", "Header", "Path", "Query",
    "Security", "UploadFile", "status",
]  # fmt: skip
