"""The attributes of a request's span.

Source: OpenTelemetry's semantic conventions 1.26 for HTTP, "HTTP server"; the names are text here, because the
package that defines them changes more often than they do.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from fenrir_core.authoring import DEFAULT_PORTS, Scope, parse_host, sent_host

SCHEMA_URL = "https://opentelemetry.io/schemas/1.26.0"
METHOD, METHOD_ORIGINAL = "http.request.method", "http.request.method_original"
STATUS, ROUTE, SCHEME = "http.response.status_code", "http.route", "url.scheme"
VERSION, ERROR_TYPE = "network.protocol.version", "error.type"
KNOWN_METHODS = frozenset("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split())
#: The bucket boundaries that the conventions recommend, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


def describe(scope: Scope) -> Dict[str, Any]:
    """Return the attributes that are known when a request begins, and so can be used for sampling."""
    method = scope.get("method", "GET")  # ASGI: a WebSocket has none; its handshake is a GET
    scheme = scope.get("scheme", "http")
    found = {METHOD: method, "url.path": scope["path"], SCHEME: scheme}
    if method not in KNOWN_METHODS:
        found[METHOD], found[METHOD_ORIGINAL] = "_OTHER", method
    for name, value in scope["headers"]:
        if name == b"user-agent":
            found["user_agent.original"] = value.decode("latin-1")
    address, port = _server(scope, scheme)
    if address:
        found["server.address"] = address
        if port:
            found["server.port"] = port
    client = scope.get("client")
    if client:
        found["client.address"] = client[0]
    version = scope.get("http_version")
    if version:
        found[VERSION] = version
    return found


def _server(scope: Scope, scheme: str) -> Tuple[str, int]:
    """Return the address and port that the client requested, or those of the socket."""
    parsed = parse_host(sent_host(scope) or "")
    if parsed is None:
        server = scope.get("server") or ("", 0)
        return server[0], server[1] or 0
    return parsed[0], parsed[1] or DEFAULT_PORTS.get(scheme, 0)


def error_type(error: BaseException) -> str:
    """Return the full name of an exception's class."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class HeaderGetter:
    """A getter of ASGI headers for propagators; names are compared in lower case."""

    def get(self, carrier: List[Tuple[bytes, bytes]], key: str) -> Any:
        """Return all values of a header, or None."""
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: List[Tuple[bytes, bytes]]) -> List[str]:
        """Return the names of all headers."""
        return [name.decode("latin-1") for name, _ in carrier]
