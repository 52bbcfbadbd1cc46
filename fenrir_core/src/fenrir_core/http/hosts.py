"""The grammar of `Host`, and the host that URLs of a request are built with.

A `Host` that is missing, invalid or sent more than once says nothing: the server's own address takes its place, so
that no header can become a part of a URL's path, query or user.

Source: RFC 9110, section 7.2 (`Host`); RFC 3986, section 3.2.2 (`host`); RFC 9112, section 3.2 (one `Host`). Of the
names that RFC 3986 allows, those are accepted that DNS and hosts files have: labels of letters, digits, "-" and "_".
Percent-encoding and marks such as "," or "'" are refused, because clients don't agree on what they mean.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Optional, Tuple

from .._types import Scope

#: The most characters of a name with its dots (RFC 1035, section 2.3.4), and of a whole `Host`.
_LONGEST_NAME, _LONGEST = 255, 255 + len(":65535")
#: The port of a scheme that URLs leave out.
DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_HOST = re.compile(
    r"(?:([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?)"  # a name or an IPv4 address
    r"|\[([0-9A-Fa-f:.]+)\])"  # an IPv6 address
    r"(?::([0-9]{0,5}))?"
)


def parse_host(text: str) -> Optional[Tuple[str, Optional[int]]]:
    """Split a `Host` header into name and port.

    Args:
        text: The header's value, without white space around it.

    Returns:
        The name as it was sent (upper and lower case mean the same; internationalized names stay ``xn--…``), an
        IPv6 address without brackets; and the port, or None if there is none. None if the text is no host.
    """
    found = _HOST.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    name, address, digits = found.groups()
    port = int(digits) if digits else None
    if port is not None and port > 65535:
        return None
    if address is None:
        return (name, port) if len(name) <= _LONGEST_NAME else None
    try:
        IPv6Address(address)
    except ValueError:
        return None
    return address, port


def host_matches(host: str, pattern: str) -> bool:
    """Return whether a host is the one of a pattern; case, a port and a dot at the end of the host make no difference.

    Args:
        host: A host as in a `Host` header, with or without port.
        pattern: A host; ``*.example.com`` for all below ``example.com``, itself not included; ``*`` for every host.

    Returns:
        False for a text that is no host, whatever the pattern. Names are compared label by label.
    """
    parsed = parse_host(host)
    if parsed is None:
        return False
    if pattern == "*":
        return True
    there, wanted = _labels(parsed[0]), _labels(pattern.strip("[]"))
    if wanted[0] != "*":
        return there == wanted
    return len(there) >= len(wanted) and there[1 - len(wanted) :] == wanted[1:]


def _labels(name: str) -> Tuple[str, ...]:
    name = name.lower()
    return tuple((name[:-1] if name.endswith(".") else name).split("."))


def sent_host(scope: Scope) -> Optional[str]:
    """Return the `Host` header as it was sent, or None if it is missing, invalid, or there is more than one."""
    found: Optional[bytes] = None
    for name, value in scope.get("headers", ()):
        if name == b"host":
            if found is not None:
                return None
            found = value
    if not found:
        return None
    text = str(found, "latin-1")
    return None if parse_host(text) is None else text


def server_host(scope: Scope) -> Optional[str]:
    """Return the server's own address as a host, with its port unless that is the scheme's; None if it has none."""
    name, port = scope.get("server") or ("", None)
    name = str(name).partition("%")[0]  # a link-local address names its interface
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    text = name if port in (None, DEFAULT_PORTS.get(scope.get("scheme", "http"))) else f"{name}:{port}"
    return None if parse_host(text) is None else text  # of a Unix socket the name is a path


def host_of(scope: Scope) -> str:
    """Return the host for URLs of a request: the `Host` header if it is valid, else the server's own address.

    Args:
        scope: The ASGI scope of a request or WebSocket.

    Returns:
        A valid host, with its port if that is not the default; ``localhost`` if nothing else is known.
    """
    return sent_host(scope) or server_host(scope) or "localhost"
