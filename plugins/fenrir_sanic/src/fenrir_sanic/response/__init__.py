"""Responses, and the functions that make them."""

from __future__ import annotations

from ..helpers import json_dumps
from .convenience import (
    empty,
    file,
    file_stream,
    guess_content_type,
    html,
    json,
    raw,
    redirect,
    text,
    validate_file,
)
from .types import BaseHTTPResponse, HTTPResponse, JSONResponse, ResponseStream

__all__ = (
    "BaseHTTPResponse",
    "HTTPResponse",
    "JSONResponse",
    "ResponseStream",
    "empty",
    "file",
    "file_stream",
    "guess_content_type",
    "html",
    "json",
    "json_dumps",
    "raw",
    "redirect",
    "text",
    "validate_file",
)
