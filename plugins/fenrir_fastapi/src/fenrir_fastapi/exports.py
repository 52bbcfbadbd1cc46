"""What the façade `fenrir` hands on from this plugin."""

from __future__ import annotations

from .datastructures import UploadFile
from .exceptions import HTTPException
from .param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from .routing import APIRouter

__all__ = [
    "APIRouter", "Body", "Cookie", "Depends", "File", "Form", "HTTPException", "Header", "Path", "Query", "Security",
    "UploadFile",
]  # fmt: skip
