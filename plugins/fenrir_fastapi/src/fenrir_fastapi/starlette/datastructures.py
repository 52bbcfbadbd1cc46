"""The small types that handlers use: uploads, URLs, addresses, multi-value mappings."""

from __future__ import annotations

from shlex import shlex
from typing import Any, Dict, NamedTuple, Optional, Sequence
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from pydantic_core import core_schema

import fenrir_core
from fenrir_core import Headers, MultiDict, MutableHeaders
from fenrir_core.authoring import escape_path, sent_host, server_host, split_query

__all__ = [
    "URL", "Address", "CommaSeparatedStrings", "FormData", "Headers", "MultiDict", "MutableHeaders", "QueryParams",
    "Secret", "State", "URLPath", "UploadFile",
]  # fmt: skip


class UploadFile(fenrir_core.UploadFile):
    """An uploaded file, see `fenrir_core.UploadFile`; pydantic models may have fields of this type."""

    @classmethod
    def validate(cls, value: Any) -> UploadFile:
        """Return an uploaded file as an object of this class.

        Raises:
            ValueError: `value` is no uploaded file.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, fenrir_core.UploadFile):
            raise ValueError(f"Expected UploadFile, received: {type(value)}")
        return cls(value.filename, value.headers, value.file, value.size)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Return pydantic's schema: the value must be an uploaded file."""
        return core_schema.no_info_plain_validator_function(cls.validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Dict[str, Any]:
        """Return the JSON schema for the OpenAPI document."""
        return {"type": "string", "contentMediaType": "application/octet-stream"}


class Address(NamedTuple):
    """A host and port."""

    host: str
    port: int


class State:
    """An object with whatever attributes are set on it."""

    def __init__(self, values: Optional[Dict[str, Any]] = None) -> None:
        object.__setattr__(self, "_values", {} if values is None else values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"The state has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def __delattr__(self, name: str) -> None:
        del self._values[name]


class LastWins(MultiDict):
    """A multi-value mapping in which `[]` and `get` return the last value of a name (Starlette's rule)."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        return dict(self.pairs)[key]

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:
        """Return the last value of a name, or `default`."""
        return dict(self.pairs).get(key, default)


class QueryParams(LastWins):
    """Query parameters, from pairs, a mapping or a query string."""

    __slots__ = ()

    def __init__(self, source: Any = ()) -> None:
        if isinstance(source, MultiDict):
            source = source.pairs
        elif isinstance(source, (str, bytes)):
            source = split_query(source.encode() if isinstance(source, str) else source)
        elif hasattr(source, "items"):
            source = source.items()
        super().__init__(source)

    def __str__(self) -> str:
        return urlencode(self.pairs)


class FormData(LastWins):
    """The fields of a form: text and `UploadFile` objects."""

    __slots__ = ()

    async def close(self) -> None:
        """Close the files; the request also does so at its end."""
        for _, value in self.pairs:
            if isinstance(value, fenrir_core.UploadFile):
                await value.close()


class URL:
    """A URL and its parts.

    Args:
        url: The whole URL.
        scope: An ASGI scope to build it from instead.
        components: Parts to set: scheme, netloc, hostname, port, path, query, fragment.
    """

    def __init__(self, url: Any = "", scope: Any = None, **components: Any) -> None:
        if scope is not None:
            url = _url_of(scope)
        self._url = str(url)
        if components:
            self._url = str(URL(self._url).replace(**components))

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
        """The host and port."""
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
        return self.scheme in ("https", "wss")

    def replace(self, **parts: Any) -> URL:
        """Return the URL with some parts replaced: scheme, netloc, hostname, port, path, query, fragment."""
        found = self.components
        if "hostname" in parts or "port" in parts or "username" in parts or "password" in parts:
            host = parts.pop("hostname", None) or found.hostname or ""
            host = f"[{host}]" if ":" in host and not host.startswith("[") else host
            port = parts.pop("port", found.port)
            user, password = parts.pop("username", found.username), parts.pop("password", found.password)
            netloc = host if port is None else f"{host}:{port}"
            if user is not None:
                netloc = f"{user}:{password}@{netloc}" if password is not None else f"{user}@{netloc}"
            parts["netloc"] = netloc
        return URL(found._replace(**parts).geturl())

    def replace_query_params(self, **values: Any) -> URL:
        """Return the URL with these query parameters only."""
        return self.replace(query=urlencode([(key, str(value)) for key, value in values.items()]))

    def remove_query_params(self, keys: Any) -> URL:
        """Return the URL without the query parameters of these names."""
        names = {keys} if isinstance(keys, str) else set(keys)
        pairs = split_query(self.query.encode())
        return self.replace(query=urlencode([pair for pair in pairs if pair[0] not in names]))

    def include_query_params(self, **values: Any) -> URL:
        """Return the URL with these query parameters set; other values of the same names are replaced."""
        pairs = [pair for pair in split_query(self.query.encode()) if pair[0] not in values]
        return self.replace(query=urlencode([*pairs, *((key, str(value)) for key, value in values.items())]))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self._url)

    def __str__(self) -> str:
        return self._url

    def __repr__(self) -> str:
        return f"URL({self._url!r})"


def _url_of(scope: Any) -> str:
    scheme = scope.get("scheme", "http")
    host = sent_host(scope) or server_host(scope)
    root, path = scope.get("root_path") or "", scope.get("path", "")
    path = path if path.startswith(root) else root + path
    query = scope.get("query_string", b"").decode("latin-1")
    path = escape_path(quote(path))
    if not host and path.startswith("//"):
        path = "/%2F" + path[2:]  # without a host "//" would begin one
    text = f"{scheme}://{host}{path}" if host else path
    return f"{text}?{query}" if query else text


class URLPath(str):
    """The path of a URL that was built from a route; a str."""

    def make_absolute_url(self, base_url: Any) -> URL:
        """Return the absolute URL: the path below the scheme, host and path of `base_url`."""
        base = URL(str(base_url))
        return base.replace(path=base.path.rstrip("/") + str(self), query="", fragment="")


class Secret:
    """A text whose `repr()` does not show it."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}('**********')"

    def __str__(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)


class CommaSeparatedStrings(Sequence[str]):
    """A sequence of strings, from a list or from comma-separated text."""

    def __init__(self, value: Any) -> None:
        if isinstance(value, str):
            splitter = shlex(value, posix=True)
            splitter.whitespace, splitter.whitespace_split = ",", True
            self._items = [item.strip() for item in splitter]
        else:
            self._items = list(value)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __str__(self) -> str:
        return ", ".join(repr(item) for item in self._items)
