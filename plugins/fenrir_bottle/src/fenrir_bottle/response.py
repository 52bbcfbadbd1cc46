"""Bottle's response class, and the response of the current request."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, ClassVar, Dict, List, Optional, Tuple, Union

from fenrir_core import Response
from fenrir_core.authoring import encode_header, format_cookie, parse_digits, reason_phrase

from .signing import Secret, sign
from .structures import HeaderDict

_MAX_COOKIE = 4096
#: Headers that a response of this status must not have.
_BAD_HEADERS = {204: frozenset({"Content-Type", "Content-Length"}), 304: frozenset({"Content-Type", "Content-Length"})}


class BaseResponse:
    """A response: status, headers, cookies and a body.

    Args:
        body: What a handler may return.
        status: A number, or a status line such as ``404 Nope``.
        headers: Headers as a mapping or pairs.
        **more_headers: Headers with underscores for dashes.

    Raises:
        ValueError: The status is malformed, or a header contains a control character.
    """

    default_status: ClassVar[int] = 200
    default_content_type: ClassVar[str] = "text/html; charset=UTF-8"

    def __init__(
        self, body: Any = "", status: Union[int, str, None] = None, headers: Any = None, **more_headers: Any
    ) -> None:
        self.body = body
        self._cookies: Dict[str, str] = {}
        self.headers = HeaderDict(headers or ())
        for name, value in more_headers.items():
            self.headers.append(name, value)
        self.status = status or self.default_status

    @property
    def status(self) -> str:
        """The status line; set it as a number or a line."""
        return self.status_line

    @status.setter
    def status(self, status: Union[int, str]) -> None:
        if isinstance(status, int):
            code, line = status, f"{status} {reason_phrase(status) or 'Unknown'}"
        else:
            line = status.strip()
            code = (parse_digits(line[:3]) or 0) if " " in line else 0
        if not 100 <= code <= 999:
            raise ValueError(f"{status!r} is not a status: use a number from 100 to 999, or a line such as '404 Nope'.")
        self.status_code, self.status_line = code, line

    def __contains__(self, name: str) -> bool:
        return name in self.headers

    def __getitem__(self, name: str) -> str:
        return self.headers[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.headers[name] = value

    def __delitem__(self, name: str) -> None:
        del self.headers[name]

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header's value, or `default`."""
        return self.headers.get(name, default)

    def set_header(self, name: str, value: Any) -> None:
        """Set a header's only value."""
        self.headers[name] = value

    def add_header(self, name: str, value: Any) -> None:
        """Add a value to a header."""
        self.headers.append(name, value)

    @property
    def content_type(self) -> str:
        """The `Content-Type`; it can be set."""
        return self.headers.get("Content-Type", self.default_content_type)

    @content_type.setter
    def content_type(self, value: str) -> None:
        self.headers["Content-Type"] = value

    @property
    def charset(self) -> str:
        """The charset of the content type, UTF-8 by default."""
        _, found, charset = self.content_type.partition("charset=")
        return charset.split(";")[0].strip() if found else "UTF-8"

    @property
    def headerlist(self) -> List[Tuple[str, str]]:
        """The headers as they are sent, with cookies."""
        pairs = self.headers.allitems()
        if "Content-Type" not in self.headers:
            pairs.append(("Content-Type", self.default_content_type))
        bad = _BAD_HEADERS.get(self.status_code, frozenset())
        pairs = [(name, value) for name, value in pairs if name not in bad]
        return pairs + [("Set-Cookie", cookie) for cookie in self._cookies.values()]

    def set_cookie(
        self, name: str, value: Any, secret: Optional[Secret] = None, digestmod: Any = hashlib.sha256, **options: Any
    ) -> None:
        """Set a cookie.

        Args:
            name: Its name.
            value: Text; with a `secret` any JSON value.
            secret: Sign the value with it.
            digestmod: The hash of the signature.
            **options: `max_age` (or `maxage`, seconds), `expires`, `domain`, `path`, `secure`,
                `httponly`, `samesite`.

        Raises:
            TypeError: The value is not text and there is no secret.
            ValueError: It is over 4096 bytes, or not a valid cookie.
        """
        if secret:
            value = sign(name, value, secret, digestmod)
        elif not isinstance(value, str):
            raise TypeError(f"The cookie {name!r} is {type(value).__name__}: pass a str, or a secret to sign it with.")
        if len(name) + len(value) > _MAX_COOKIE:
            raise ValueError(f"The cookie {name!r} is over {_MAX_COOKIE} bytes.")
        if "maxage" in options:
            options["max_age"] = options.pop("maxage")
        options.setdefault("path", None)
        options.setdefault("samesite", None)
        self._cookies[name] = format_cookie(name, value, **options)

    def delete_cookie(self, name: str, **options: Any) -> None:
        """Delete a cookie at the client; path and domain must be those it was set with."""
        self.set_cookie(name, "", **{**options, "max_age": 0, "expires": datetime(1970, 1, 2)})

    def apply(self, other: BaseResponse) -> None:
        """Copy status, headers, cookies and body to `other`."""
        other.status_code, other.status_line = self.status_code, self.status_line
        other.body = self.body
        self.copy_to(other)  # one object may be returned for many requests, each with hooks that change it

    def copy_to(self, other: BaseResponse) -> None:
        """Copy headers and cookies to `other`; later changes of one do not affect the other."""
        other.headers = HeaderDict(self.headers.allitems())
        other._cookies = dict(self._cookies)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_line}>"


class LocalResponse(BaseResponse):
    """The response to the current request, whose status, headers and cookies handlers may change."""

    def __init__(self, connection: Any) -> None:
        super().__init__()
        self.connection = connection

    def finish(self, body: Any) -> Response:
        """Return it as a response of the kernel with this body: bytes, or a response whose body is kept."""
        response = body if isinstance(body, Response) else Response(body)
        response.status = self.status_code
        response.raw_headers = [encode_header(name, value) for name, value in self.headerlist]
        return response
