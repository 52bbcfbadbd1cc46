"""The request as Falcon's responders see it: a facade over the kernel's connection."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any, Callable, Dict, List, Optional, Tuple

from fenrir_core import App, Connection, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import DEFAULT_PORTS, Receive, Scope, escape_path, facade_reader, last_values, parse_host

from .context import Context
from .deprecation import deprecated
from .detached import detached, makes_itself
from .exceptions import HTTPMissingHeader
from .forwarded import Forwarded as Forwarded
from .forwarded_request import ForwardedRequest
from .media import MEDIA_URLENCODED, grouped
from .options import RequestOptions
from .request_body import RequestBody
from .state import State
from .util.uri import parse_host as parse_node
from .wsgi_connection import WSGIConnection
from .wsgi_scope import scope_of


class Request(RequestBody, ForwardedRequest):
    """A request under Falcon's names.

    There is one object for each request; handlers may set further attributes on it.
    """

    #: The class of `context`.
    context_type: Any = Context
    #: The resource that the app's router has found, where the kernel's has none.
    resource: Any = None
    #: Whether a resource, a sink or a static route serves it that is none of the kernel's routes.
    is_served = False
    #: How many middleware components have begun, where they depend on each other.
    reached = 0

    def __init__(self, env: Dict[str, Any], options: Optional[RequestOptions] = None) -> None:
        self._attach(scope_of(env), None, options)
        self.is_sync, self._environ = True, env

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

    @lazy
    def scope(self) -> Scope:
        """The ASGI scope; where a WSGI server made the request, one with the same content."""
        return self._connection.scope

    @property
    def env(self) -> Dict[str, Any]:
        """The WSGI environment, or the ASGI scope where there is none."""
        if self._environ is not None:
            return self._environ
        found: Dict[str, Any] = self.scope.get("wsgi.environ", self.scope)
        return found

    def get_header(self, name: str, required: bool = False, default: Optional[str] = None) -> Optional[str]:
        """Return a header, or `default`; see `RequestHeaders.get_header`."""
        environ = self._environ  # PERF: without a scope, 1 µs
        if environ is None:
            environ = self._wsgi_environ()
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

    # ------------------------------------------------------------ method and URL

    @lazy
    def context(self) -> Any:
        """An object for the values that handlers, hooks and middleware of this request share."""
        return self.context_type()

    @lazy
    def method(self) -> str:
        """The method in upper case; ``GET`` for a WebSocket."""
        environ = self._environ
        return str(self.scope.get("method", "GET") if environ is None else environ["REQUEST_METHOD"])

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
        connection, environ = self._connection, self._environ
        raw: bytes = (
            self.scope.get("query_string", b"")
            if environ is None
            else environ.get("QUERY_STRING", "").encode("latin-1")
        )
        # PERF: a new dict, since users may change it, 150 ns
        found: Dict[str, Any] = last_values(raw, connection.compiled_route.limits.max_query_pairs)
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

    kind: Any = asgi or Request

    def read(connection: Connection) -> Request:
        found: Optional[Request] = connection.made_facade(kind)  # PERF: nearly always it is there
        if found is not None:
            return found
        return read_plain(connection) if "wsgi.environ" in connection.scope else read_asgi(connection)

    return read


def plain_request_kind(state: State) -> Any:
    """Return the class of a WSGI server's requests if it leaves to ours how one is made, else None."""
    kind: Any = state.request_type or state.request_types[0]
    return None if kind is None or makes_itself(kind) else kind


def _reader_of(kind: Any, state: State) -> Callable[[Connection], Request]:
    options, is_own = state.req_options, makes_itself(kind)

    def init(request: Request, connection: Connection) -> None:
        request._connection = connection
        request.scope = connection.scope
        request.options = options  # PERF: no look-up in the app's store

    def init_direct(request: Request, connection: Connection) -> None:
        request._connection, request.options, request.is_sync = connection, options, True
        if isinstance(connection, WSGIConnection):
            request._environ = connection.environ
        else:
            request._environ = connection.scope["wsgi.environ"]

    begin = init_direct if state.is_direct else init

    def construct(request: Any, connection: Connection) -> None:
        begin(request, connection)
        if "wsgi.environ" in connection.scope:
            request.__init__(connection.scope["wsgi.environ"], options=options)
        else:
            request.__init__(connection.scope, connection.receive, options=options)

    return facade_reader(kind, construct if is_own else begin)


def _node_of(node: Optional[str]) -> Optional[str]:
    """Return the address of a hop without its port (RFC 7239, section 6)."""
    try:
        return parse_node(node)[0] if node else None
    except ValueError:  # a port that is none, such as the `_hidden` one of section 6.3
        return node and node.rpartition(":")[0]


def _split_host(host: str, scheme: str) -> Tuple[str, int]:
    """Split a host into name and port, by default the scheme's port."""
    name, port = parse_host(host) or (host, None)
    return name, DEFAULT_PORTS.get(scheme, 80) if port is None else port
