"""URLs and their parts."""

from __future__ import annotations

import ipaddress
from typing import Any, Optional, Union
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from fenrir_core.authoring import Scope, escape_path, sent_host, server_host

from .multi_dicts import query_pairs

__all__ = ["URL", "URLPath"]

#: The schemes that use TLS.
SECURE = ("https", "wss")


class URL:
    """A URL and its parts.

    Args:
        url: The whole URL.
        scope: An ASGI scope to build it from instead.
        components: Parts to set: scheme, netloc, hostname, port, path, query, fragment.
    """

    def __init__(self, url: str = "", scope: Optional[Scope] = None, **components: Any) -> None:
        if scope is not None:
            assert not url, 'Cannot set both "url" and "scope".'
            assert not components, 'Cannot set both "scope" and "**components".'
            url = _url_of(scope)
        elif components:
            assert not url, 'Cannot set both "url" and "**components".'
            url = str(URL("").replace(**components))
        self._url = str(url)

    @property
    def components(self) -> SplitResult:
        """The parts."""
        return urlsplit(self._url)

    @property
    def scheme(self) -> str:
        """``http``, ``https``, ``ws`` or ``wss``."""
        return self.components.scheme

    @property
    def netloc(self) -> str:
        """The host and port, with user and password."""
        return self.components.netloc

    @property
    def path(self) -> str:
        """The path as it is sent."""
        return self.components.path

    @property
    def query(self) -> str:
        """The query string."""
        return self.components.query

    @property
    def fragment(self) -> str:
        """What follows ``#``."""
        return self.components.fragment

    @property
    def username(self) -> Optional[str]:
        """The user, or None."""
        return self.components.username

    @property
    def password(self) -> Optional[str]:
        """The password, or None."""
        return self.components.password

    @property
    def hostname(self) -> Optional[str]:
        """The host in lower case."""
        return self.components.hostname

    @property
    def port(self) -> Optional[int]:
        """The port, or None if the URL has none."""
        return self.components.port

    @property
    def is_secure(self) -> bool:
        """Whether the scheme uses TLS."""
        return self.scheme in SECURE

    def replace(self, **kwargs: Any) -> URL:
        """Return the URL with parts replaced: scheme, netloc, username, password, hostname, port, path, …."""
        found = self.components
        if not kwargs.keys().isdisjoint(("username", "password", "hostname", "port")):
            kwargs["netloc"] = _netloc(
                kwargs.pop("hostname", None),
                kwargs.pop("port", found.port),
                kwargs.pop("username", found.username),
                kwargs.pop("password", found.password),
                found.netloc,
            )
        return type(self)(found._replace(**kwargs).geturl())

    def replace_query_params(self, **kwargs: Any) -> URL:
        """Return the URL with these query parameters only."""
        return self.replace(query=urlencode([(key, str(value)) for key, value in kwargs.items()]))

    def remove_query_params(self, keys: Any) -> URL:
        """Return the URL without the query parameters of these names."""
        names = {keys} if isinstance(keys, str) else set(keys)
        return self.replace(query=urlencode([pair for pair in query_pairs(self.query) if pair[0] not in names]))

    def include_query_params(self, **kwargs: Any) -> URL:
        """Return the URL with these query parameters set; other values of the same names are replaced."""
        pairs = [(name, str(kwargs.pop(name)) if name in kwargs else value) for name, value in self._single(kwargs)]
        return self.replace(query=urlencode([*pairs, *((key, str(value)) for key, value in kwargs.items())]))

    def _single(self, names: Any) -> Any:
        """Return the pairs of the query, those of `names` once."""
        seen = set()
        for name, value in query_pairs(self.query):
            if name in names and name in seen:
                continue
            seen.add(name)
            yield name, value

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self._url)

    def __str__(self) -> str:
        return self._url

    def __repr__(self) -> str:
        shown = str(self.replace(password="********")) if self.password else self._url
        return f"{type(self).__name__}({shown!r})"


def _netloc(
    hostname: Optional[str], port: Optional[int], username: Optional[str], password: Optional[str], netloc: str
) -> str:
    """Return what stands before the path; without a host that of the present `netloc`, as it is written there."""
    if hostname is None:
        hostname = netloc.rpartition("@")[2]
        if not hostname.endswith("]"):
            hostname = hostname.rsplit(":", 1)[0]
    elif ":" in hostname and not hostname.startswith("["):
        try:
            hostname = f"[{ipaddress.IPv6Address(hostname)}]"
        except ValueError:
            pass
    found = hostname if port is None else f"{hostname}:{port}"
    if username is None:
        return found
    return f"{username}:{password}@{found}" if password is not None else f"{username}@{found}"


#: What stays as it is in a path that `escape_path` has returned.
_ASCII = "".join(map(chr, range(128)))


def _url_of(scope: Scope) -> str:
    scheme = scope.get("scheme", "http")
    host = sent_host(scope) or server_host(scope)
    path, query = escape_path(scope["path"]), scope.get("query_string", b"").decode("latin-1")
    if not path.isascii():  # RFC 3986, section 2; Starlette leaves it decoded
        path = quote(path, _ASCII, errors="replace")
    if host:
        return SplitResult(scheme, host, path, query, "").geturl()
    if path.startswith("//"):
        path = "/%2F" + path[2:]  # without a host "//" would begin one
    return f"{path}?{query}" if query else path


class URLPath(str):
    """The path of a URL that was built from a route; a str.

    Args:
        path: The path; "//" in front, which would begin a host, is encoded.
        protocol: ``"http"`` or ``"websocket"``, or ``""`` where that is not known.
        host: The host of a route that has one.
    """

    protocol: str
    host: str

    def __new__(cls, path: str, protocol: str = "", host: str = "") -> URLPath:
        """Return the path."""
        assert protocol in ("http", "websocket", "")
        path = path.replace("\\", "%5C")  # which browsers take for a slash
        found = str.__new__(cls, f"/%2F{path[2:]}" if path.startswith("//") else path)
        found.protocol, found.host = protocol, host
        return found

    def make_absolute_url(self, base_url: Union[str, URL]) -> URL:
        """Return the absolute URL: the path below the scheme, host and path of `base_url`."""
        base = urlsplit(str(base_url))
        scheme = base.scheme
        if self.protocol:
            schemes = {"http": ("http", "https"), "websocket": ("ws", "wss")}
            scheme = schemes[self.protocol][scheme in SECURE]
        return URL(urlunsplit((scheme, self.host or base.netloc, f"{base.path.rstrip('/')}{self}", "", "")))
