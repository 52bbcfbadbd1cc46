"""Requests, their parameters and their files."""

from __future__ import annotations

from ..parameters_dict import RequestParameters
from .form import File, parse_multipart_form
from .types import Request, RouteInfo, needs_of, request_of, request_reader

__all__ = (
    "File",
    "Request",
    "RequestParameters",
    "RouteInfo",
    "needs_of",
    "parse_multipart_form",
    "request_of",
    "request_reader",
)
