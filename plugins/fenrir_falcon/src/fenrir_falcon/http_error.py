"""The base of Falcon's HTTP errors, and how an error is written as JSON or XML."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core.authoring import SAFE_IN_URL, HeadersInit, dumps

from .deprecation import deprecated
from .status_codes import Status, code_to_http_status, http_status_to_code


def pairs_of(headers: HeadersInit) -> List[Tuple[str, str]]:
    """Return headers as a list of pairs, in which a name may be repeated."""
    return list(headers.items() if isinstance(headers, Mapping) else headers or ())


class HTTPError(KernelHTTPError):
    """An error that ends the request and is written as JSON or XML.

    Args:
        status: A code, an `HTTPStatus` or a status line.
        title: A short text; the status line by default.
        description: What the client should know.
        headers: Additional response headers.
        href, href_text: A link to more information, and its text.
        code: An application-specific error code.
    """

    status: Any
    headers: Optional[Mapping[str, str]] = None
    #: The same as pairs, in which a name may be repeated.
    header_pairs: Sequence[Tuple[str, str]] = ()
    title: str = ""
    description: Optional[str] = None
    code: Optional[int] = None
    link: Optional[Dict[str, str]] = None

    def __init__(
        self,
        status: Status,
        *,
        title: Optional[str] = None,
        description: Optional[str] = None,
        headers: HeadersInit = None,
        href: Optional[str] = None,
        href_text: Optional[str] = None,
        code: Optional[int] = None,
    ) -> None:
        # COMPAT: `args` are the arguments of the class, as Python sets them. PERF: no further `__init__`, 600 ns
        self.status, self.description = status, description
        self.title = line = title or code_to_http_status(status)
        self.detail = description or line
        if headers:
            self.header_pairs = pairs_of(headers)
            self.headers = dict(self.header_pairs)
        if code is not None:
            self.code = code
        if href:
            text = href_text or "Documentation related to this error"
            self.link = {"text": text, "href": quote(href, SAFE_IN_URL), "rel": "help"}

    def __str__(self) -> str:
        return f"{type(self).__name__}: {self.title}" + (f" - {self.description}" if self.description else "")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.status}>"

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return http_status_to_code(self.status)

    def to_dict(self, obj_type: Any = dict) -> Any:
        """Return the fields that are set, in a mapping made by `obj_type`."""
        found = obj_type()
        found["title"] = self.title
        if self.description is not None:
            found["description"] = self.description
        if self.code is not None:
            found["code"] = self.code
        if self.link is not None:
            found["link"] = self.link
        return found

    def to_json(self, handler: Any = None) -> bytes:
        """Return the error as JSON.

        Args:
            handler: A media handler that writes it; the kernel's JSON by default.
        """
        if handler is not None:
            return bytes(handler.serialize(self.to_dict(), "application/json"))
        return dumps(self.to_dict())

    @deprecated("Install a media handler of XML instead.")
    def to_xml(self) -> bytes:
        """Return the error as XML, encoded in UTF-8."""
        return self._to_xml()

    def _to_xml(self) -> bytes:
        """Return the error as XML, encoded in UTF-8."""
        parts = [f"<title>{escape(self.title)}</title>"]
        if self.description is not None:
            parts.append(f"<description>{escape(self.description)}</description>")
        if self.code is not None:
            parts.append(f"<code>{self.code}</code>")
        if self.link is not None:
            inner = "".join(f"<{key}>{escape(self.link[key])}</{key}>" for key in ("text", "href", "rel"))
            parts.append(f"<link>{inner}</link>")
        return ('<?xml version="1.0" encoding="UTF-8"?><error>' + "".join(parts) + "</error>").encode()
