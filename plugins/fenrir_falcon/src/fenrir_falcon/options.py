"""The options of requests and responses, with Falcon's names and defaults."""

from __future__ import annotations

import warnings
from http import HTTPStatus
from mimetypes import MimeTypes
from typing import Any, Dict

from fenrir_core.authoring import did_you_mean

from .asgi_spec import WSCloseCode
from .constants import WebSocketPayloadType
from .deprecation import DeprecatedWarning
from .media import Handlers, JSONHandlerWS, msgpack_handler_ws


class _Options:
    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(type(self), name):
            hint = did_you_mean(name, [key for key in dir(type(self)) if key[0] != "_"], lead=" ")
            raise AttributeError(f"{type(self).__name__} has no option {name!r}.{hint}")
        if name == "auto_parse_form_urlencoded":
            warnings.warn("auto_parse_form_urlencoded is deprecated: use get_media().", DeprecatedWarning, stacklevel=2)
        object.__setattr__(self, name, value)


class RequestOptions(_Options):
    """How requests are read."""

    #: Whether ``?a=`` is a parameter with an empty value; otherwise it is ignored.
    keep_blank_qs_values: bool = True
    #: Whether ``?a=1,2`` is a list.
    auto_parse_qs_csv: bool = False
    #: Whether the fields of a urlencoded body are added to `params`.
    auto_parse_form_urlencoded: bool = False
    #: Whether ``/x/`` is read as ``/x``.
    strip_url_path_trailing_slash: bool = False
    #: The media type of a body without `Content-Type`.
    default_media_type: str = "application/json"
    #: Handlers of bodies by media type.
    media_handlers: Handlers = Handlers()

    def __init__(self) -> None:
        self.media_handlers = Handlers()


class ResponseOptions(_Options):
    """How responses are written."""

    #: Whether cookies are `Secure` unless `set_cookie(secure=False)` is called.
    secure_cookies_by_default: bool = True
    #: The media type of `media`.
    default_media_type: str = "application/json"
    #: Handlers of bodies by media type.
    media_handlers: Handlers = Handlers()
    #: Whether errors are written as XML for clients that prefer it.
    xml_error_serialization: bool = True
    #: The media types of static files by extension.
    static_media_types: Dict[str, str] = {}

    def __init__(self) -> None:
        self.media_handlers = Handlers()
        self.static_media_types = static_media_types()


class WebSocketOptions(_Options):
    """How WebSockets are served."""

    #: The close code where a responder raised an unexpected error.
    error_close_code: int = WSCloseCode.SERVER_ERROR
    #: The reasons that are sent with a close code if none is given.
    default_close_reasons: Dict[int, str] = {}
    #: How many messages are received before the responder asks for them.
    max_receive_queue: int = 4
    #: The handlers of `send_media` and `receive_media` by type of message.
    media_handlers: Dict[WebSocketPayloadType, Any] = {}

    def __init__(self) -> None:
        self.default_close_reasons = close_reasons()
        self.media_handlers = {
            WebSocketPayloadType.TEXT: JSONHandlerWS(),
            WebSocketPayloadType.BINARY: msgpack_handler_ws(),
        }


def static_media_types() -> Dict[str, str]:
    """Return the media types of files by extension, with the dot."""
    types = MimeTypes()
    found = {**types.types_map[0], **types.types_map[1]}
    found.update({
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".json": "application/json",
        ".webmanifest": "application/manifest+json",
        ".xml": "text/xml",
    })  # fmt: skip
    return found


def close_reasons() -> Dict[int, str]:
    """Return the reasons of close codes: 3000 and a status for what HTTP has a status for."""
    found = {status.value + 3000: status.phrase for status in HTTPStatus}
    found.update({
        WSCloseCode.NORMAL: "Normal Closure",
        WSCloseCode.SERVER_ERROR: "Internal Server Error",
        3011: "Internal Server Error",
    })  # fmt: skip
    return found
