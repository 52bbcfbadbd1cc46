"""The request as Falcon's responders see it: a facade over the kernel's connection."""

from __future__ import annotations

import sys
from datetime import datetime
from io import BytesIO
from typing import Any, Callable, Dict, List, Optional, Tuple

from fenrir_core import App, Connection, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import (
    DEFAULT_PORTS,
    Receive,
    Scope,
    escape_path,
    facade_reader,
    last_values,
    parse_host,
    split_query,
)

from .body_stream import BodyStream
from .context import Context
from .deprecation import deprecated
from .detached import detached
from .exceptions import (
    HTTPContentTooLarge,
    HTTPInvalidHeader,
    HTTPInvalidParam,
    HTTPMissingHeader,
    MediaMalformedError,
    MediaNotFoundError,
)
from .forwarded import Forwarded as Forwarded
from .forwarded_request import ForwardedRequest
from .http_error import HTTPError
from .media import MEDIA_MULTIPART, MEDIA_URLENCODED, JSONHandler, URLEncodedFormHandler, grouped
from .media.base import is_read_async
from .options import RequestOptions
from .query_params import ParamReader
from .request_headers import RequestHeaders
from .state import State
from .stream import BoundedStream
from .util.uri import decode as decode_uri
from .util.uri import parse_host as parse_node
from .wsgi_scope import scope_of

_UNSET: Any = object()
_FORMS = (MEDIA_MULTIPART, MEDIA_URLENCODED)


class Request(ParamReader, RequestHeaders, ForwardedRequest):
    """A request under Falcon's names.

    There is one object for each request; handlers may set further attributes on it.
    """

    #: The class of `context`.
    context_type: Any = Context
    #: Whether synchronous code reads it; its body was read before that code runs.
    is_sync = False
    #: The resource that the app's router has found, where the kernel's has none.
    resource: Any = None
    #: Whether a resource, a sink or a static route serves it that is none of the kernel's routes.
    is_served = False
    #: How many middleware components have begun, where they depend on each other.
    reached = 0
    _media: Any = _UNSET
    _media_error: Optional[Exception] = None
    #: The app's WSGI environment, where a WSGI server made the request; else the ASGI scope.
    _connection: Connection
    scope: Scope

    def __init__(self, env: Dict[str, Any], options: Optional[RequestOptions] = None) -> None:
        self._attach(scope_of(env), None, options)
        self.is_sync = True

    def _attach(self, scope: Scope, receive: Optional[Receive], options: Optional[RequestOptions]) -> None:
        """Make the request of a scope, unless the app has given it its connection already."""
        if "_connection" not in self.__dict__:
            # ASGI: headers may be any iterable, also one that can be iterated only once
            if "wsgi.environ" not in scope:
                headers = [(bytes(name), bytes(value)) for name, value in map(tuple, scope.get("headers", ()))]
                scope = {**scope, "headers": headers}
            self._connection = detached(scope) if receive is None else detached(scope, receive)
            self.scope = scope
        self.options = self._connection.app.store(State).req_options if options is None else options

    @property
    def env(self) -> Dict[str, Any]:
        """The WSGI environment, or the ASGI scope where there is none."""
        found: Dict[str, Any] = self.scope.get("wsgi.environ", self.scope)
        return found

    def get_header(self, name: str, required: bool = False, default: Optional[str] = None) -> Optional[str]:
        """Return a header, or `default`; see `RequestHeaders.get_header`."""
        environ = self.scope.get("wsgi.environ")
        if environ is None:
            return super().get_header(name, required, default)
        key = name.upper().replace("-", "_")
        value = environ.get(f"HTTP_{key}")
        if value is None and key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            value = environ.get(key)
        if value is None and required:
            raise HTTPMissingHeader(name)
        return default if value is None else str(value)

    def log_error(self, message: str) -> None:
        """Write a message with the request's time, method and URL to the server's stream of errors."""
        stream: Any = self.env.get("wsgi.errors") or sys.stderr
        now = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
        query = f"?{self.query_string}" if self.query_string else ""
        stream.write(f"{now} [FALCON] [ERROR] {self.method} {self.path}{query} => {message}\n")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.method} {self.url!r}>"

    @lazy
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

    @lazy
    def method(self) -> str:
        """The method in upper case; ``GET`` for a WebSocket."""
        return str(self.scope.get("method", "GET"))

    def is_rerouted(self) -> bool:
        """Return whether `path` was changed, so that another route serves the request."""
        return "path" in self.__dict__ and self.__dict__["path"] != self._sent_path()

    @lazy
    def path(self) -> str:
        """The decoded path below the mount prefix."""
        return self._sent_path()

    def _sent_path(self) -> str:
        path, root = self._connection.path, self._connection.root_path
        path = path[len(root) :] if root and path.startswith(root) else path
        strip = self.options.strip_url_path_trailing_slash and len(path) > 1
        return path.rstrip("/") if strip else path or "/"

    @lazy
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

    @lazy
    def uri_template(self) -> Optional[str]:
        """The template of the matched route, or None."""
        return self._connection.route.path or None

    @property
    def root_path(self) -> str:
        """The prefix under which the app is mounted."""
        return self._connection.root_path

    @property
    @deprecated("Use `root_path` instead.", is_property=True)
    def app(self) -> str:
        """The former name of `root_path`."""
        return self.root_path

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
        if self.forwarded is not None:
            hops = [host for hop in self.forwarded for host in [_node_of(hop.src)] if host]
            return hops if hops and hops[-1] == self.remote_addr else [*hops, self.remote_addr]
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
            return self._sync_stream(connection)
        return BodyStream(connection)

    def _sync_stream(self, connection: KernelRequest) -> Any:
        environ = self.scope.get("wsgi.environ")
        if environ is None or connection.is_loaded:
            return BytesIO(connection.loaded_body)
        limit, length = connection.max_body, self.get_header("Content-Length") or ""
        if limit is not None and length.isdigit() and int(length) > limit:
            raise HTTPContentTooLarge(description=f"The body has more than {limit} bytes.")
        return environ["wsgi.input"]

    def _synchronous_body(self, connection: KernelRequest) -> bytes:
        """Return the body that was read, or read it from a WSGI server."""
        if connection.is_loaded or "wsgi.environ" not in self.scope:
            return connection.loaded_body
        body: bytes = self.bounded_stream.read()
        return body

    @lazy
    def bounded_stream(self) -> Any:
        """The same as `stream`, which never exceeds the body."""
        if not self.is_sync:
            return self.stream
        try:
            length = self.content_length or 0
        except HTTPInvalidHeader:
            length = 0
        return BoundedStream(self.stream, length)

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
        """The body, deserialized by its media type; where it was not read yet, an awaitable of it."""
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if not self.is_sync and self._media is _UNSET and self._media_error is None and not connection.is_loaded:
            return self.get_media()
        return self._loaded(None)

    def get_query_string_as_media(self, media_type: Optional[str] = None, default_when_empty: Any = _UNSET) -> Any:
        """Return the whole query string, decoded and deserialized as one value; asynchronous code does not await it.

        Args:
            media_type: Its media type; the app's default by default.
            default_when_empty: The value for an empty query, instead of an error.

        Raises:
            MediaNotFoundError, MediaMalformedError: The query is empty, or malformed (400).
        """
        if not self.query_string and default_when_empty is not _UNSET:
            return default_when_empty
        kind = media_type or self.options.default_media_type
        if kind not in self._query_media:
            try:
                self._query_media[kind] = self._from_text(decode_uri(self.query_string), kind), None
            except Exception as error:
                self._query_media[kind] = None, error
        value, failure = self._query_media[kind]
        if failure is not None:
            raise failure
        return value

    @lazy
    def _query_media(self) -> Dict[str, Any]:
        return {}

    def get_param_as_media(
        self,
        name: str,
        media_type: Optional[str] = None,
        required: bool = False,
        store: Optional[Dict[str, Any]] = None,
        default: Any = None,
        allow_multiple: bool = True,
    ) -> Any:
        """Return a parameter, deserialized by the handler of a media type, the app's default by default."""
        self._check_single(name, allow_multiple)
        text = self.get_param(name)
        if text is None:
            return self._absent(name, required, store, default)
        try:
            found = self._from_text(text, media_type or self.options.default_media_type)
        except (MediaNotFoundError, MediaMalformedError) as error:
            raise HTTPInvalidParam("It could not be parsed as " + str(media_type), name) from error
        if store is not None:
            store[name] = found
        return found

    def _from_text(self, text: str, media_type: str) -> Any:
        try:
            handler = self.options.media_handlers.find(media_type, self.options.default_media_type)
        except HTTPError:
            raise ValueError(f"No media handler is configured for {media_type!r}.") from None
        body = text.encode()
        return handler.deserialize(BytesIO(body), media_type, len(body))

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
        if self._media is not _UNSET or self._media_error is not None:
            return self._or_default(default)
        plain = connection.content_type
        if plain in _FORMS and (self.options.media_handlers.leaves_forms or plain == MEDIA_URLENCODED):
            await self.load()
            return self._or_default(default)
        if not connection.is_loaded:
            handler = self._own_handler(connection)
            if handler is not None:
                return await self._read_by(handler, default)
        body = await connection.body()
        usual = self.options.media_handlers.json_reader(plain)
        if usual is not None and body and self._media is _UNSET and self._media_error is None:
            try:  # PERF: as `_or_default` does for JSON, without its calls
                self._media = usual.read(body)
                return self._media
            except HTTPError as error:
                self._media_error = error
        return self._or_default(default)

    def _own_handler(self, connection: KernelRequest) -> Any:
        """Return the handler of the body if it reads the body itself, asynchronously."""
        options = self.options
        if options.media_handlers.json_reader(connection.content_type) is not None:
            return None
        handler = options.media_handlers.find(self.content_type, options.default_media_type)
        return handler if type(handler) is not JSONHandler and is_read_async(handler) else None

    async def _read_by(self, handler: Any, default: Any) -> Any:
        try:
            self._media = await handler.deserialize_async(self.stream, self.content_type, self.content_length)
            if handler.exhaust_stream:
                await self.stream.exhaust()
        except MediaNotFoundError as error:
            self._media_error = error
            if default is _UNSET:
                raise
            return default
        except Exception as error:
            self._media_error = error
            raise
        return self._media

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
        return split_query(self._synchronous_body(connection))

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
            except Exception as error:
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
            return usual.read(self._synchronous_body(connection))
        kind = media_type or self.content_type
        if plain == MEDIA_MULTIPART and options.media_handlers.leaves_forms:
            return grouped(connection.loaded_form, options.keep_blank_qs_values)
        handler = options.media_handlers.find(kind, options.default_media_type)
        if plain == MEDIA_URLENCODED and type(handler) is URLEncodedFormHandler:
            return handler.fields(self._form_pairs(connection))
        if "wsgi.environ" in self.scope and not connection.is_loaded:
            found = handler.deserialize(self.bounded_stream, kind, self.content_length)
            if handler.exhaust_stream:
                self.bounded_stream.exhaust()
            return found
        body = connection.loaded_body
        return handler.deserialize(BytesIO(body), kind, len(body))


def request_of(connection: Connection) -> Request:
    """Return the one request object of a connection, in the class that the app chose."""
    return _of_state(connection.app.store(State))(connection)


def request_reader(app: App) -> Callable[[Connection], Request]:
    """Return a function that does what `request_of` does, for one app; it is made once."""
    return _of_state(app.store(State))


def _of_state(state: State) -> Callable[[Connection], Request]:
    if state.read_request is None:
        state.read_request = _make_reader(state)
    return state.read_request  # type: ignore[no-any-return]


def _make_reader(state: State) -> Callable[[Connection], Request]:
    plain, asgi = state.request_types
    if state.request_type is not None or plain is asgi:
        return _reader_of(state.request_type or asgi or Request, state)
    read_plain, read_asgi = _reader_of(plain, state), _reader_of(asgi, state)
    if state.is_direct:
        return read_plain

    def read(connection: Connection) -> Request:
        return read_plain(connection) if "wsgi.environ" in connection.scope else read_asgi(connection)

    return read


def _reader_of(kind: Any, state: State) -> Callable[[Connection], Request]:
    options = state.req_options
    owner = next(item for item in kind.__mro__ if "__init__" in item.__dict__)
    is_own = not owner.__module__.startswith(__name__.partition(".")[0])

    is_direct = state.is_direct

    def init(request: Request, connection: Connection) -> None:
        request._connection = connection
        request.scope = connection.scope
        request.options = options  # PERF: no look-up in the app's store
        if is_direct:
            request.is_sync = True

    def construct(request: Any, connection: Connection) -> None:
        init(request, connection)
        if "wsgi.environ" in connection.scope:
            request.__init__(connection.scope["wsgi.environ"], options=options)
        else:
            request.__init__(connection.scope, connection.receive, options=options)

    return facade_reader(kind, construct if is_own else init)


def _node_of(node: Optional[str]) -> Optional[str]:
    """Return the address of a hop without its port (RFC 7239, section 6)."""
    return parse_node(node)[0] if node else None


def _split_host(host: str, scheme: str) -> Tuple[str, int]:
    """Split a host into name and port, by default the scheme's port."""
    name, port = parse_host(host) or (host, None)
    return name, DEFAULT_PORTS.get(scheme, 80) if port is None else port
