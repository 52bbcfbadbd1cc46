"""Flask's request: a facade of the kernel's connection."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple, Union, cast
from urllib.parse import quote

import fenrir_core
from fenrir_core import Connection, Headers, InvalidBody, InvalidJSON, NoRequest, UnsupportedMediaType, UploadFile, lazy
from fenrir_core.authoring import (
    BODY_METHODS,
    SAFE_IN_PATH,
    SAFE_METHODS,
    escape_path,
    is_json_type,
    local_path,
    parse_digits,
    parse_options,
    split_query,
)

from .structures import Accept, Authorization, FileStorage, MultiDict, UserAgent

_NOTHING: Any = object()
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NO_BODY = SAFE_METHODS - BODY_METHODS


class Rule:
    """The URL rule of a route.

    Args:
        rule: The path template, as it was written.
        endpoint: The name of the route.
        methods: Its methods.
    """

    def __init__(self, rule: str, endpoint: str, methods: Tuple[str, ...]) -> None:
        self.rule, self.endpoint = rule, endpoint
        self.methods = frozenset(methods) | ({"HEAD", "OPTIONS"} if "GET" in methods else {"OPTIONS"})

    def __str__(self) -> str:
        return self.rule


class Request:
    """The request, with Flask's names.

    The body is read before the handler runs (see the route option `stream`), so that
    everything here is synchronous, in `async def` handlers too.

    Args:
        connection: The kernel's request or WebSocket.

    Raises:
        NoRequest: The connection is neither a request nor a WebSocket, as in an app context.
    """

    def __init__(self, connection: Connection) -> None:
        if connection.scope["type"] not in ("http", "websocket"):
            raise NoRequest("request")
        #: The kernel's connection.
        self.connection = connection

    # ------------------------------------------------------------ method and URL

    @property
    def method(self) -> str:
        """The method in upper case."""
        return str(self.connection.scope.get("method", "GET"))

    @property
    def scheme(self) -> str:
        """``http`` or ``https`` (``ws``, ``wss``)."""
        return self.connection.scheme

    @property
    def is_secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.connection.scheme in ("https", "wss")

    @property
    def host(self) -> str:
        """The host as the client sent it, with its port; the server's own address if it sent no valid one."""
        return self.connection.host

    @property
    def script_root(self) -> str:
        """The prefix under which the app is mounted, without trailing slash."""
        return self.connection.root_path.rstrip("/")

    root_path = script_root

    @property
    def path(self) -> str:
        """The decoded path inside the app, with leading slash."""
        return local_path(self.connection.scope)

    @property
    def query_string(self) -> bytes:
        """The query, which follows "?", still encoded."""
        return bytes(self.connection.scope.get("query_string", b""))

    @property
    def full_path(self) -> str:
        """The path, "?" and the query."""
        return f"{self.path}?{self.query_string.decode('latin-1')}"

    @property
    def host_url(self) -> str:
        """Scheme and host as a URL with trailing slash."""
        return f"{self.scheme}://{self.host}/"

    @property
    def url_root(self) -> str:
        """The URL of the app's root, with trailing slash."""
        return f"{self.scheme}://{self.host}{quote(self.script_root, SAFE_IN_PATH)}/"

    root_url = url_root

    @property
    def base_url(self) -> str:
        """The whole URL without the query."""
        return self.url_root.rstrip("/") + escape_path(quote(self.path, SAFE_IN_PATH))

    @property
    def url(self) -> str:
        """The whole URL."""
        query = self.query_string.decode("latin-1")
        return f"{self.base_url}?{query}" if query else self.base_url

    @property
    def remote_addr(self) -> Optional[str]:
        """The address of the client as the server sees it, or None."""
        client = self.connection.client
        return None if client is None else client[0]

    @property
    def access_route(self) -> List[str]:
        """The addresses in `X-Forwarded-For`, else the client's. Clients can forge the header."""
        forwarded = self.headers.get("x-forwarded-for")
        if forwarded:
            return [part.strip() for part in forwarded.split(",") if part.strip()]
        return [self.remote_addr] if self.remote_addr else []

    # ------------------------------------------------------------ routing

    @property
    def endpoint(self) -> Optional[str]:
        """The name of the route, or None if none matched."""
        route = self.connection.route
        return None if route.fallback else route.name

    @property
    def view_args(self) -> Optional[Dict[str, Any]]:
        """The path parameters, or None if no route matched."""
        return None if self.connection.route.fallback else self.connection.path_params

    @property
    def url_rule(self) -> Optional[Rule]:
        """The rule that matched, or None."""
        route = self.connection.route
        return None if route.fallback else Rule(route.path, route.name, route.methods)

    @property
    def blueprint(self) -> Optional[str]:
        """The full name of the route's blueprint, or None."""
        group = self.connection.route.group
        return group[-1] if group else None

    @property
    def blueprints(self) -> List[str]:
        """The full names of the route's blueprint and its parents, innermost first."""
        return list(reversed(self.connection.route.group))

    # ------------------------------------------------------------ headers

    @property
    def headers(self) -> Headers:
        """The headers: case-insensitive, repeats kept."""
        return self.connection.headers

    @property
    def cookies(self) -> Dict[str, str]:
        """The cookies by name."""
        return self.connection.cookies

    @property
    def content_type(self) -> Optional[str]:
        """The `Content-Type` header, or None."""
        return self.headers.get("content-type")

    @property
    def mimetype(self) -> str:
        """The media type of the body in lower case, without parameters, or ``""``."""
        return self.connection.content_type

    @lazy
    def mimetype_params(self) -> Dict[str, str]:
        """The parameters of the media type."""
        return parse_options(self.content_type or "")[1]

    @property
    def content_length(self) -> Optional[int]:
        """The `Content-Length` header: the length of the body in bytes, or None."""
        return parse_digits(self.headers.get("content-length"))

    @property
    def max_content_length(self) -> Optional[int]:
        """The most bytes that this route accepts as body, or None for no limit."""
        return self.connection.max_body

    @property
    def referrer(self) -> Optional[str]:
        """The `Referer` header, or None."""
        return self.headers.get("referer")

    @property
    def origin(self) -> Optional[str]:
        """The `Origin` header, or None."""
        return self.headers.get("origin")

    @lazy
    def user_agent(self) -> UserAgent:
        """The `User-Agent` header; `str()` of it is the value."""
        return UserAgent(self.headers.get("user-agent") or "")

    @lazy
    def authorization(self) -> Optional[Authorization]:
        """The client's credentials, or None."""
        return Authorization.from_header(self.headers.get("authorization"))

    @lazy
    def accept_mimetypes(self) -> Accept:
        """The media types that the client accepts."""
        return Accept(self.headers.get("accept") or "")

    @lazy
    def accept_languages(self) -> Accept:
        """The languages that the client prefers."""
        return Accept(self.headers.get("accept-language") or "")

    @lazy
    def accept_encodings(self) -> Accept:
        """The content codings that the client accepts."""
        return Accept(self.headers.get("accept-encoding") or "")

    # ------------------------------------------------------------ query and body

    @lazy
    def args(self) -> MultiDict:
        """The query parameters."""
        connection = self.connection
        found = connection.__dict__.get("query")
        # PERF: the kernel's mapping is only created for other paradigms
        return (
            MultiDict(split_query(connection.scope.get("query_string", b""))) if found is None else MultiDict.of(found)
        )

    def _loaded(self, part: str, empty: Any) -> Any:
        connection = self.connection
        if not isinstance(connection, fenrir_core.Request):
            return empty
        try:
            return getattr(connection, part)
        except RuntimeError:
            if self.method in _NO_BODY:  # routes for these methods alone don't read the body
                return empty
            raise

    def _pairs(self) -> List[Tuple[str, Any]]:
        return self._loaded("loaded_form", MultiDict()).pairs  # type: ignore[no-any-return]

    @lazy
    def form(self) -> MultiDict:
        """The text fields of a form; empty if the body is not a form."""
        return MultiDict([(name, value) for name, value in self._pairs() if not isinstance(value, UploadFile)])

    @lazy
    def files(self) -> MultiDict:
        """The uploaded files by field, as `FileStorage`."""
        return MultiDict(
            [(name, FileStorage(value, name)) for name, value in self._pairs() if isinstance(value, UploadFile)]
        )

    @lazy
    def values(self) -> MultiDict:
        """The query parameters, then the form fields."""
        return MultiDict([*self.args.pairs, *self.form.pairs])

    @property
    def data(self) -> bytes:
        """The body; empty if it is a form."""
        return b"" if self.mimetype in _FORMS else cast(bytes, self.get_data())

    def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False) -> Union[bytes, str]:
        """Return the body, as bytes or as text (UTF-8, undecodable bytes replaced).

        The bytes of a multipart form are not kept: the result is empty.
        """
        del cache, parse_form_data  # the kernel reads the body once, by media type, and keeps it
        body: bytes = self._loaded("loaded_body", b"")
        return body.decode("utf-8", "replace") if as_text else body

    @property
    def is_json(self) -> bool:
        """Whether the media type of the body is JSON."""
        kind = self.mimetype
        return is_json_type(kind)

    @property
    def json(self) -> Any:
        """The parsed JSON body; see `get_json`."""
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the parsed JSON body; it is parsed once. A media type of a plugin is read in the same way.

        Args:
            force: Whether to ignore the media type.
            silent: Whether to return None instead of raising.
            cache: Accepted for compatibility; the result is always kept.

        Raises:
            UnsupportedMediaType: The media type is not JSON (status 415).
            InvalidBody: The body is malformed (status 400), `InvalidJSON` if it was read as JSON.
        """
        del cache
        if not (force or self.is_json or getattr(self.connection, "media_type", None) is not None):
            return None if silent else self.on_json_loading_failure(None)
        try:
            value = self._loaded("loaded_json", _NOTHING)
            if value is _NOTHING:
                raise InvalidJSON("there is no body")
            return value
        except InvalidBody as error:
            return None if silent else self.on_json_loading_failure(error)

    def on_json_loading_failure(self, e: Optional[Exception]) -> Any:
        """Return what `get_json` returns for a body that can't be parsed, or raise; made to be overridden.

        Args:
            e: The parser's error, or None if the media type is not JSON.
        """
        if e is None:
            raise UnsupportedMediaType(
                f"The body is not JSON: its Content-Type is {self.content_type!r}, not 'application/json'."
            )
        raise e

    @property
    def is_multithread(self) -> bool:
        """Whether the server runs requests in several threads: always true."""
        return True

    def __repr__(self) -> str:
        return f"<Request {self.url!r} [{self.method}]>"
