"""The cookies that a response sets.

Source: RFC 6265, section 4.1; RFC 6265bis (SameSite, name prefixes); CHIPS (Partitioned).
"""

from __future__ import annotations

import re
import string
from datetime import datetime
from typing import TYPE_CHECKING, Any, Callable, List, Mapping, Optional, Tuple

from fenrir_core.authoring import check_header

from ..exceptions import ServerError
from ..values import Values

if TYPE_CHECKING:
    from typing_extensions import Literal, TypedDict, Unpack

    from ..compat import Header

    SameSite = Literal["Strict", "Lax", "None", "strict", "lax", "none"]

    class CookieOptions(TypedDict, total=False):
        """The keywords of `Cookie`, for the methods that hand them on."""

        path: str
        domain: Optional[str]
        secure: bool
        max_age: Optional[int]
        expires: Optional[datetime]
        httponly: bool
        samesite: Optional[SameSite]
        partitioned: bool
        comment: Optional[str]
        host_prefix: bool
        secure_prefix: bool


DEFAULT_MAX_AGE = 0
SAMESITE_VALUES = ("strict", "lax", "none")
LEGAL_CHARS = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~:"
_is_legal_key = re.compile(f"[{re.escape(LEGAL_CHARS)}]+").fullmatch
_ESCAPES = {code: f"\\{code:03o}" for code in (*range(32), *b'";\\\x7f')}


def _quote(value: Optional[str]) -> Optional[str]:
    return value if value is None or _is_legal_key(value) else f'"{value.translate(_ESCAPES)}"'


def _checked_max_age(value: Any) -> Any:
    if value is not None and not str(value).isdigit():
        raise ValueError("Cookie max-age must be an integer")
    return value


def _checked_expires(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("Cookie 'expires' property must be a datetime")
    return value


def _checked_samesite(value: Any) -> str:
    if str(value).lower() not in SAMESITE_VALUES:
        raise TypeError(f"Cookie 'samesite' property must be one of: {','.join(SAMESITE_VALUES)}")
    return str(value).title()


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "max_age": _checked_max_age, "expires": _checked_expires, "samesite": _checked_samesite,
}  # fmt: skip


def _attribute(name: str, doc: str) -> Any:
    """Return the property of a cookie's attribute; what it is set to is written to the response."""

    def read(cookie: Cookie) -> Any:
        return cookie._values[name]

    def write(cookie: Cookie, value: Any) -> None:
        check = _CHECKS.get(name)
        cookie._values[name] = value if check is None else check(value)
        if cookie._changed is not None:
            cookie._changed(cookie)

    return property(read, write, doc=doc)


class Cookie:
    """A cookie that a response sets; a change of its attributes changes the response.

    Args:
        key, value: Its name, without prefix, and value.
        path, domain, secure, max_age, expires, httponly, samesite, partitioned, comment: Its attributes.
        host_prefix, secure_prefix: Whether the name gets ``__Host-`` or ``__Secure-``.

    Raises:
        KeyError: The name is not allowed.
        ServerError: The attributes contradict the prefix, so that browsers would drop the cookie.
        TypeError, ValueError: An attribute is no valid value.
    """

    HOST_PREFIX = "__Host-"
    SECURE_PREFIX = "__Secure-"
    _keys = {
        "path": "Path", "comment": "Comment", "domain": "Domain", "max_age": "Max-Age", "expires": "expires",
        "samesite": "SameSite", "secure": "Secure", "httponly": "HttpOnly", "partitioned": "Partitioned",
    }  # fmt: skip
    _reserved = frozenset(name.replace("_", "-") for name in _keys)
    key: str
    _changed: Optional[Callable[[Cookie], None]] = None

    value = _attribute("value", "The value.")
    path = _attribute("path", "The path.")
    expires = _attribute("expires", "When it ends, a datetime in UTC.")
    comment = _attribute("comment", "A comment.")
    domain = _attribute("domain", "The domain.")
    max_age = _attribute("max_age", "Seconds that it lives.")
    secure = _attribute("secure", "Whether it is sent over https only.")
    httponly = _attribute("httponly", "Whether it is hidden from scripts.")
    samesite = _attribute("samesite", "``Strict``, ``Lax`` or ``None``.")
    partitioned = _attribute("partitioned", "Whether browsers keep it apart for each top-level site.")

    def __init__(
        self,
        key: str,
        value: str,
        *,
        path: str = "/",
        domain: Optional[str] = None,
        secure: bool = True,
        max_age: Optional[int] = None,
        expires: Optional[datetime] = None,
        httponly: bool = False,
        samesite: Optional[SameSite] = "Lax",
        partitioned: bool = False,
        comment: Optional[str] = None,
        host_prefix: bool = False,
        secure_prefix: bool = False,
    ) -> None:
        if key in self._reserved:
            raise KeyError("Cookie name is a reserved word")
        if not _is_legal_key(key):
            raise KeyError("Cookie key contains illegal characters")
        check_prefixes(host_prefix, secure_prefix, secure, path, domain)
        if partitioned and not host_prefix:
            raise ServerError("Cannot create a partitioned cookie without also setting host_prefix=True")
        self.key = self.make_key(key, host_prefix, secure_prefix)
        # PERF: what is checked only, 2.3 -> 1.1 us
        self._values: Values = {
            "value": value, "path": path, "comment": comment, "domain": domain,
            "max_age": max_age if max_age is None else _checked_max_age(max_age),
            "expires": expires if expires is None else _checked_expires(expires),
            "samesite": samesite if samesite is None else _checked_samesite(samesite),
            "secure": secure, "httponly": httponly, "partitioned": partitioned,
        }  # fmt: skip

    def __str__(self) -> str:
        parts = [f"{self.key}={_quote(self.value)}"]
        for name, label in self._keys.items():
            value = self._values[name]
            if value is None or value is False:
                continue
            if name == "expires":
                value = value.strftime("%a, %d-%b-%Y %T GMT")
            parts.append(label if value is True else f"{label}={value}")
        return "; ".join(parts)

    @classmethod
    def make_key(cls, key: str, host_prefix: bool = False, secure_prefix: bool = False) -> str:
        """Return a name with its prefix.

        Raises:
            ServerError: Both prefixes are asked for.
        """
        if host_prefix and secure_prefix:
            raise ServerError(
                "Both host_prefix and secure_prefix were requested. A cookie should have only one prefix."
            )
        prefix = cls.HOST_PREFIX if host_prefix else cls.SECURE_PREFIX if secure_prefix else ""
        return prefix + key


def check_prefixes(host_prefix: bool, secure_prefix: bool, secure: bool, path: str, domain: Optional[str]) -> None:
    """Refuse what the prefix of a name contradicts.

    Raises:
        ServerError: Browsers would drop the cookie.
    """
    if host_prefix:
        if not secure:
            raise ServerError("Cannot set host_prefix on a cookie without secure=True")
        if path != "/":
            raise ServerError("Cannot set host_prefix on a cookie unless path='/'")
        if domain:
            raise ServerError("Cannot set host_prefix on a cookie with a defined domain")
    elif secure_prefix and not secure:
        raise ServerError("Cannot set secure_prefix on a cookie without secure=True")


class CookieJar:
    """The cookies that a response sets.

    Args:
        headers: The response's headers, where they are kept.
    """

    HEADER_KEY = "Set-Cookie"

    def __init__(self, headers: Header) -> None:
        self.headers = headers
        self._kept: List[Tuple[Tuple[bytes, bytes], Cookie]] = []

    def __len__(self) -> int:
        return len(self.cookies)

    @property
    def cookies(self) -> List[Cookie]:
        """All cookies, in order."""
        return [self._cookie_of(pair) for pair in self.headers.raw if pair[0] == b"set-cookie"]

    def get_cookie(
        self,
        key: str,
        path: str = "/",
        domain: Optional[str] = None,
        host_prefix: bool = False,
        secure_prefix: bool = False,
    ) -> Optional[Cookie]:
        """Return the cookie of a name, path and domain; None if there is none."""
        name = Cookie.make_key(key, host_prefix, secure_prefix)
        wanted = (name, path, domain)
        return next((item for item in self.cookies if (item.key, item.path, item.domain) == wanted), None)

    def has_cookie(
        self,
        key: str,
        path: str = "/",
        domain: Optional[str] = None,
        host_prefix: bool = False,
        secure_prefix: bool = False,
    ) -> bool:
        """Return whether there is a cookie of a name, path and domain."""
        return self.get_cookie(key, path, domain, host_prefix, secure_prefix) is not None

    def add_cookie(self, key: str, value: str, **options: Unpack[CookieOptions]) -> Cookie:
        """Add a cookie, `Secure` by default; the options are those of `Cookie`."""
        cookie = Cookie(key, value, **options)
        self._keep(cookie)
        return cookie

    def delete_cookie(
        self,
        key: str,
        *,
        path: str = "/",
        domain: Optional[str] = None,
        secure: bool = True,
        host_prefix: bool = False,
        secure_prefix: bool = False,
    ) -> None:
        """Delete a cookie in the client; path and domain must be those it was set with.

        Raises:
            ServerError: The attributes contradict the prefix.
        """
        if host_prefix and not (secure and path == "/" and domain is None):
            raise ServerError("Cannot set host_prefix on a cookie without path='/', domain=None, and secure=True")
        check_prefixes(False, secure_prefix, secure, path, domain)
        found = self.get_cookie(key, path, domain, host_prefix, secure_prefix)
        options: CookieOptions = {
            "path": path, "domain": domain, "secure": secure, "samesite": None, "max_age": 0,
            "host_prefix": host_prefix, "secure_prefix": secure_prefix,
        }  # fmt: skip
        if found is not None:
            options["secure"], options["httponly"] = found.secure, found.httponly
            options["partitioned"], options["samesite"] = found.partitioned, found.samesite
            wanted = (found.key, path, domain)
            kept = [item for item in self.cookies if (item.key, item.path, item.domain) != wanted]
            del self.headers[self.HEADER_KEY]
            self._kept.clear()
            for cookie in kept:
                self._keep(cookie)
        self.add_cookie(key, "", **options)

    def _keep(self, cookie: Cookie) -> None:
        pair = _encode(cookie)
        self._kept.append((pair, cookie))
        cookie._changed = self._rewrite
        self.headers._append(pair)

    def _rewrite(self, cookie: Cookie) -> None:
        for place, (pair, known) in enumerate(self._kept):
            if known is cookie:
                new = _encode(cookie)
                self._kept[place] = new, cookie
                self.headers.raw[:] = [new if item is pair else item for item in self.headers.raw]

    def _cookie_of(self, pair: Tuple[bytes, bytes]) -> Cookie:
        found = next((cookie for known, cookie in self._kept if known is pair), None)
        if found is None:
            found = _read(pair[1].decode("utf-8", "replace"))
            self._kept.append((pair, found))
            found._changed = self._rewrite
        return found


def _encode(cookie: Cookie) -> Tuple[bytes, bytes]:
    pair = b"set-cookie", str(cookie).encode("utf-8", "surrogateescape")
    check_header(*pair)
    return pair


def _read(text: str) -> Cookie:
    """Return the cookie of a header that something else has written."""
    first, *parts = text.split(";")
    key, _, value = first.partition("=")
    attributes = {name.strip().lower(): item.strip() for name, _, item in (part.partition("=") for part in parts)}
    cookie = Cookie("read", value)
    cookie.key = key.strip()
    cookie._values.update(
        path=attributes.get("path"),
        domain=attributes.get("domain"),
        max_age=attributes.get("max-age"),
        samesite=attributes.get("samesite"),
        comment=attributes.get("comment"),
        **{name: name in attributes for name in ("secure", "httponly", "partitioned")},
    )
    return cookie
