"""Constants of Falcon's public module: HTTP methods, media types, and texts for booleans."""

from __future__ import annotations

import os
import platform
import sys
from enum import Enum
from typing import FrozenSet, List

__all__ = [
    "ASGI_SUPPORTED",
    "COMBINED_METHODS",
    "DEFAULT_MEDIA_TYPE",
    "FALCON_CUSTOM_HTTP_METHODS",
    "FALCON_SUPPORTED",
    "FALSE_STRINGS",
    "HTTP_METHODS",
    "HTTP_WG_DRAFT_METHODS",
    "IS_64_BITS",
    "MEDIA_BMP",
    "MEDIA_CSV",
    "MEDIA_GIF",
    "MEDIA_HTML",
    "MEDIA_JPEG",
    "MEDIA_JS",
    "MEDIA_JSON",
    "MEDIA_MSGPACK",
    "MEDIA_MULTIPART",
    "MEDIA_PARQUET",
    "MEDIA_PNG",
    "MEDIA_TEXT",
    "MEDIA_URLENCODED",
    "MEDIA_XML",
    "MEDIA_YAML",
    "PYPY",
    "PYTHON_VERSION",
    "SINGLETON_HEADERS",
    "TRUE_STRINGS",
    "WEBDAV_METHODS",
    "WebSocketPayloadType",
]

HTTP_METHODS: List[str] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]
HTTP_WG_DRAFT_METHODS: List[str] = ["QUERY"]
#: Methods of RFC 3253, RFC 4918 and their relatives.
WEBDAV_METHODS: List[str] = [
    "CHECKIN", "CHECKOUT", "COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "UNCHECKIN", "UNLOCK",
    "UPDATE", "VERSION-CONTROL",
]  # fmt: skip
#: The app's own methods, from an environment variable, separated by commas.
FALCON_CUSTOM_HTTP_METHODS: List[str] = [
    method.strip().upper() for method in os.environ.get("FALCON_CUSTOM_HTTP_METHODS", "").split(",") if method.strip()
]
#: The pseudo-method of WebSockets.
WEBSOCKET = "WEBSOCKET"
_META_METHODS = [WEBSOCKET]
COMBINED_METHODS: List[str] = [
    *HTTP_METHODS, *WEBDAV_METHODS, *HTTP_WG_DRAFT_METHODS, *FALCON_CUSTOM_HTTP_METHODS, *_META_METHODS,
]  # fmt: skip

MEDIA_JSON = "application/json"
MEDIA_MSGPACK = "application/msgpack"
MEDIA_PARQUET = "application/vnd.apache.parquet"
MEDIA_MULTIPART = "multipart/form-data"
MEDIA_URLENCODED = "application/x-www-form-urlencoded"
MEDIA_YAML = "application/yaml"
MEDIA_XML = "application/xml"
MEDIA_JS = "text/javascript"
MEDIA_HTML = "text/html; charset=utf-8"
MEDIA_TEXT = "text/plain; charset=utf-8"
MEDIA_CSV = "text/csv; charset=utf-8"
MEDIA_JPEG = "image/jpeg"
MEDIA_PNG = "image/png"
MEDIA_GIF = "image/gif"
MEDIA_BMP = "image/bmp"
DEFAULT_MEDIA_TYPE = MEDIA_JSON

TRUE_STRINGS: FrozenSet[str] = frozenset(("true", "True", "t", "yes", "y", "1", "on"))
FALSE_STRINGS: FrozenSet[str] = frozenset(("false", "False", "f", "no", "n", "0", "off"))
#: Request headers that must not be repeated.
SINGLETON_HEADERS: FrozenSet[str] = frozenset((
    "content-length", "content-type", "cookie", "expect", "from", "host", "max-forwards", "referer", "user-agent",
))  # fmt: skip

PYPY = sys.implementation.name == "pypy"
PYTHON_VERSION = tuple(int(part) for part in platform.python_version().split(".") if part.isdigit())
FALCON_SUPPORTED = True
ASGI_SUPPORTED = True
IS_64_BITS = sys.maxsize > 2**32


class WebSocketPayloadType(Enum):
    """The kinds of messages that `WebSocket.send_media` can send."""

    TEXT = 1
    BINARY = 2
