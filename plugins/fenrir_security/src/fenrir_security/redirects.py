"""Whether a URL that comes from a client may be redirected to."""

from __future__ import annotations

import re
import unicodedata
from typing import Iterable, Union

from fenrir_core.authoring import DEFAULT_PORTS, host_matches, parse_host

_has_scheme = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):").match
_authority = re.compile(r"//([^/?#]*)").match
_is_control = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]").search


def url_has_allowed_host(
    url: object, allowed_hosts: Union[str, Iterable[str]] = (), require_https: bool = False
) -> bool:
    """Return whether a browser that is redirected to a URL stays on this host or goes to an allowed one.

    Use it on every URL that comes from a client before it becomes a `Location`: the parameter ``next`` of a log-in.

    Args:
        url: What the client sent. Anything but text, and empty text, is refused.
        allowed_hosts: Hosts as ``example.com``, ``example.com:8443`` or ``*.example.com``. One without a port stands
            for the scheme's own port. Without hosts, only URLs without one are allowed, such as ``/account?tab=2``.
        require_https: Whether a URL with a host must be https.

    Returns:
        False for whatever browsers might read as another host: control characters and white space around it, two or
        more slashes or backslashes in front, ``http:///host``, ``http:host``, user names, hosts that are no ASCII
        names or addresses (write internationalized ones as ``xn--…``), and other schemes.

    Source: URL Standard, section 4.4 (basic URL parser); RFC 9700, section 4.11 (open redirectors).
    """
    if not isinstance(url, str) or not url or url != url.strip() or _is_control(url):
        return False
    if unicodedata.category(url[0])[0] in "CZ":  # a byte order mark and the like, which some drop
        return False
    hosts = (allowed_hosts,) if isinstance(allowed_hosts, str) else tuple(allowed_hosts)
    # browsers take a backslash for a slash, other clients don't: it must be right for both
    return _is_allowed(url, hosts, require_https) and (
        "\\" not in url or _is_allowed(url.replace("\\", "/"), hosts, require_https)
    )


def _is_allowed(url: str, hosts: Iterable[str], require_https: bool) -> bool:
    found = _has_scheme(url)
    scheme = found[1].lower() if found else ""
    if scheme not in ("", "http", "https"):
        return False
    rest = url[found.end() :] if found else url
    authority = _authority(rest)
    if authority is None:
        return not scheme  # "http:host" is a host for some
    if require_https and scheme != "https":
        return False
    parsed = parse_host(authority[1])  # an empty one, as in "///host", and one with a user name are none
    return parsed is not None and any(_matches(authority[1], parsed[1], scheme, host) for host in hosts)


def _matches(host: str, port: Union[int, None], scheme: str, allowed: str) -> bool:
    name, _, digits = allowed.rpartition(":")
    if name and digits.isdigit() and (":" not in name or name.endswith("]")):
        wanted, allowed = int(digits), name
        return host_matches(host, allowed) and (port or DEFAULT_PORTS.get(scheme)) == wanted
    return host_matches(host, allowed) and port in (None, DEFAULT_PORTS.get(scheme))
