"""Where a request came from and went to: URL, client, proxies."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple, Union
from urllib.parse import urlunsplit

from fenrir_core import Connection, lazy
from fenrir_core.authoring import Scope, escape_path, parse_host

from ..compat import Header
from ..headers import Options, parse_forwarded, parse_xforwarded
from ..models.server_types import ConnInfo


def sent_path(connection: Connection) -> str:
    """Return the path of a request as it was sent, percent-encoded."""
    raw: bytes = connection.scope.get("raw_path") or b""
    return raw.partition(b"?")[0].decode("latin-1") if raw else escape_path(connection.path)


class Address:
    """The part of a request that names its URL and its client."""

    _connection: Connection
    scope: Scope

    def _config(self, name: str) -> Any:
        return getattr(getattr(self._connection.app, "config", None), name, None)

    @lazy
    def headers(self) -> Header:
        """The headers: case-insensitive, repeats kept; what is set here is seen by whatever serves the request."""
        raw = self.scope["headers"]
        if not isinstance(raw, list):
            raw = self.scope["headers"] = list(raw)
        return Header(raw=raw)

    @lazy
    def path(self) -> str:
        """The path; in Sanic's own app as it was sent, percent-encoded."""
        is_sanic = getattr(self._connection.app, "paradigm", "sanic") == "sanic"
        return sent_path(self._connection) if is_sanic else self._connection.path

    @property
    def raw_path(self) -> bytes:
        """The path as it was sent, percent-encoded."""
        raw: bytes = self.scope.get("raw_path") or escape_path(self._connection.path).encode()
        return raw

    @lazy
    def query_string(self) -> str:
        """The query string, still encoded, without "?"."""
        raw: bytes = self.scope.get("query_string", b"")
        return raw.decode("utf-8", "replace")

    @property
    def raw_url(self) -> bytes:
        """The path and query as they were sent."""
        query: bytes = self.scope.get("query_string", b"")
        return self.raw_path + (b"?" + query if query else b"")

    @lazy
    def conn_info(self) -> ConnInfo:
        """The connection: client, server, whether it is encrypted."""
        server = self.scope.get("server") or ("", 0)
        return ConnInfo(
            client=self.ip, client_ip=self.ip, client_port=self.port, peername=self._connection.client,
            server=server[0], server_port=server[1], sockname=server, ssl=self._connection.scheme in ("https", "wss"),
            server_name=server[0],
        )  # fmt: skip

    @property
    def network_paths(self) -> Optional[List[Any]]:
        """None: the paths of HTTP/3 are the server's."""
        return None

    @property
    def protocol(self) -> Any:
        """The connection, in the place of Sanic's protocol object."""
        return self.conn_info

    @lazy
    def ip(self) -> str:
        """The peer's address as the server saw it, or ``""``."""
        client = self._connection.client
        return client[0] if client is not None else ""

    @lazy
    def port(self) -> int:
        """The peer's port, or 0."""
        client = self._connection.client
        return client[1] if client is not None else 0

    @property
    def socket(self) -> Union[Tuple[str, int], Tuple[None, None]]:
        """The peer's address and port."""
        return self._connection.client or (None, None)

    @lazy
    def forwarded(self) -> Options:
        """What proxies say of the client, as far as the configuration trusts them."""
        config = getattr(self._connection.app, "config", None)
        if not getattr(config, "REAL_IP_HEADER", None) and not (
            getattr(config, "PROXIES_COUNT", None) or getattr(config, "FORWARDED_SECRET", None)
        ):
            return {}
        return parse_forwarded(self.headers, config) or parse_xforwarded(self.headers, config) or {}

    @lazy
    def remote_addr(self) -> str:
        """The client's address as a trusted proxy saw it, or ``""``."""
        return str(self.forwarded.get("for", ""))

    @property
    def client_ip(self) -> str:
        """The client's address: `remote_addr`, else `ip`."""
        return self.remote_addr or self.ip

    @lazy
    def scheme(self) -> str:
        """``http``, ``https``, ``ws`` or ``wss``, as the client sees it."""
        scheme = self._connection.scheme
        if self.headers.get("upgrade", "").lower() == "websocket":
            scheme = scheme.replace("http", "ws")
        server, separator, _ = (self._config("SERVER_NAME") or "").partition("://")
        proto = server if separator else self.forwarded.get("proto")
        return (
            str(proto).replace("http", scheme.rstrip("s") if scheme.startswith("ws") else "http") if proto else scheme
        )

    @lazy
    def host(self) -> str:
        """The host that the client asked for, with the port if it has one; the server's own address if it is broken."""
        name = self._config("SERVER_NAME")
        if name:
            return str(name).rpartition("//")[2].partition("/")[0]
        return str(self.forwarded.get("host") or self._connection.host)

    @property
    def server_name(self) -> str:
        """The host's name without port."""
        name = (parse_host(self.host) or (self.host, None))[0]
        return f"[{name}]" if ":" in name and not name.startswith("[") else name

    @property
    def server_port(self) -> int:
        """The port that the client asked for, else the scheme's own."""
        port = self.forwarded.get("port") or (parse_host(self.host) or (self.host, None))[1]
        return int(port or (80 if self.scheme in ("http", "ws") else 443))

    @property
    def server_path(self) -> str:
        """The path that the client asked for."""
        return str(self.forwarded.get("path") or self.path)

    @property
    def url(self) -> str:
        """The full URL."""
        return urlunsplit((self.scheme, self.host, self.path, self.query_string, ""))

    def url_for(self, view_name: str, **kwargs: Any) -> str:
        """Return the full URL of a route, with the scheme and host of this request.

        Args:
            view_name: The route's name.
            **kwargs: As of `Sanic.url_for`.

        Raises:
            URLBuildError: No route of this name takes these values.
        """
        app: Any = self._connection.app
        if "://" in (self._config("SERVER_NAME") or ""):
            return str(app.url_for(view_name, _external=True, **kwargs))
        scheme, port = self.scheme, self.server_port
        is_default = port == {"http": 80, "ws": 80, "https": 443, "wss": 443}.get(scheme)
        server = self.server_name if is_default else f"{self.server_name}:{port}"
        return str(app.url_for(view_name, _external=True, _scheme=scheme, _server=server, **kwargs))
