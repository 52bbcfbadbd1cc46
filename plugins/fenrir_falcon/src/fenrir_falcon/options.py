"""The options of requests and responses, with Falcon's names and defaults."""

from __future__ import annotations

from typing import Any

from fenrir_core.authoring import did_you_mean

from .media import Handlers


class _Options:
    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(type(self), name):
            hint = did_you_mean(name, [key for key in dir(type(self)) if key[0] != "_"], lead=" ")
            raise AttributeError(f"{type(self).__name__} has no option {name!r}.{hint}")
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

    def __init__(self) -> None:
        self.media_handlers = Handlers()
