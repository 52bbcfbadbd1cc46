"""The check of a request's head, before anything of its body is received.

Source: RFC 9110, sections 5.6.2, 7.2, 9.1 and 15.5.14; RFC 9112, sections 3.2 and 6.3.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Dict, List, Mapping, Optional, Set, Union

from .._types import AppLike, LimitsLike, RouteLike, Scope
from ..exceptions import BadRequest, HTTPError, PayloadTooLarge
from .connection import CompiledRouteLike, Connection
from .hosts import parse_host
from .methods import METHODS, is_method

#: What compiled routes do in place of a call of `check_head`, which looks again where something may be wrong.
# PERF: one walk, 215 ns for 3 headers, 430 for 9
HEAD = """
sent_headers, sent_host, length, head_size = scope["headers"], None, None, 0
for header, content in sent_headers:
    head_size += len(content)
    if header in watched:
        if header == b"host":
            sent_host = content if sent_host is None else b""
        else:
            length = content if length is None and header == b"content-length" else b""
if sent_host not in known_hosts or head_size > $size or len(sent_headers) > $count:
    check_head(request)
elif length is not None and is_doubtful(length, target):
    check_head(request)
$method
"""
_ANY_METHOD = """
if scope["method"] not in METHODS:
    check_method(request)
"""

#: More digits than any length has; an integer of more is not read.
_LENGTH_DIGITS = 20
#: How many valid hosts an app remembers.
_KNOWN_HOSTS = 256
#: The headers that say how long a body is, and all that are looked at before a request is served.
FRAMING = frozenset({b"content-length", b"transfer-encoding"})
WATCHED = FRAMING | {b"host"}


class Hosts:
    """The values of `Host` that an app has found valid, so that each is checked once.

    Attributes:
        known: The values; None is among them where the header may be missing.
    """

    def __init__(self) -> None:
        self.known: Set[Optional[bytes]] = {None}

    def require(self) -> None:
        """Refuse requests by HTTP/1.1 without `Host` from now on."""
        self.known.discard(None)

    def check(self, host: Optional[bytes], scope: Scope) -> None:
        """Remember a host that is valid.

        Raises:
            BadRequest: It is not, or it is missing and has to be there.
        """
        if host is None:
            if scope.get("http_version") == "1.1":
                raise BadRequest("The request has no Host header.", _closing(scope))
            return
        if not _is_host(host):
            raise BadRequest("The Host header is malformed.", _closing(scope))
        if len(self.known) >= _KNOWN_HOSTS:
            self.known.intersection_update({None})
        self.known.add(host)


def known_hosts(app: AppLike) -> Set[Optional[bytes]]:
    """Return the hosts that an app has found valid, a set that goes on changing."""
    hosts = app.store(Hosts)
    if app.settings["require_host"]:
        hosts.require()
    return hosts.known


def require_host(app: AppLike) -> None:
    """Let an app refuse requests by HTTP/1.1 without `Host`, unless its setting `require_host` is false.

    Source: RFC 9112, section 3.2.
    """
    if app.settings["require_host"] is not False:
        app.store(Hosts).require()


@lru_cache(maxsize=_KNOWN_HOSTS)  # PERF: 2 us for each request through ASGI middleware
def _is_host(value: bytes) -> bool:
    return parse_host(str(value, "latin-1")) is not None


def has_sound_host(scope: Scope) -> bool:
    """Return whether the connection has one valid `Host`, or none at all (RFC 9112, section 3.2)."""
    hosts = [value for name, value in scope.get("headers", ()) if name == b"host"]
    return not hosts or (len(hosts) == 1 and _is_host(hosts[0]))


def check_head(connection: Connection) -> None:
    """Refuse a request whose head is malformed or over a limit, before anything of its body is received.

    Compiled routes do the same in place, and call this where something looks wrong.

    Args:
        connection: The connection; its compiled route has the limits.

    Raises:
        BadRequest: `Host` is malformed or repeated, or there are both `Content-Length` and `Transfer-Encoding`.
        HTTPError: 431, there are too many headers, or they are too large.
        PayloadTooLarge: The length of the body is over the limit.
    """
    scope, target = connection.scope, connection.compiled_route
    headers, limits = scope["headers"], target.limits
    total = sum(len(value) for _, value in headers)
    if limits.max_header_size is not None and total > limits.max_header_size:
        raise HTTPError(431, f"The headers have more than {limits.max_header_size} bytes.", _closing(scope))
    if limits.max_headers is not None and len(headers) > limits.max_headers:
        raise HTTPError(431, f"There are more than {limits.max_headers} headers.", _closing(scope))
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        raise BadRequest("There is more than one Host header.", _closing(scope))
    known = target.app.store(Hosts)
    host = hosts[0] if hosts else None
    if host not in known.known:
        known.check(host, scope)
    if len({name for name, _ in headers if name in FRAMING}) > 1:
        raise BadRequest("There are both Content-Length and Transfer-Encoding.", _closing(scope))
    most = target.max_body
    if most is not None and any(name == b"content-length" and _is_over(value, most) for name, value in headers):
        raise too_large(most, scope)


def is_doubtful(length: bytes, target: CompiledRouteLike) -> bool:
    """Return whether `check_head` has to look at the length of a body.

    Args:
        length: The value of `Content-Length`; empty where there is more than that.
        target: The compiled route.
    """
    most = target.max_body  # PERF: `_is_over` in place
    return not length or (
        most is not None and length.isdigit() and (len(length) > _LENGTH_DIGITS or int(length) > most)
    )


def _is_over(length: bytes, limit: int) -> bool:
    return length.isdigit() and (len(length) > _LENGTH_DIGITS or int(length) > limit)


def too_large(limit: int, scope: Scope) -> PayloadTooLarge:
    """Return the error of a body that is over its limit; what the client still sends is not read."""
    return PayloadTooLarge(f"The request body is over the limit of {limit} bytes.", _closing(scope))


def _closing(scope: Scope) -> Optional[Mapping[str, str]]:
    return {"connection": "close"} if str(scope.get("http_version", "")).startswith("1") else None


def check_method(connection: Connection) -> None:
    """Refuse a method that is no token, where a route takes any.

    Raises:
        BadRequest: It is none.
    """
    if not is_method(connection.scope["method"]):
        raise BadRequest("The request method is no token.")


#: The names in the texts.
HEAD_NAMES: Mapping[str, object] = {
    "METHODS": frozenset(METHODS),
    "check_head": check_head,
    "check_method": check_method,
    "is_doubtful": is_doubtful,
    "watched": WATCHED,
}


def head_limits(limits: LimitsLike, route: RouteLike) -> Dict[str, Union[str, List[str]]]:
    """Return what fills the holes of the text for a route."""
    most = (limits.max_header_size, limits.max_headers)
    size, count = (str(sys.maxsize if limit is None else limit) for limit in most)
    method = _ANY_METHOD.strip().split("\n") if "*" in route.methods else []
    return {"size": size, "count": count, "method": method}
