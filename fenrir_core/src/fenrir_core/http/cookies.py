"""Cookies: read tolerantly, written strictly.

Source: RFC 6265, section 4.1.1 (Set-Cookie) and 5.4 (Cookie); RFC 6265bis (SameSite,
name prefixes); CHIPS (Partitioned).
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import Dict, Match, Optional, TypedDict, Union

from ..exceptions import InvalidHeader
from .dates import format_date

_is_name = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_is_plain = re.compile(rb"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*").fullmatch  # cookie-octet
_is_attribute = re.compile(r"[\x20-\x3a\x3c-\x7e]*").fullmatch
_is_domain = re.compile(r"\.?[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*").fullmatch
_escape = re.compile(rb"\\(?:([0-3][0-7]{2})|(.))", re.S)
_special = re.compile(rb'[^\x20-\x7e]|["\\,;]')


def parse_cookies(header: str) -> Dict[str, str]:
    """Read a `Cookie` header.

    Args:
        header: The value as latin-1 text; several headers joined by ``"; "``.

    Returns:
        Names and values as UTF-8 text, undecodable bytes replaced. Of a repeated name the first
        value counts: browsers send the cookie with the most specific path first. Quoted values
        are unquoted, parts without "=" are skipped, and percent-encoding is kept.
    """
    cookies: Dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip()
        if equals and name and name not in cookies:
            value = value.strip()
            if not value.isascii() or value[:1] == '"':
                value = _decode(value)
            cookies[name] = value
    return cookies


def _decode(value: str) -> str:
    """Unquote a value, and read its bytes as UTF-8."""
    raw = value.encode("latin-1", "replace")
    if len(raw) > 1 and raw[:1] == raw[-1:] == b'"':
        raw = _escape.sub(_unescape, raw[1:-1])
    return raw.decode("utf-8", "replace")


def _unescape(match: Match[bytes]) -> bytes:
    octal, other = match.groups()
    return bytes([int(octal, 8)]) if octal else bytes(other)


def _escape_byte(match: Match[bytes]) -> bytes:
    byte = match.group()
    return b"\\" + byte if byte in b'"\\' else b"\\%03o" % ord(byte)


def _encode(name: str, value: str) -> str:
    """Return the value as it is sent: unquoted if possible, else quoted with octal escapes of its UTF-8 bytes."""
    try:
        raw = value.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidHeader(f"The value of the cookie {name!r} contains lone surrogates; encode it first.") from None
    if _is_plain(raw):
        return value
    if 13 in raw or 10 in raw or 0 in raw:
        raise InvalidHeader(f"The value of the cookie {name!r} contains CR, LF or NUL; encode it first.")
    return f'"{_special.sub(_escape_byte, raw).decode("ascii")}"'


def _expiry(moment: Union[datetime, int, float, str]) -> str:
    if isinstance(moment, str):
        return moment
    if isinstance(moment, datetime):
        return format_date(moment)
    return format_date(datetime.fromtimestamp(time.time() + moment, timezone.utc))


class CookieOptions(TypedDict, total=False):
    """The attributes of a cookie: the keywords of `format_cookie`, which methods that set cookies pass on."""

    max_age: Union[int, timedelta, None]
    expires: Union[datetime, int, float, str, None]
    path: Optional[str]
    domain: Optional[str]
    secure: bool
    httponly: bool
    samesite: Optional[str]
    partitioned: bool


def format_cookie(
    name: str,
    value: str = "",
    *,
    max_age: Union[int, timedelta, None] = None,
    expires: Union[datetime, int, float, str, None] = None,
    path: Optional[str] = "/",
    domain: Optional[str] = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: Optional[str] = "lax",
    partitioned: bool = False,
) -> str:
    """Return the value of a `Set-Cookie` header.

    Args:
        name: An RFC 6265 token.
        value: Any text without CR, LF and NUL; what RFC 6265 does not allow unquoted is quoted.
        max_age: Seconds, or a duration. 0 deletes the cookie.
        expires: A datetime (UTC if it has no zone), seconds from now, or an HTTP date.
        path: The path, or None to leave it out.
        domain: The domain; international names are written in their ASCII form.
        secure: Whether it is sent over https only.
        httponly: Whether it is hidden from scripts.
        samesite: ``"lax"``, ``"strict"``, ``"none"`` in any case, or None to leave it out.
        partitioned: Whether browsers keep it apart for each top-level site.

    Raises:
        InvalidHeader: The name, the value or an attribute contains characters that are not allowed in it.
        ValueError: Browsers would drop the cookie, because its attributes contradict each other.
    """
    if not _is_name(name):
        raise InvalidHeader(f"The cookie name {name!r} is not a token (RFC 6265, section 4.1.1).")
    _check_flags(name, path, domain, secure, samesite, partitioned)
    parts = [f"{name}={_encode(name, value)}"]
    if domain:
        try:
            host = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        except UnicodeError:
            host = ""
        if not _is_domain(host):
            raise InvalidHeader(f"The domain {domain!r} of the cookie {name!r} is not a host name.")
        parts.append(f"Domain={host}")
    if expires is not None:
        parts.append(f"Expires={_expiry(expires)}")
    if max_age is not None:
        seconds = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
        parts.append(f"Max-Age={int(seconds)}")
    if path is not None:
        parts.append(f"Path={path}")
    for wanted, flag in ((secure, "Secure"), (httponly, "HttpOnly")):
        if wanted:
            parts.append(flag)
    if samesite:
        parts.append(f"SameSite={samesite.capitalize()}")
    if partitioned:
        parts.append("Partitioned")
    for part in parts[1:]:
        if not _is_attribute(part):
            raise InvalidHeader(f"{part!r} of the cookie {name!r} contains characters that end an attribute.")
    return "; ".join(parts)


def _check_flags(
    name: str, path: Optional[str], domain: Optional[str], secure: bool, samesite: Optional[str], partitioned: bool
) -> None:
    """Refuse what browsers drop without a message."""
    if samesite and samesite.lower() not in ("lax", "strict", "none"):
        raise ValueError(f'Cookie {name!r}: samesite is {samesite!r}; use "lax", "strict", "none" or None.')
    if not secure:
        if samesite and samesite.lower() == "none":
            raise ValueError(f'Cookie {name!r}: samesite="none" needs secure=True; browsers drop it otherwise.')
        if partitioned:
            raise ValueError(f"Cookie {name!r}: partitioned=True needs secure=True; browsers drop it otherwise.")
        if name.lower().startswith(("__host-", "__secure-")):
            raise ValueError(f"Cookie {name!r}: this name prefix needs secure=True; browsers drop it otherwise.")
    if name.lower().startswith("__host-") and (domain or path != "/"):
        raise ValueError(f'Cookie {name!r}: the prefix __Host- needs path="/" and no domain.')
