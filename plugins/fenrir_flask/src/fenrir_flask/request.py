"""Flask's request: Werkzeug's, over the environment of WSGI, which is made when something asks for it."""

from __future__ import annotations

from io import BytesIO, RawIOBase
from typing import Any, Callable, List, Optional, Tuple

from werkzeug.datastructures import EnvironHeaders, FileStorage, Headers, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.routing import Rule
from werkzeug.wrappers import Request as WerkzeugRequest

import fenrir_core
from fenrir_core import Connection, NoRequest, UploadFile, current, lazy
from fenrir_core.authoring import BODY_METHODS, SAFE_METHODS, loads, local_path, parse_host, server_host

from ._types import SomeApp, Values
from .bodies import read_whole, unread_body
from .debughelpers import attach_enctype_error_multidict
from .exceptions import werkzeug_error
from .names import blueprint_path
from .state import group_of

_NO_BODY = SAFE_METHODS - BODY_METHODS
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Request(WerkzeugRequest):  # SIZE: Werkzeug's attributes, each made when asked for
    """The request; see Werkzeug for what it has beyond this.

    In an app that is served as ASGI it is a view on the kernel's connection: each part is made when it is asked for.
    The body is then read before the view runs (see the route option `stream`), so that everything here is
    synchronous, in `async def` views too.

    Args:
        environ: The environment of WSGI.
    """

    #: The error where no rule matched.
    routing_exception: Optional[HTTPException] = None
    #: The kernel's connection, or None for a request that was made of an environment.
    connection: Any = None

    _max_content_length: Optional[int] = None
    _max_form_memory_size: Optional[int] = None
    _max_form_parts: Optional[int] = None

    # ------------------------------------------------------------ limits

    def _limit(self, name: str, kept: Optional[int], default: Optional[int]) -> Optional[int]:
        if kept is not None:
            return kept
        app = _current_app()
        return default if app is None else app.config.get(name, default)

    @property
    def max_content_length(self) -> Optional[int]:
        """The most bytes of the body, or None: `MAX_CONTENT_LENGTH`; it may be set for this request."""
        if self.connection is not None and self._max_content_length is None:
            limit: Optional[int] = self.connection.max_body
            return limit
        return self._limit("MAX_CONTENT_LENGTH", self._max_content_length, None)

    @max_content_length.setter
    def max_content_length(self, value: Optional[int]) -> None:
        self._max_content_length = value

    @property
    def max_form_memory_size(self) -> Optional[int]:
        """The most bytes of a field of a multipart form: `MAX_FORM_MEMORY_SIZE`; it may be set for this request."""
        return self._limit("MAX_FORM_MEMORY_SIZE", self._max_form_memory_size, 500_000)

    @max_form_memory_size.setter
    def max_form_memory_size(self, value: Optional[int]) -> None:
        self._max_form_memory_size = value

    @property  # type: ignore[override]  # it may be unlimited
    def max_form_parts(self) -> Optional[int]:
        """The most fields of a multipart form: `MAX_FORM_PARTS`; it may be set for this request."""
        return self._limit("MAX_FORM_PARTS", self._max_form_parts, 1000)

    @max_form_parts.setter
    def max_form_parts(self, value: Optional[int]) -> None:
        self._max_form_parts = value

    # ------------------------------------------------------------ routing

    @property
    def endpoint(self) -> Optional[str]:
        """The name of the route, or None if none matched."""
        rule = self.url_rule
        if rule is not None:
            return rule.endpoint  # type: ignore[no-any-return]
        connection = self.connection
        return None if connection is None or connection.route.fallback else connection.route.name or None

    @property
    def blueprint(self) -> Optional[str]:
        """The full name of the route's blueprint, or None."""
        group = self._group()
        return group[-1] if group else None

    @property
    def blueprints(self) -> List[str]:
        """The full names of the route's blueprint and its parents, innermost first."""
        name = self.blueprint
        return [] if name is None else blueprint_path(name)

    def _group(self) -> Tuple[str, ...]:
        connection = self.connection
        return group_of(self.endpoint) if connection is None else tuple(connection.route.group)

    # ------------------------------------------------------------ body

    def _body(self) -> bytes:
        """Return the body, which the connection has read."""
        connection = self.connection
        if not isinstance(connection, fenrir_core.Request):
            return b""
        unread = unread_body(connection)
        try:
            body = connection.loaded_body if unread is None else read_whole(connection, unread)
            most = self._max_content_length
            if most is not None and len(body) > most:
                raise RequestEntityTooLarge()
            return body
        except RuntimeError:
            if self.method in _NO_BODY:  # routes for these methods alone don't read the body
                return b""
            raise

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        connection = self.connection
        if isinstance(connection, fenrir_core.Request) and self.mimetype in _FORMS:
            self._take_form(connection)
        else:
            super()._load_form_data()
        if _in_debug_mode() and self.mimetype != "multipart/form-data" and not self.files:
            attach_enctype_error_multidict(self)

    def _take_form(self, connection: fenrir_core.Request) -> None:
        """Take the form that the connection has read."""
        try:
            pairs = connection.loaded_form.multi_items()
        except RuntimeError:
            if self.method not in _NO_BODY:
                raise
            pairs = []
        texts = [(name, value) for name, value in pairs if not isinstance(value, UploadFile)]
        files = [(name, file_storage(name, value)) for name, value in pairs if isinstance(value, UploadFile)]
        vars(self).update(form=ImmutableMultiDict(texts), files=ImmutableMultiDict(files), stream=BytesIO())

    def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False) -> Any:
        """Return the body, as bytes or as text; the bytes of a multipart form are not kept."""
        if self.connection is None:
            return super().get_data(cache, as_text, parse_form_data)  # type: ignore[call-overload]  # by literals
        body = b"" if parse_form_data and self.mimetype in _FORMS else self._body()
        return body.decode(errors="replace") if as_text else body

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the parsed JSON body; it is parsed once. A media type of a plugin is read in the same way."""
        connection = self.connection
        if not isinstance(connection, fenrir_core.Request):
            return super().get_json(force, silent, cache)
        if connection.media_type is None:
            problem = self._json_over_limits(connection) if force or self.is_json else None
            if problem is not None:
                return None if silent else self.on_json_loading_failed(problem)
            return super().get_json(force, silent, cache)
        if unread_body(connection) is not None:
            self._body()
        try:
            return connection.loaded_json
        except fenrir_core.HTTPError as error:
            if silent:
                return None
            raise werkzeug_error(error) from error

    def _json_over_limits(self, connection: fenrir_core.Request) -> Optional[ValueError]:
        """Return the error of a JSON body that is over the limits of the route; the app's provider knows none."""
        if not connection.is_loaded and unread_body(connection) is None:
            return None
        body = self._body()
        limits: Any = connection.compiled_route.limits
        brackets = body.count(b"[") + body.count(b"{")
        if brackets > limits.max_json_depth or limits.loads is not loads:
            try:
                limits.loads(body)
            except fenrir_core.InvalidJSON as error:
                return ValueError(error.msg)
        return None

    def on_json_loading_failed(self, e: Optional[ValueError]) -> Any:
        """Raise the error of a body that can't be parsed; made to be overridden.

        Args:
            e: The parser's error, or None if the media type is not JSON.

        Raises:
            BadRequest: The body is malformed; the text says more in debug mode.
            UnsupportedMediaType: The media type is not JSON.
        """
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            if type(error) is not BadRequest or _in_debug_mode():
                raise
            raise BadRequest() from error

    @property
    def is_multithread(self) -> bool:  # type: ignore[override]  # an attribute there
        """Whether the server runs requests in several threads."""
        return self.connection is not None or bool(self.environ.get("wsgi.multithread"))

    # ------------------------------------------------------------ parts of the connection

    @lazy
    def method(self) -> str:
        """The method in upper case."""
        return str(self.connection.scope.get("method", "GET"))

    @lazy
    def scheme(self) -> str:
        """``http`` or ``https``."""
        scheme: str = self.connection.scheme
        return {"ws": "http", "wss": "https"}.get(scheme, scheme)

    @lazy
    def server(self) -> Optional[Tuple[str, Optional[int]]]:
        """Host and port of the server."""
        return parse_host(server_host(self.connection.scope) or "")

    @lazy
    def root_path(self) -> str:
        """The prefix under which the app is mounted, without trailing slash."""
        return str(self.connection.root_path.rstrip("/"))

    @lazy
    def path(self) -> str:
        """The decoded path inside the app, with leading slash."""
        return "/" + local_path(self.connection.scope).lstrip("/")

    @lazy
    def query_string(self) -> bytes:
        """The query, which follows "?", still encoded."""
        return bytes(self.connection.scope.get("query_string", b""))

    @lazy
    def remote_addr(self) -> Optional[str]:
        """The address of the client as the server sees it, or None."""
        client = self.connection.client
        return None if client is None else client[0]

    @lazy
    def args(self) -> MultiDict[str, str]:
        """The query parameters."""
        if self.connection is None:
            return super().args
        return ImmutableMultiDict(self.connection.query.pairs)

    @lazy
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies by name."""
        if self.connection is None:
            return super().cookies
        return ImmutableMultiDict(self.connection.cookies)

    @property
    def mimetype(self) -> str:
        """The media type of the body in lower case, without parameters, or ``""``."""
        # PERF: the environment is not made for it, 50 us in a request with a form
        return super().mimetype if self.connection is None else self.connection.content_type

    @lazy
    def headers(self) -> Headers:
        """The headers; they can't be changed."""
        return EnvironHeaders(self.environ)

    @lazy
    def environ(self) -> Values:
        """The environment of WSGI."""
        from fenrir_wsgi import make_environ

        scope = self.connection.scope
        if "method" not in scope:
            scope = {**scope, "method": "GET"}
        unread = unread_body(self.connection)
        try:
            body = self._body() if unread is None else b""
            made = make_environ(scope, "", BytesIO(body) if unread is None else unread, len(body) or None)
        except RuntimeError:  # a route whose handler reads it in chunks
            made = make_environ(scope, "", UnreadBody(self._body), None)
        made["werkzeug.request"] = self
        return made

    @lazy
    def url_rule(self) -> Optional[Rule]:
        """The rule that matched, or None."""
        if self.connection is None:
            return None
        route = self.connection.route
        if route.fallback:
            return None
        found: Optional[Rule] = route.option("url_rule")
        return found if found is not None else Rule(route.path, endpoint=route.name, methods=route.methods)

    @lazy
    def view_args(self) -> Optional[Values]:
        """The values of the path, or None where no rule matched."""
        return None if self.connection is None or self.connection.route.fallback else self.connection.path_params

    @lazy
    def json_module(self) -> Any:
        """What parses JSON bodies."""
        from .json.provider import BodyParser, provider_of

        if self.connection is None:
            return None
        return BodyParser(provider_of(self.connection.app))

    @property
    def authorization(self) -> Any:
        """The credentials of `Authorization`, or None; also for credentials that can't be decoded."""
        try:
            return super().authorization
        except ValueError:  # COMPAT: Werkzeug 3.1, base64 that is not ASCII
            return None

    @lazy
    def host(self) -> str:
        """The host that the client asked for, with its port; the server's own where it sent none that is valid.

        Raises:
            SecurityError: It is none of `TRUSTED_HOSTS`.
        """
        if self.connection is None:
            return super().host
        app: SomeApp = self.connection.app
        trusted = app.config.get("TRUSTED_HOSTS") if app.paradigm == "flask" else None
        if trusted:
            return super().host
        return str(self.connection.host)


class UnreadBody(RawIOBase):
    """The body of a request that was not read yet; reading it says so.

    Args:
        read_body: Raises the error.
    """

    def __init__(self, read_body: Callable[[], bytes]) -> None:
        super().__init__()
        self._read_body = read_body

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Raise the error."""
        self._read_body()
        return 0


def file_storage(name: str, upload: UploadFile) -> FileStorage:
    """Return an uploaded file of the kernel as Werkzeug's."""
    headers = Headers([(key.title(), value) for key, value in upload.headers.items()])
    return FileStorage(upload.file, upload.filename, name, headers=headers)


def _current_app() -> Any:
    connection = current.get(None)
    return None if connection is None else connection.app


def _in_debug_mode() -> bool:
    app = _current_app()
    return app is not None and bool(app.config["DEBUG"])


def request_of(connection: Connection) -> Any:
    """Return the request of a connection, of the app's class.

    Raises:
        NoRequest: The connection is neither a request nor a WebSocket, as in an app context.
    """
    context = getattr(connection, "context", None)
    if context is not None and context.has_request:  # one that no server made, see `ctx`
        return context.request
    if connection.scope["type"] not in ("http", "websocket"):
        raise NoRequest("request")
    kind = getattr(connection.app, "request_class", Request)
    made = kind.__new__(kind)
    made.connection, made.shallow = connection, False
    return made
