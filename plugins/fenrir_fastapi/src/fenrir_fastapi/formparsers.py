"""Starlette's parsers of forms, at FastAPI's import path."""

from __future__ import annotations

from .starlette.formparsers import (
    FormMessage,
    FormParser,
    MultiPartException,
    MultiPartParser,
    MultipartPart,
    _user_safe_decode,
)

__all__ = [
    "FormMessage",
    "FormParser",
    "MultiPartException",
    "MultiPartParser",
    "MultipartPart",
    "_user_safe_decode",
]
