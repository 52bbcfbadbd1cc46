"""The request as Falcon's responders see it: a view on the kernel's connection."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any, AsyncIterator, Dict, List, Mapping, Optional, Tuple, Union

from fenrir_core import Connection, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import last_values

from . import errors
from .accept import best_match, quality
from .context import Context
from .dates import ETag, http_date_to_dt, parse_etags
from .media import MEDIA_MULTIPART, MEDIA_URLENCODED, grouped
from .options import RequestOptions
from .params import ParamReader, split_host
from .state import State

_UNSET: Any = object()
_FORMS = (MEDIA_MULTIPART, MEDIA_URLENCODED)


class BodyStream:
    """Read the request body as it arrives; iterable, and awaited like a file."""

    def __init__(self, request: KernelRequest) -> None:
        self._request = request
        self._chunks: Optional[AsyncIterator[bytes]] = None
        self._rest = b""
        self._position = 0
        self.eof = False

    async def _next(self) -> bytes:
        if self._chunks is None:
            self._chunks = self._request.stream()
        try:
            return await self._chunks.__anext__()
        except StopAsyncIteration:
            self.eof = True
            return b""

    async def read(self, size: Optional[int] = None) -> bytes:
        """Read up to `size` bytes, all for None or -1; ``b""`` at the end."""
        everything = size is None or size < 0
        pieces, have = [self._rest], len(self._rest)
        self._rest = b""
        while not self.eof and (everything or have < (size or 0)):
            chunk = await self._next()
            pieces.append(chunk)
            have += len(chunk)
        data = b"".join(pieces)
        if not everything:
            data, self._rest = data[:size], data[size or 0 :]
        self._position += len(data)
        return data

    async def readall(self) -> bytes:
        """Read everything that is left."""
        return await self.read()

    async def exhaust(self) -> None:
        """Read and drop everything that is left."""
        while not self.eof:
            self._position += len(await self._next())

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._position

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._rest:
            rest, self._rest = self._rest, b""
            self._position += len(rest)
            yield rest
        while not self.eof:
            chunk = await self._next()
            if chunk:
                self._position += len(chunk)
                yield chunk


class Request(ParamReader):
    """Look at a request in Falcon's way.

    Made by the kernel once a request; further attributes can be set at will.
    """

    #: The class of `context`.
    context_type: Any = Context
    #: Whether a synchronous responder looks at it: its body was read before and is at hand.
    is_sync = False
    _media: Any = _UNSET
    _media_error: Optional[Exception] = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.scope = connection.scope

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.method} {self.url!r}>"

    @property
    def is_websocket(self) -> bool:
        """Whether the connection is a WebSocket."""
        return bool(self.scope["type"] == "websocket")

    async def run_in_thread(self, function: Any) -> Any:
        """Call a blocking function in a thread of the app, with the request's context."""
        return await self._connection.app.run_in_thread(function)

    @lazy
    def options(self) -> RequestOptions:
        """The app's options."""
        return self._connection.app.store(State).req_options

    # ------------------------------------------------------------ what was asked for

    @lazy
    def context(self) -> Any:
        """What this request's handlers, hooks and middleware share."""
        return self.context_type()

    @property
    def method(self) -> str:
        """The method in upper case; of a WebSocket ``GET``."""
        return str(self.scope.get("method", "GET"))

    @lazy
    def path(self) -> str:
        """The decoded path below the mount prefix."""
        path, root = self._connection.path, self._connection.root_path
        path = path[len(root) :] if root and path.startswith(root) else path
        strip = self.options.strip_url_path_trailing_slash and len(path) > 1
        return path.rstrip("/") if strip else path or "/"

    @property
    def query_string(self) -> str:
        """The query string, still encoded, without "?"."""
        raw: bytes = self.scope.get("query_string", b"")
        return raw.decode("latin-1")

    def _read_params(self) -> Dict[str, Any]:
        options = self.options
        connection = self._connection
        raw: bytes = self.scope.get("query_string", b"")
        found: Dict[str, Any] = last_values(raw)  # PERF: a dict of its own, which the author may change, 150 ns
        # PERF: `grouped` is for what a dict of the pairs does not say
        repeats = found and len(found) != raw.count(b"&") + 1
        if repeats or not options.keep_blank_qs_values or options.auto_parse_qs_csv:
            found = grouped(connection.query.pairs, options.keep_blank_qs_values, options.auto_parse_qs_csv)
        is_form = options.auto_parse_form_urlencoded and connection.content_type == MEDIA_URLENCODED
        if is_form and isinstance(connection, KernelRequest):
            found.update(grouped(connection.loaded_form, options.keep_blank_qs_values, options.auto_parse_qs_csv))
        return found

    @property
    def uri_template(self) -> Optional[str]:
        """The template of the route, None where no route answers."""
        return self._connection.route.path or None

    @property
    def root_path(self) -> str:
        """The prefix that the app is mounted under."""
        return self._connection.root_path

    app = root_path

    @property
    def scheme(self) -> str:
        """``http``, ``https``, ``ws`` or ``wss``."""
        return self._connection.scheme

    @lazy
    def host(self) -> str:
        """The host's name without port."""
        return split_host(self._connection.host, self.scheme)[0]

    @lazy
    def port(self) -> int:
        """The port that was asked."""
        return split_host(self._connection.host, self.scheme)[1]

    @property
    def netloc(self) -> str:
        """The host, with its port where it is not the scheme's own."""
        return self._connection.host

    @property
    def subdomain(self) -> Optional[str]:
        """What stands before the first dot of the host, or None."""
        head, dot, _ = self.host.partition(".")
        return head if dot else None

    @property
    def prefix(self) -> str:
        """Return scheme, host and mount prefix."""
        return f"{self.scheme}://{self.netloc}{self.root_path}"

    @property
    def relative_uri(self) -> str:
        """Return mount prefix, path and query."""
        query = self.query_string
        return f"{self.root_path}{self.path}" + (f"?{query}" if query else "")

    @property
    def uri(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.netloc}{self.relative_uri}"

    url = uri

    @property
    def remote_addr(self) -> str:
        """The peer's address as the server saw it."""
        client = self._connection.client
        return client[0] if client is not None else "127.0.0.1"

    @lazy
    def access_route(self) -> List[str]:
        """The addresses from the client to the last proxy; all but the last are the sender's word."""
        forwarded = self.get_header("X-Forwarded-For")
        route = [part.strip() for part in forwarded.split(",")] if forwarded else []
        real = self.get_header("X-Real-IP")
        route = route or ([real] if real else [])
        return route if route and route[-1] == self.remote_addr else [*route, self.remote_addr]

    # ------------------------------------------------------------ headers and cookies

    @lazy
    def headers(self) -> Mapping[str, str]:
        """The headers with names in upper case; repeats joined by commas."""
        return {name.upper(): value for name, value in self.headers_lower.items()}

    @lazy
    def headers_lower(self) -> Mapping[str, str]:
        """The headers with names in lower case; repeats joined by commas."""
        found: Dict[str, str] = {}
        for name, value in self._connection.headers.items():
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    def get_header(self, name: str, required: bool = False, default: Optional[str] = None) -> Optional[str]:
        """Return a header, or `default`.

        Raises:
            HTTPMissingHeader: It is `required` and did not come.
        """
        value = self._connection.headers.get(name)
        if value is None:
            if required:
                raise errors.HTTPMissingHeader(name)
            return default
        return value

    def get_header_as_int(self, name: str, required: bool = False) -> Optional[int]:
        """Return a header as a number; another value is a 400."""
        value = self.get_header(name, required)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise errors.HTTPInvalidHeader("The value of the header must be an integer.", name) from None

    def get_header_as_datetime(self, header: str, required: bool = False, obs_date: bool = False) -> Optional[datetime]:
        """Return a header as a point in time (UTC); another value is a 400."""
        value = self.get_header(header, required)
        if value is None:
            return None
        try:
            return http_date_to_dt(value)
        except ValueError:
            raise errors.HTTPInvalidHeader(
                "It must be formatted according to RFC 7231, Section 7.1.1.1", header
            ) from None

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies by name; of a repeated name the first."""
        return self._connection.cookies

    def get_cookie_values(self, name: str) -> Optional[List[str]]:
        """Return every value of a cookie, or None."""
        value = self.cookies.get(name)
        return None if value is None else [value]

    accept = property(lambda self: self.get_header("Accept") or "*/*", doc="Give `Accept`, ``*/*`` by default.")
    auth = property(lambda self: self.get_header("Authorization"), doc="Give `Authorization`, or None.")
    content_type = property(lambda self: self.get_header("Content-Type"), doc="Give `Content-Type`, or None.")
    expect = property(lambda self: self.get_header("Expect"), doc="Give `Expect`, or None.")
    if_range = property(lambda self: self.get_header("If-Range"), doc="Give `If-Range`, or None.")
    last_event_id = property(lambda self: self.get_header("Last-Event-ID"), doc="Give `Last-Event-ID`, or None.")
    referer = property(lambda self: self.get_header("Referer"), doc="Give `Referer`, or None.")
    user_agent = property(lambda self: self.get_header("User-Agent"), doc="Give `User-Agent`, or None.")
    date = property(lambda self: self.get_header_as_datetime("Date"), doc="Give `Date`, or None.")
    if_modified_since = property(
        lambda self: self.get_header_as_datetime("If-Modified-Since"), doc="Give `If-Modified-Since`, or None."
    )
    if_unmodified_since = property(
        lambda self: self.get_header_as_datetime("If-Unmodified-Since"), doc="Give `If-Unmodified-Since`, or None."
    )
    if_match = property(lambda self: self._etags("If-Match"), doc="Give the tags of `If-Match`, or None.")
    if_none_match = property(lambda self: self._etags("If-None-Match"), doc="Give the tags of `If-None-Match`.")

    def _etags(self, name: str) -> Optional[List[Union[str, ETag]]]:
        value = self.get_header(name)
        return (parse_etags(value) or None) if value else None

    @property
    def content_length(self) -> Optional[int]:
        """The announced length of the body; None for none; another value is a 400."""
        value = self.get_header("Content-Length")
        if not value:
            return None
        if not (value.isascii() and value.isdigit()):
            raise errors.HTTPInvalidHeader("The value of the header must be a number.", "Content-Length")
        return int(value)

    @property
    def range(self) -> Optional[Tuple[int, int]]:
        """The first and last byte asked for; the last is -1 for the end, the first negative from the end."""
        parts = self._range_parts()
        if parts is None:
            return None
        first, dash, last = parts[1].partition("-")
        try:
            if not dash or "," in last or (not first and not last):
                raise ValueError(parts[1])
            if not first:
                return -int(last), -1
            if last and int(first) > int(last):
                raise ValueError(parts[1])
            return int(first), int(last) if last else -1
        except ValueError:
            raise errors.HTTPInvalidHeader("The byte offsets are malformed.", "Range") from None

    @property
    def range_unit(self) -> Optional[str]:
        """The unit of `Range`, or None."""
        parts = self._range_parts()
        return None if parts is None else parts[0]

    def _range_parts(self) -> Optional[Tuple[str, str]]:
        value = self.get_header("Range")
        if not value:
            return None
        unit, equals, rest = value.partition("=")
        if not equals:
            raise errors.HTTPInvalidHeader("The value must be prefixed with a range unit, e.g. 'bytes='", "Range")
        return unit, rest

    def client_accepts(self, media_type: str) -> bool:
        """Return whether `Accept` has room for a media type."""
        return quality(media_type, self.accept) > 0

    def client_prefers(self, media_types: List[str]) -> Optional[str]:
        """Return the media type that the client likes best, or None."""
        return best_match(media_types, self.accept)

    @property
    def client_accepts_json(self) -> bool:
        """Whether the client takes JSON."""
        return self.client_accepts("application/json")

    @property
    def client_accepts_xml(self) -> bool:
        """Whether the client takes XML."""
        return self.client_accepts("application/xml")

    @property
    def client_accepts_msgpack(self) -> bool:
        """Whether the client takes MessagePack."""
        return self.client_accepts("application/x-msgpack") or self.client_accepts("application/msgpack")

    # ------------------------------------------------------------ body

    @lazy
    def stream(self) -> Any:
        """The body: a file in synchronous responders, an asynchronous stream in others."""
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if connection._body is not None and self.is_sync:
            return BytesIO(connection.loaded_body)
        return BodyStream(connection)

    bounded_stream = property(lambda self: self.stream, doc="Give `stream`; it never exceeds the body.")

    @property
    def json(self) -> Any:
        """The body as JSON; it was read before the responder ran.

        Raises:
            MediaNotFoundError, MediaMalformedError: It is empty, or no JSON (400).
            RuntimeError: It was not read, because the route has `stream=True`.
        """
        return self._loaded("application/json")

    @property
    def media(self) -> Any:
        """The body as what its media type says; it was read before the responder ran."""
        return self._loaded(None)

    def get_media(self, default_when_empty: Any = _UNSET) -> Any:
        """Return the body as what its media type says; await it in asynchronous responders.

        Args:
            default_when_empty: What an empty body gives, instead of a 400.

        Raises:
            HTTPUnsupportedMediaType: There is no handler for the media type.
            MediaNotFoundError, MediaMalformedError: The body is empty, or malformed (400).
        """
        if self.is_sync:
            return self._or_default(default_when_empty)
        return self._load_media(default_when_empty)

    async def _load_media(self, default: Any) -> Any:
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        plain = connection.content_type
        if plain in _FORMS:
            await connection.load()
            return self._or_default(default)
        body = await connection.body()
        usual = self.options.media_handlers.json_reader(plain)
        if usual is not None and body and self._media is _UNSET and self._media_error is None:
            try:  # PERF: the lines of `_parse` that count, without the calls on the way
                self._media = usual.read(body)
                return self._media
            except errors.HTTPError as error:
                self._media_error = error
        return self._or_default(default)

    def _or_default(self, default: Any) -> Any:
        try:
            return self._loaded(None)
        except errors.MediaNotFoundError:
            if default is _UNSET:
                raise
            return default

    def _loaded(self, media_type: Optional[str]) -> Any:
        if self._media_error is not None:
            raise self._media_error
        if self._media is _UNSET:
            try:
                self._media = self._parse(media_type)
            except errors.HTTPError as error:
                self._media_error = error
                raise
        return self._media

    def _parse(self, media_type: Optional[str]) -> Any:
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        plain = media_type or connection.content_type
        options = self.options
        usual = options.media_handlers.json_reader(plain)
        if usual is not None:
            return usual.read(connection.loaded_body)
        kind = media_type or self.content_type
        if plain in _FORMS and (plain in self.options.media_handlers or plain == MEDIA_MULTIPART):
            custom = plain in self.options.media_handlers and plain == MEDIA_MULTIPART
            if not custom:
                return grouped(connection.loaded_form, self.options.keep_blank_qs_values)
        handler = options.media_handlers.find(kind, options.default_media_type)
        body = connection.loaded_body
        return handler.deserialize(BytesIO(body), kind, len(body))
