"""The request as Falcon's responders see it: a facade over the kernel's connection."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Callable, Dict, List, Optional, Tuple

from fenrir_core import App, Connection, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import DEFAULT_PORTS, escape_path, facade_reader, last_values, parse_host, split_query

from .body_stream import BodyStream
from .context import Context
from .exceptions import MediaNotFoundError
from .http_error import HTTPError
from .media import MEDIA_MULTIPART, MEDIA_URLENCODED, URLEncodedFormHandler, grouped
from .options import RequestOptions
from .query_params import ParamReader
from .request_headers import RequestHeaders
from .state import State

_UNSET: Any = object()
_FORMS = (MEDIA_MULTIPART, MEDIA_URLENCODED)


class Request(ParamReader, RequestHeaders):
    """A request under Falcon's names.

    There is one object for each request; handlers may set further attributes on it.
    """

    #: The class of `context`.
    context_type: Any = Context
    #: Whether synchronous code reads it; its body was read before that code runs.
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
        """Call a blocking function in a thread of the app, in the request's context."""
        return await self._connection.run_in_thread(function)

    @lazy
    def options(self) -> RequestOptions:
        """The app's options."""
        return self._connection.app.store(State).req_options

    # ------------------------------------------------------------ method and URL

    @lazy
    def context(self) -> Any:
        """An object for the values that handlers, hooks and middleware of this request share."""
        return self.context_type()

    @property
    def method(self) -> str:
        """The method in upper case; ``GET`` for a WebSocket."""
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
        """The query string without "?", percent-encoded."""
        raw: bytes = self.scope.get("query_string", b"")
        return raw.decode("latin-1")

    def _read_params(self) -> Dict[str, Any]:
        options = self.options
        connection = self._connection
        raw: bytes = self.scope.get("query_string", b"")
        found: Dict[str, Any] = last_values(raw)  # PERF: a new dict, since users may change it, 150 ns
        # PERF: only repeated names and the options need `grouped`
        repeats = found and len(found) != raw.count(b"&") + 1
        if repeats or not options.keep_blank_qs_values or options.auto_parse_qs_csv:
            found = grouped(connection.query.pairs, options.keep_blank_qs_values, options.auto_parse_qs_csv)
        is_form = options.auto_parse_form_urlencoded and connection.content_type == MEDIA_URLENCODED
        if is_form and isinstance(connection, KernelRequest):
            found.update(grouped(self._form_pairs(connection), options.keep_blank_qs_values, options.auto_parse_qs_csv))
        return found

    @property
    def uri_template(self) -> Optional[str]:
        """The template of the matched route, or None."""
        return self._connection.route.path or None

    @property
    def root_path(self) -> str:
        """The prefix under which the app is mounted."""
        return self._connection.root_path

    app = root_path

    @property
    def scheme(self) -> str:
        """``http``, ``https``, ``ws`` or ``wss``."""
        return self._connection.scheme

    @lazy
    def host(self) -> str:
        """The host name without port."""
        return _split_host(self._connection.host, self.scheme)[0]

    @lazy
    def port(self) -> int:
        """The port of the request, by default the scheme's."""
        return _split_host(self._connection.host, self.scheme)[1]

    @property
    def netloc(self) -> str:
        """The host, with its port if that is not the scheme's default."""
        return self._connection.host

    @property
    def subdomain(self) -> Optional[str]:
        """The part of the host name before the first dot, or None."""
        head, dot, _ = self.host.partition(".")
        return head if dot else None

    @property
    def prefix(self) -> str:
        """The scheme, host and mount prefix."""
        return f"{self.scheme}://{self.netloc}{escape_path(self.root_path)}"

    @property
    def relative_uri(self) -> str:
        """The mount prefix, path and query string."""
        query = self.query_string
        return f"{self.root_path}{self.path}" + (f"?{query}" if query else "")

    @property
    def uri(self) -> str:
        """The whole URL."""
        query = self.query_string
        path = escape_path(f"{self.root_path}{self.path}")
        return f"{self.scheme}://{self.netloc}{path}" + (f"?{query}" if query else "")

    url = uri

    @property
    def remote_addr(self) -> str:
        """The IP address of the peer, as the server reports it."""
        client = self._connection.client
        return client[0] if client is not None else "127.0.0.1"

    @lazy
    def access_route(self) -> List[str]:
        """The addresses from the client to the last proxy; only the last is verified, the others come from headers."""
        forwarded = self.get_header("X-Forwarded-For")
        route = [part.strip() for part in forwarded.split(",")] if forwarded else []
        real = self.get_header("X-Real-IP")
        route = route or ([real] if real else [])
        return route if route and route[-1] == self.remote_addr else [*route, self.remote_addr]

    # ------------------------------------------------------------ body

    @lazy
    def stream(self) -> Any:
        """The body: a binary file in synchronous responders, else an asynchronous stream."""
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if self.is_sync:
            return BytesIO(connection.loaded_body)
        return BodyStream(connection)

    @property
    def bounded_stream(self) -> Any:
        """The same as `stream`, which never exceeds the body."""
        return self.stream

    @property
    def json(self) -> Any:
        """The body as JSON, which must have been read before the responder runs.

        Raises:
            MediaNotFoundError, MediaMalformedError: The body is empty, or is not JSON (400).
            RuntimeError: The body was not read, for example on a route with `stream=True`.
        """
        return self._loaded("application/json")

    @property
    def media(self) -> Any:
        """The body, deserialized by its media type; it must have been read before the responder runs."""
        return self._loaded(None)

    def get_media(self, default_when_empty: Any = _UNSET) -> Any:
        """Return the body, deserialized by its media type; asynchronous code awaits the result.

        Args:
            default_when_empty: The value for an empty body, instead of an error.

        Raises:
            HTTPUnsupportedMediaType: No handler is registered for the media type (415).
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
            await self.load()
            return self._or_default(default)
        body = await connection.body()
        usual = self.options.media_handlers.json_reader(plain)
        if usual is not None and body and self._media is _UNSET and self._media_error is None:
            try:  # PERF: as `_or_default` does for JSON, without its calls
                self._media = usual.read(body)
                return self._media
            except HTTPError as error:
                self._media_error = error
        return self._or_default(default)

    async def load(self) -> None:
        """Read the body, as a form if the kernel parses it, so that synchronous code can use it."""
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if self.options.media_handlers.leaves_forms:
            await connection.load()
        else:
            await connection.body()

    def _form_pairs(self, connection: KernelRequest) -> Any:
        """Return the fields of a urlencoded body that was read, as pairs."""
        if self.options.media_handlers.leaves_forms:
            return connection.loaded_form
        return split_query(connection.loaded_body)

    def _or_default(self, default: Any) -> Any:
        try:
            return self._loaded(None)
        except MediaNotFoundError:
            if default is _UNSET:
                raise
            return default

    def _loaded(self, media_type: Optional[str]) -> Any:
        if self._media_error is not None:
            raise self._media_error
        if self._media is _UNSET:
            try:
                self._media = self._parse(media_type)
            except HTTPError as error:
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
        if plain == MEDIA_MULTIPART and options.media_handlers.leaves_forms:
            return grouped(connection.loaded_form, options.keep_blank_qs_values)
        handler = options.media_handlers.find(kind, options.default_media_type)
        if plain == MEDIA_URLENCODED and type(handler) is URLEncodedFormHandler:
            return handler.fields(self._form_pairs(connection))
        body = connection.loaded_body
        return handler.deserialize(BytesIO(body), kind, len(body))


def request_of(connection: Connection) -> Request:
    """Return the one request object of a connection, in the class that the app chose."""
    kind: Any = connection.app.store(State).request_type or Request
    return connection.facade(kind)  # type: ignore[no-any-return]


def request_reader(app: App) -> Callable[[Connection], Request]:
    """Return a function that does what `request_of` does, for one app and in less time."""
    state = app.store(State)
    kind: Any = state.request_type or Request
    options = state.req_options
    if kind.__init__ is not Request.__init__ or kind.__new__ is not object.__new__:
        return facade_reader(kind)

    def init(request: Request, connection: Connection) -> None:
        request._connection = connection
        request.scope = connection.scope
        request.options = options  # PERF: no look-up in the app's store

    return facade_reader(kind, init)


def _split_host(host: str, scheme: str) -> Tuple[str, int]:
    """Split a host into name and port, by default the scheme's port."""
    name, port = parse_host(host) or (host, None)
    return name, DEFAULT_PORTS.get(scheme, 80) if port is None else port
