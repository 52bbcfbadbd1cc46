"""Header values, parsed and compared as Sanic does.

Source: RFC 9110, sections 5.6 and 12.5.1; RFC 7239 (Forwarded).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import unquote

from .exceptions import InvalidHeader
from .helpers import STATUS_CODES

Options = Dict[str, Union[int, str]]
_TOKEN, _QUOTED = r"([\w!#$%&'*+\-.^_`|~]+)", r'"([^"]*)"'
_parameters = re.compile(rf";\s*{_TOKEN}=(?:{_TOKEN}|{_QUOTED})", re.ASCII).finditer
# read from the end, because the last proxy writes last; a token is tried from its first character alone, so that one
# without an end costs linear time
_reversed_pairs = re.compile(rf"(?:(?<![\w!#$%&'*+\-.^_`|~]){_TOKEN}|{_QUOTED})={_TOKEN}\s*($|[;,])", re.ASCII).finditer
_IPV6 = r"(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"
_is_ipv6 = re.compile(_IPV6).fullmatch
_match_host = re.compile(rf"((?:\[{_IPV6}\])|[a-zA-Z0-9.\-]{{1,253}})(?::(\d{{1,5}}))?").fullmatch
_FORWARDED = (
    ("proto", "x-scheme"), ("proto", "x-forwarded-proto"), ("host", "x-forwarded-host"), ("port", "x-forwarded-port"),
    ("path", "x-forwarded-path"),
)  # fmt: skip


class MediaType:
    """A media type of an `Accept` header, with its parameters.

    Args:
        type_, subtype: Its parts; ``*`` is any.
        **params: The parameters; `q` is the weight.
    """

    def __init__(self, type_: str, subtype: str, **params: str) -> None:
        self.type, self.subtype, self.params = type_, subtype, params
        self.q = float(params.get("q", "1.0"))
        self.mime = f"{type_}/{subtype}"
        #: What an `Accept` header is sorted by: weight, then the more specific first.
        self.key = (-self.q, -len(params), subtype == "*", type_ == "*")

    def __repr__(self) -> str:
        return self.mime + "".join(f";{name}={value}" for name, value in self.params.items())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            if ";" in other:
                raise ValueError("Use match() to compare with parameters")
            return self.mime == other
        return self.mime == other.mime if isinstance(other, MediaType) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def match(self, mime_with_params: Union[str, MediaType]) -> Optional[MediaType]:
        """Return this if it matches another one, wildcards of both considered; else None."""
        other = _offered(mime_with_params) if isinstance(mime_with_params, str) else mime_with_params
        if other is None or any(self.params.get(name) != value for name, value in other.params.items()):
            return None
        pairs = ((self.type, other.type), (self.subtype, other.subtype))
        return self if all(mine == theirs or "*" in (mine, theirs) for mine, theirs in pairs) else None

    @property
    def has_wildcard(self) -> bool:
        """Whether a part is ``*``."""
        return "*" in (self.type, self.subtype)


def parse_media_type(text: str) -> Optional[MediaType]:
    """Return the media type of a text; None where there is no "/".

    Raises:
        ValueError: A part is empty, or a parameter has no "=".
    """
    mime, *options = text.strip().split(";")
    if "/" not in text:
        return None
    type_, _, subtype = mime.partition("/")
    if not type_ or not subtype:
        raise ValueError(f"Invalid media type: {text.strip()}")
    params = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals:
            raise ValueError(f"Invalid parameter {option!r}")
        params[name.strip()] = value.strip()
    return MediaType(type_.lstrip(), subtype.rstrip(), **params)


# PERF: what a program offers are a few constants, 2 us each
_offered = lru_cache(maxsize=256)(parse_media_type)


class Matched:
    """What `AcceptList.match` found; false if nothing.

    Args:
        mime: The type that was asked for, or ``""``.
        header: The type in the header that accepts it, or None.
    """

    def __init__(self, mime: str, header: Optional[MediaType]) -> None:
        self.mime, self.header = mime, header

    def __repr__(self) -> str:
        return f"<{self} matched {self.header}>" if self else "<no match>"

    def __str__(self) -> str:
        return self.mime

    def __bool__(self) -> bool:
        return self.header is not None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            parsed = Matched.parse(other)
            equal = self.mime == other or self.header == parsed.header
        elif isinstance(other, Matched):
            parsed, equal = other, self.header == other.header
        else:
            return False
        return equal and bool(self.header) == bool(parsed.header)

    __hash__ = None  # type: ignore[assignment]

    def match(self, other: Union[str, Matched]) -> Optional[Matched]:
        """Return the other one if its type is accepted by this one's."""
        wanted = Matched.parse(other) if isinstance(other, str) else other
        if self.header is None or wanted.header is None:
            return None
        return wanted if self.header.match(wanted.header) else None

    @classmethod
    def parse(cls, raw: str) -> Matched:
        """Return one for a type as it stands in a header."""
        return cls(raw, parse_media_type(raw))


class AcceptList(List[MediaType]):
    """The media types of an `Accept` header, the most wanted first."""

    def match(self, *mimes: str, accept_wildcards: bool = True) -> Matched:
        """Return the best of some types; what the client weighs highest, then what is first in the call.

        Args:
            *mimes: The types on offer.
            accept_wildcards: Whether wildcards of the header count.
        """
        header = [item for item in self if accept_wildcards or not item.has_wildcard]
        found = [
            (-item.q, place, rank, mime, item)
            for rank, item in enumerate(header)
            for place, mime in enumerate(mimes)
            if item.match(mime)
        ]
        best = min(found, key=lambda entry: entry[:3], default=None)
        return Matched("", None) if best is None else Matched(best[3], best[4])

    def __str__(self) -> str:
        return ", ".join(str(item) for item in self)


def parse_accept(accept: Optional[str]) -> AcceptList:
    """Return the media types of an `Accept` header; anything, if there is none.

    Raises:
        InvalidHeader: It has no media type, or a broken one.
    """
    if accept == "":
        return AcceptList()
    try:
        found = [item for item in map(parse_media_type, (accept or "*/*").split(",")) if item is not None]
    except ValueError:
        found = []
    if not found:
        raise InvalidHeader(f"Invalid header value in Accept: {accept}")
    return AcceptList(sorted(found, key=lambda item: item.key))


def parse_content_header(value: str) -> Tuple[str, Options]:
    """Split a header such as `Content-Type` into its value in lower case and its parameters."""
    main, semicolon, rest = value.partition(";")
    options: Options = {
        found.group(1).lower(): (found.group(2) or found.group(3)).replace("%22", '"').replace("%0D%0A", "\n")
        for found in _parameters(semicolon + rest)
    }
    return main.strip().lower(), options


def parse_forwarded(headers: Any, config: Any) -> Optional[Options]:
    """Return what the `Forwarded` header says in the element that has the configured secret."""
    values, secret = headers.getall("forwarded", None), config.FORWARDED_SECRET
    if values is None or not secret:
        return None
    text = ",".join(values)
    if secret not in text:
        return None
    found, end, separator = False, None, ""
    pairs: List[Tuple[str, str]] = []
    for match in _reversed_pairs(text[::-1]):
        if match.start() != end or separator != ";":  # another element
            if found:
                break
            pairs.clear()
        end = match.end()
        token, quoted, name, separator = match.groups()
        name, value = name.lower()[::-1], (token or quoted.replace('"\\', '"'))[::-1]
        pairs.append((name, value))
        found = found or (name in ("secret", "by") and value == secret)
        if found and separator != ";":
            break
    return fwd_normalize(reversed(pairs)) if found else None


def parse_xforwarded(headers: Any, config: Any) -> Optional[Options]:
    """Return what the `X-Forwarded-…` headers say, as far as the configuration trusts them."""
    address = config.REAL_IP_HEADER and headers.getone(config.REAL_IP_HEADER, None)
    count = config.PROXIES_COUNT
    if not address and count:
        values = ",".join(headers.getall(config.FORWARDED_FOR_HEADER, []))
        proxies = [part.strip() for part in values.split(",") if part.strip()]
        address = proxies[-count] if len(proxies) >= count else None
    if not address:
        return None
    pairs = [("for", address), *((name, headers.getone(header, None)) for name, header in _FORWARDED)]
    return fwd_normalize(pairs)


_NORMALIZE: Mapping[str, Callable[[str], Union[int, str]]] = {
    "by": lambda value: fwd_normalize_address(value),
    "for": lambda value: fwd_normalize_address(value),
    "host": str.lower,
    "proto": str.lower,
    "port": int,
    "path": unquote,
}


def fwd_normalize(fwd: Iterable[Tuple[str, Optional[str]]]) -> Options:
    """Return forwarded values in their normal form; those that have none are left out."""
    found: Options = {}
    for name, value in fwd:
        if value is not None:
            try:
                found[name] = _NORMALIZE.get(name, str)(value)
            except ValueError:
                continue
    return found


def fwd_normalize_address(addr: str) -> str:
    """Return an address in lower case, an IPv6 one in brackets.

    Raises:
        ValueError: It is ``unknown``.
    """
    if addr == "unknown":
        raise ValueError("unknown")
    if addr.startswith("_"):
        return addr
    return f"[{addr}]".lower() if _is_ipv6(addr) else addr.lower()


def parse_host(host: str) -> Tuple[Optional[str], Optional[int]]:
    """Return the name, in lower case, and the port of a host; None for what is missing or broken."""
    found = _match_host(host)
    if found is None:
        return None, None
    name, port = found.groups()
    return name.lower(), None if port is None else int(port)


def format_http1_response(status: int, headers: Iterable[Tuple[bytes, bytes]]) -> bytes:
    """Return the head of an HTTP/1.1 response."""
    lines = [b"HTTP/1.1 %d %b" % (status, STATUS_CODES.get(status, b"UNKNOWN"))]
    return b"\r\n".join([*lines, *(b"%b: %b" % pair for pair in headers), b"", b""])


def parse_credentials(
    header: Optional[str], prefixes: Union[Sequence[str], Iterator[str], None] = None
) -> Tuple[Optional[str], Optional[str]]:
    """Split an `Authorization` header into the scheme, if it is one of `prefixes`, and the rest."""
    known = prefixes if prefixes and isinstance(prefixes, (list, tuple, set)) else ("Basic", "Bearer", "Token")
    found = None if header is None else next((prefix for prefix in known if prefix in header), None)
    if header is None or found is None:
        return None, header
    return found, header.partition(found)[2].strip()
