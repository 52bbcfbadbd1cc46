"""Media handlers: serialize and deserialize bodies by media type."""

from __future__ import annotations

from ..constants import MEDIA_JSON, MEDIA_MULTIPART, MEDIA_URLENCODED
from .base import BaseHandler, BinaryBaseHandlerWS, TextBaseHandlerWS
from .handlers import Handlers, MissingDependencyHandler, msgpack_handler_ws
from .json import JSONHandler, JSONHandlerWS
from .msgpack import MessagePackHandler, MessagePackHandlerWS
from .multipart import MultipartFormHandler
from .types import MediaTypeHandler
from .urlencoded import URLEncodedFormHandler, grouped

__all__ = [
    "MEDIA_JSON",
    "MEDIA_MULTIPART",
    "MEDIA_URLENCODED",
    "BaseHandler",
    "BinaryBaseHandlerWS",
    "Handlers",
    "JSONHandler",
    "JSONHandlerWS",
    "MediaTypeHandler",
    "MessagePackHandler",
    "MessagePackHandlerWS",
    "MissingDependencyHandler",
    "MultipartFormHandler",
    "TextBaseHandlerWS",
    "URLEncodedFormHandler",
    "grouped",
    "msgpack_handler_ws",
]
