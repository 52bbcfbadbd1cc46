"""Starlette's requests, at FastAPI's import path.

Names that are imported `as` themselves are here because code takes them from Starlette's module, which imports them.
"""

from __future__ import annotations

from .starlette.datastructures import URL as URL
from .starlette.datastructures import Address as Address
from .starlette.datastructures import FormData as FormData
from .starlette.datastructures import Headers as Headers
from .starlette.datastructures import QueryParams as QueryParams
from .starlette.datastructures import State as State
from .starlette.requests import (
    ClientDisconnect,
    HTTPConnection,
    Request,
    cookie_parser,
    empty_receive,
    empty_send,
)
from .starlette.types import Message as Message
from .starlette.types import Receive as Receive
from .starlette.types import Scope as Scope
from .starlette.types import Send as Send

__all__ = [
    "ClientDisconnect",
    "HTTPConnection",
    "Request",
    "cookie_parser",
    "empty_receive",
    "empty_send",
]
