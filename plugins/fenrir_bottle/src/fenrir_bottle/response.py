"""Bottle's response class."""

from __future__ import annotations

import http
import re
from datetime import datetime, timedelta, timezone
from http.cookies import CookieError, SimpleCookie
from typing import (
    Any,
    ClassVar,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from ._flags import depr
from .properties import HeaderProperty, read_length
from .signing import DEFAULT_DIGEST, Digest, Secret, sign
from .structures import HeaderDict, HeaderValue, Values, header_name, header_value
from .texts import http_date, parse_date, to_wire

UTC = timezone.utc
#: The phrases of status codes.
HTTP_CODES: Dict[int, str] = {
    **{int(status): status.phrase for status in http.HTTPStatus},
    418: "I'm a teapot",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    511: "Network Authentication Required",
}
STATUS_LINES = {code: f"{code} {phrase}" for code, phrase in HTTP_CODES.items()}
_MAX_COOKIE = 3800
_ENTITY = frozenset({"Content-Type", "Content-Length"})
#: The attributes of cookies as they are written, in that order.
_ATTRIBUTES = {
    "comment": "Comment",
    "domain": "Domain",
    "expires": "expires",
    "httponly": "HttpOnly",
    "max-age": "Max-Age",
    "partitioned": "Partitioned",
    "path": "Path",
    "samesite": "SameSite",
    "secure": "Secure",
    "version": "Version",
}
_NAME = re.compile(r"[\w!#$%&'*+.^`|~:-]+", re.ASCII).fullmatch
_PLAIN_VALUE = re.compile(r"[\w!#$%&'*+.^`|~:=/?@<>()\[\]{}-]*", re.ASCII).fullmatch
R = TypeVar("R", bound="BaseResponse")
Headers = Union[Mapping[str, HeaderValue], Iterable[Tuple[str, HeaderValue]], None]
Cookie = Tuple[str, Values]


class BaseResponse:
    """A response: status, headers, cookies and a body.

    Iterating it gives parts of the body.

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
    #: Headers that a response of this status must not have.
    bad_headers: ClassVar[Dict[int, FrozenSet[str]]] = {
        204: _ENTITY,
        304: _ENTITY.union(
            {"Allow", "Content-Encoding", "Content-Language", "Content-Range", "Content-Md5", "Last-Modified"}
        ),
    }

    def __init__(
        self, body: Any = "", status: Union[int, str, None] = None, headers: Headers = None, **more_headers: HeaderValue
    ) -> None:
        self._cookies: Dict[str, Cookie] = {}
        self._headers: Dict[str, List[str]] = {}
        self.body = body
        self.status = status or self.default_status
        if headers:
            for name, value in headers.items() if isinstance(headers, Mapping) else headers:
                self.add_header(name, value)
        for name, value in more_headers.items():
            self.add_header(name, value)

    @staticmethod
    def _fresh() -> BaseResponse:
        """Return `BaseResponse()`. PERF: half its cost, for each request."""
        made = BaseResponse.__new__(BaseResponse)
        made._cookies, made._headers, made.body = {}, {}, ""
        code = made._status_code = BaseResponse.default_status
        made._status_line = STATUS_LINES[code]
        return made

    def copy(self, cls: Optional[Type[R]] = None) -> R:
        """Return a copy without the body, of the class `cls`."""
        made = (cls or BaseResponse)()
        self._copy_head(made)
        return made  # type: ignore[return-value]

    def _copy_head(self, other: BaseResponse) -> None:
        other._status_code, other._status_line = self._status_code, self._status_line
        other._headers = {name: list(values) for name, values in self._headers.items()}
        other._cookies = {name: (value, dict(options)) for name, (value, options) in self._cookies.items()}

    def __iter__(self) -> Iterator[Any]:
        return iter(self.body)

    def close(self) -> None:
        """Close the body."""
        if hasattr(self.body, "close"):
            self.body.close()

    # ------------------------------------------------------------ status

    @property
    def status_line(self) -> str:
        """The status line, such as ``404 Not Found``."""
        return self._status_line

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return self._status_code

    @property
    def status(self) -> str:
        """The status line; set it as a number or a line."""
        return self._status_line

    @status.setter
    def status(self, status: Union[int, str]) -> None:
        if isinstance(status, int):
            code, line = int(status), STATUS_LINES.get(status) or f"{int(status)} Unknown"
        else:
            code, line = _parse_status(status)
        if not 100 <= code <= 999:
            raise ValueError(f"{status!r} is not a status: use a number from 100 to 999, or a line such as '404 Nope'.")
        self._status_code: int = code
        self._status_line: str = line

    def _wsgi_status_line(self) -> str:
        """Return the status line as WSGI has it, where each character stands for a byte."""
        return to_wire(self._status_line)

    # ------------------------------------------------------------ headers

    @property
    def headers(self) -> HeaderDict:
        """The headers; changes of it change the response."""
        return HeaderDict.of(self._headers)

    def __contains__(self, name: str) -> bool:
        return header_name(name) in self._headers

    def __getitem__(self, name: str) -> str:
        return self._headers[header_name(name)][-1]

    def __setitem__(self, name: str, value: HeaderValue) -> None:
        self._headers[header_name(name)] = [header_value(value)]

    def __delitem__(self, name: str) -> None:
        del self._headers[header_name(name)]

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header's value, or `default`."""
        return self._headers.get(header_name(name), [default])[-1]

    def set_header(self, name: str, value: HeaderValue) -> None:
        """Set a header's only value."""
        self[name] = value

    def add_header(self, name: str, value: HeaderValue) -> None:
        """Add a value to a header."""
        headers, key = self._headers, header_name(name)
        if key in headers:
            headers[key].append(header_value(value))
        else:
            headers[key] = [header_value(value)]

    def iter_headers(self) -> List[Tuple[str, str]]:
        """Return `headerlist`."""
        return self.headerlist

    @property
    def headerlist(self) -> List[Tuple[str, str]]:
        """The headers as WSGI has them, with cookies, without those that the status forbids."""
        headers, bad = self._headers, self.bad_headers.get(self._status_code, ())
        pairs = [(name, to_wire(value)) for name, values in headers.items() if name not in bad for value in values]
        if "Content-Type" not in headers and "Content-Type" not in bad:
            pairs.append(("Content-Type", self.default_content_type))
        for name, cookie in self._cookies.items():
            pairs.append(("Set-Cookie", to_wire(header_value(_cookie_text(name, cookie)))))
        return pairs

    content_type: HeaderProperty[str] = HeaderProperty("Content-Type")
    content_length: HeaderProperty[int] = HeaderProperty("Content-Length", reader=read_length, default="")
    expires: HeaderProperty[datetime] = HeaderProperty(
        "Expires", reader=lambda text: datetime.fromtimestamp(parse_date(text) or 0, UTC), writer=http_date
    )

    @property
    def charset(self) -> str:
        """The charset of the content type, UTF-8 by default."""
        kinds = self._headers.get("Content-Type")
        if kinds is None:
            return "UTF-8"
        _, found, charset = kinds[-1].rpartition("charset=")
        return charset.split(";")[0].strip() if found else "UTF-8"

    # ------------------------------------------------------------ cookies

    def set_cookie(
        self, name: str, value: Any, secret: Optional[Secret] = None, digestmod: Digest = DEFAULT_DIGEST, **options: Any
    ) -> None:
        """Set a cookie.

        Args:
            name: Its name.
            value: Text; with a `secret` any JSON value.
            secret: Sign the value with it.
            digestmod: The hash of the signature.
            **options: `max_age` (or `maxage`, seconds or a timedelta), `expires`, `domain`, `path`, `secure`,
                `httponly`, `samesite` (or `same_site`).

        Raises:
            TypeError: The value is not text and there is no secret.
            ValueError: It is too long.
            CookieError: The name or an option is not valid.
        """
        if secret:
            if not isinstance(value, str):
                depr(0, 13, "signed cookies with values that are not text.", "store text, for example JSON.")
            value = sign(name, value, secret, digestmod)
        elif not isinstance(value, str):
            raise TypeError(f"The cookie {name!r} is {type(value).__name__}: pass a str, or a secret to sign it with.")
        if len(name) + len(value) > _MAX_COOKIE:
            raise ValueError(f"The cookie {name!r} is over {_MAX_COOKIE} bytes.")
        if not _NAME(name):
            raise CookieError(f"{name!r} can't be the name of a cookie.")
        self._cookies[name] = value, {}
        for key, option in options.items():
            self._set_option(name, key, option)

    def _set_option(self, name: str, key: str, option: Any) -> None:
        if key in ("max_age", "maxage"):
            key = "max-age"
            option = int(option.total_seconds()) if isinstance(option, timedelta) else option
        elif key == "expires":
            option = http_date(option)
        elif key in ("same_site", "samesite"):
            key, option = "samesite", (option or "none").lower()
            if option not in ("lax", "strict", "none"):
                raise CookieError(f"samesite={option!r}: use 'lax', 'strict' or 'none'.")
        if key not in _ATTRIBUTES:
            raise CookieError(f"{key!r} is no attribute of a cookie. There are: {', '.join(_ATTRIBUTES)}.")
        if option or key not in ("secure", "httponly", "partitioned"):
            self._cookies[name][1][key] = option

    def delete_cookie(self, key: str, **kwargs: Any) -> None:
        """Delete a cookie at the client; path and domain must be those it was set with."""
        self.set_cookie(key, "", **{**kwargs, "max_age": -1, "expires": 0})

    def __repr__(self) -> str:
        return "".join(f"{name}: {value}\n" for name, value in self.headerlist)


def _parse_status(line: str) -> Tuple[int, str]:
    if "\n" in line or "\r" in line or "\0" in line:
        raise ValueError(f"The status line {line!r} contains a control character.")
    line = line.strip()
    code, space, _ = line.partition(" ")
    if not space:
        raise ValueError(f"The status line {line!r} has no phrase: write '{line} Some Words', or the number alone.")
    return int(code), line


def _cookie_text(name: str, cookie: Cookie) -> str:
    """Return the text of a `Set-Cookie` header."""
    value, options = cookie
    parts = [f"{name}={value if _PLAIN_VALUE(value) else SimpleCookie().value_encode(value)[1]}"]
    for key in sorted(options):
        option, label = options[key], _ATTRIBUTES[key]
        if option is True:
            parts.append(label)
        elif option not in ("", None, False):
            parts.append(f"{label}={option}")
    return "; ".join(parts)


Response = BaseResponse
