"""Exceptions that end a request or a WebSocket."""

from __future__ import annotations

import json
from typing import Any, Mapping, Optional

from fenrir_core import FenrirError, HTTPError, InvalidJSON
from fenrir_core.authoring import reason_phrase

__all__ = ["HTTPException", "StarletteDeprecationWarning", "WebSocketException"]


class HTTPException(HTTPError):
    """An error that ends the request with a status.

    Args:
        status_code: The status.
        detail: The text or JSON value for the client; the reason phrase by default.
        headers: Extra response headers.
    """

    def __init__(self, status_code: int, detail: Any = None, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(status_code, reason_phrase(status_code) if detail is None else detail, headers)

    @property
    def status_code(self) -> int:
        """The status."""
        return self.status

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status_code={self.status!r}, detail={self.detail!r})"


class WebSocketException(FenrirError):
    """An error that closes the WebSocket.

    Args:
        code: The close code (RFC 6455, section 7.4).
        reason: The reason that the client is sent.
    """

    def __init__(self, code: int, reason: Optional[str] = None) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason or ""

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, reason={self.reason!r})"


class MalformedJSON(InvalidJSON, json.JSONDecodeError):
    """A body that is no JSON: status 400 unless the handler catches it, as ValueError or `json.JSONDecodeError` too.

    Args:
        error: The kernel's error.
        doc: The body.
    """

    def __init__(self, error: InvalidJSON, doc: str) -> None:
        json.JSONDecodeError.__init__(self, error.msg, doc, error.pos)
        self.kind, self.detail, self.headers = error.kind, error.detail, error.headers

    __str__ = ValueError.__str__


class StarletteDeprecationWarning(UserWarning):
    """The warning of what Starlette will remove; it is shown by default, unlike a `DeprecationWarning`."""
