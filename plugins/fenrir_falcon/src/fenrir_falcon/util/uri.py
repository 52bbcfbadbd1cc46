"""URLs and their parts, encoded and decoded.

Source: RFC 3986.
"""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Tuple, Union
from urllib.parse import quote, unquote_to_bytes

__all__ = [
    "decode",
    "encode",
    "encode_check_escaped",
    "encode_value",
    "encode_value_check_escaped",
    "parse_host",
    "parse_query_string",
    "unquote_string",
]

_DELIMITERS = ":/?#[]@!$&'()*+,;="
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def encode(uri: str) -> str:
    """Return a URL with all characters percent-encoded that are neither reserved nor unreserved."""
    return quote(uri, _DELIMITERS + "~")


def encode_value(uri: str) -> str:
    """Return a part of a URL with all characters percent-encoded but the unreserved ones."""
    return quote(uri, "~")


def encode_check_escaped(uri: str) -> str:
    """Return what `encode` does, or the URL as it is if it is encoded already."""
    return uri if _is_escaped(uri) else encode(uri)


def encode_value_check_escaped(uri: str) -> str:
    """Return what `encode_value` does, or the text as it is if it is encoded already."""
    return uri if _is_escaped(uri) else encode_value(uri)


def _is_escaped(uri: str) -> bool:
    """Return whether every "%" begins an escape, and there is one."""
    return (
        "%" in uri
        and uri.count("%") == len(_ESCAPE.findall(uri))
        and encode(uri.replace("%", "")) == uri.replace("%", "")
    )


def decode(encoded_uri: str, unquote_plus: bool = True) -> str:
    """Return a percent-encoded text decoded from UTF-8; invalid bytes are replaced.

    Args:
        encoded_uri: The text. An escape that is malformed is kept as it is.
        unquote_plus: Whether "+" is a space.
    """
    text = encoded_uri.replace("+", " ") if unquote_plus and "+" in encoded_uri else encoded_uri
    if "%" not in text:
        return text
    return unquote_to_bytes(text).decode("utf-8", "replace")


def parse_query_string(
    query_string: str, keep_blank: bool = False, csv: bool = False
) -> Dict[str, Union[str, List[str]]]:
    """Return the fields of a query string; the value of a repeated name is a list.

    Args:
        query_string: The text after "?", percent-encoded.
        keep_blank: Whether fields without a value are kept.
        csv: Whether a value with commas is a list; an encoded comma does not separate.
    """
    found: Dict[str, Union[str, List[str]]] = {}
    for field in query_string.split("&"):
        name, _, raw = field.partition("=")
        if not (raw or (keep_blank and name)):
            continue
        name = decode(name)
        values = raw.split(",") if csv and "," in raw else [raw]
        if len(values) > 1 and not keep_blank:
            values = [value for value in values if value]
        decoded = [decode(value) for value in values]
        if name in found:
            there = found[name]
            found[name] = [*(there if isinstance(there, list) else [there]), *decoded]
        else:
            found[name] = decoded if csv and "," in raw else decoded[0]
    return found


def parse_host(host: str, default_port: Optional[int] = None) -> Tuple[str, Optional[int]]:
    """Return the name and the port of ``host:port``, where an IPv6 address may be in brackets.

    Args:
        host: The text, for example the header `Host`.
        default_port: The port if the text has none.

    Raises:
        ValueError: The port is not a number.
    """
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        return name, int(rest[1:]) if rest.startswith(":") and rest[1:] else default_port
    name, colon, port = host.partition(":")
    if not colon or ":" in port:  # more than one colon: an IPv6 address
        return host, default_port
    return name, int(port) if port else default_port


def unquote_string(quoted: str) -> str:
    """Return the text of a quoted string (RFC 9110, section 5.6.4), or the text as it is if it is not quoted."""
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"':
        return quoted
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])
