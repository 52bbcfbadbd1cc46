"""Starlette's request: a facade of the kernel's connection."""

from __future__ import annotations

import json
import sys
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Awaitable,
    Dict,
    Generator,
    Iterator,
    List,
    Mapping,
    Optional,
    Union,
)

from fenrir_core import CannotBuildURL, ClientDisconnect, Connection, InvalidJSON, current
from fenrir_core.authoring import Message, Receive, Scope, Send, parse_options

from .cookies import cookie_parser
from .datastructures import URL, Address, FormData, Headers, QueryParams, State, UploadFile, URLPath
from .detached import DetachedRequest, DetachedRoute, DetachedWebSocket
from .exceptions import HTTPException, MalformedJSON
from .included import INCLUDED, tell_included
from .polling import poll
from .types import NamedValues, Values

if TYPE_CHECKING:
    from .formparsers import FormParser, MultiPartParser

__all__ = ["ClientDisconnect", "HTTPConnection", "Request", "cookie_parser", "empty_receive", "empty_send"]

#: What a connection that no app serves has as its route.
_DETACHED = DetachedRoute()
#: The most files, the most fields and the most bytes of a field of a form.
_LIMITS = {"max_files": 1000, "max_fields": 1000, "max_part_size": 1024 * 1024}
#: Request headers that are sent on with a server push.
_PUSHED = ("accept", "accept-encoding", "accept-language", "cache-control", "user-agent")


async def empty_receive() -> Message:
    """Raise RuntimeError: a request was made without `receive`."""
    raise RuntimeError("Receive channel has not been made available")


async def empty_send(message: Message) -> None:
    """Raise RuntimeError: a request was made without `send`."""
    raise RuntimeError("Send channel has not been made available")


def _connection_of(scope: Scope, receive: Receive, send: Send) -> Connection:
    """Return a new connection of the kernel for an ASGI scope, by the route of the current request."""
    assert scope["type"] in ("http", "websocket"), f"A connection is HTTP or a WebSocket, not {scope['type']}."
    outer = current.get(None)
    compiled_route: Any = _DETACHED if outer is None else outer.compiled_route
    kind = DetachedWebSocket if scope["type"] == "websocket" else DetachedRequest
    params = scope.get("path_params")
    if params is None:
        params = {} if outer is None else outer.path_params
    return kind(scope, receive, send, params, compiled_route)


class HTTPConnection(Mapping[str, Any]):
    """An HTTP request or WebSocket; a mapping of its ASGI scope.

    Args:
        scope: A connection of the kernel, or an ASGI scope, which is then read with
            `receive` as a request of its own inside of the current one.
        receive, send: The ASGI callables that go with a scope.
    """

    def __init__(
        self, scope: Union[Connection, Scope], receive: Receive = empty_receive, send: Send = empty_send
    ) -> None:
        if isinstance(scope, Connection):
            self.connection: Any = scope
            shared: Scope = scope.scope
            self.scope = shared
            target: Any = scope.compiled_route
            if target.app is not None and not isinstance(scope, (DetachedRequest, DetachedWebSocket)):
                # PERF: without properties and methods, 1.0 -> 0.6 us
                route: Any = target.route
                options = route.options
                shared["app"], shared["route"] = target.app, options.get("api_route") or route
                shared["endpoint"], shared["path_params"] = route.endpoint, scope.path_params
                if INCLUDED in options:
                    tell_included(shared, route)
        else:
            self.connection, self.scope = _connection_of(scope, receive, send), scope

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def app(self) -> Any:
        """The app."""
        return self.scope["app"]

    @property
    def headers(self) -> Headers:
        """The headers, case-insensitive."""
        headers = self.__dict__.get("_headers")
        if headers is None:
            headers = self.__dict__["_headers"] = Headers(raw=list(self.scope["headers"]))
        return headers

    @property
    def query_params(self) -> QueryParams:
        """The query parameters; `[]` returns the last value of a repeated name."""
        found = self.__dict__.get("_query_params")
        if found is None:
            found = self.__dict__["_query_params"] = QueryParams(self.connection.query)
        return found

    @property
    def path_params(self) -> Values:
        """The path parameters, converted."""
        values: Values = self.connection.path_params
        return values

    @property
    def cookies(self) -> Dict[str, str]:
        """The cookies."""
        cookies = self.__dict__.get("_cookies")
        if cookies is None:
            cookies = self.__dict__["_cookies"] = {}
            for header in self.headers.getlist("cookie"):
                cookies.update(cookie_parser(header))
        return cookies

    @property
    def client(self) -> Optional[Address]:
        """The client's host and port, or None if they are unknown."""
        found = self.scope.get("client")
        return None if found is None else Address(*found)

    @property
    def url(self) -> URL:
        """The absolute URL."""
        found = self.__dict__.get("_url")
        if found is None:
            found = self.__dict__["_url"] = URL(scope=self.scope)
        return found

    @property
    def base_url(self) -> URL:
        """The URL of the outermost app, with a trailing slash."""
        found = self.__dict__.get("_base_url")
        if found is None:
            root = self.scope.get("app_root_path", self.scope.get("root_path") or "")
            path = root if root.endswith("/") else f"{root}/"
            scope = {**self.scope, "path": path, "query_string": b"", "root_path": root}
            found = self.__dict__["_base_url"] = URL(scope=scope)
        return found

    @property
    def state(self) -> Any:
        """The request's own state: `scope["state"]`, which starts with what the lifespan yielded."""
        values = self.scope.get("state")
        if values is None:
            values = self.scope["state"] = {}
        elif type(values) is not dict:  # a server may share one mapping with all requests
            values = self.scope["state"] = dict(values)
        return State(values)

    @property
    def session(self) -> Any:
        """The session that a middleware put into the scope."""
        assert "session" in self.scope, "SessionMiddleware must be installed to access request.session"
        found = self.scope["session"]
        if hasattr(found, "mark_accessed"):
            found.mark_accessed()
        return found

    @property
    def user(self) -> Any:
        """The user that a middleware put into the scope."""
        assert "user" in self.scope, "AuthenticationMiddleware must be installed to access request.user"
        return self.scope["user"]

    @property
    def auth(self) -> Any:
        """The credentials that a middleware put into the scope."""
        assert "auth" in self.scope, "AuthenticationMiddleware must be installed to access request.auth"
        return self.scope["auth"]

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """Return the absolute URL of a route by its name.

        Raises:
            NoMatchFound: No route has the name and exactly these parameters.
            RuntimeError: The request belongs to no app.
        """
        scope = self.scope
        provider = scope.get("router") or scope.get("app")
        if provider is None:
            raise RuntimeError("The `url_for` method can only be used inside a Starlette application or with a router.")
        try:
            return _path_by(provider, name, path_params).make_absolute_url(self.base_url)
        except CannotBuildURL:
            outer = current.get(None)  # of an app that this one is mounted in
            if outer is None or outer.app is provider or outer is self.connection:
                raise
            base = URL(scope={**outer.scope, "path": f"{outer.root_path.rstrip('/')}/", "query_string": b""})
            return _path_by(outer.app, name, path_params).make_absolute_url(base)


def _path_by(provider: Any, name: str, path_params: NamedValues) -> URLPath:
    """Return the path of a route of an app or router."""
    if hasattr(provider, "url_path_for"):
        path: URLPath = provider.url_path_for(name, **path_params)
        return path
    return URLPath(provider.url_path(name, **path_params))


class Request(HTTPConnection):
    """An HTTP request."""

    def __init__(
        self, scope: Union[Connection, Scope], receive: Receive = empty_receive, send: Send = empty_send
    ) -> None:
        super().__init__(scope, receive, send)
        assert self.scope["type"] == "http"

    @property
    def receive(self) -> Receive:
        """The ASGI `receive`."""
        receive: Receive = self.connection.receive
        return receive

    @property
    def method(self) -> str:
        """The method in upper case."""
        method: str = self.scope["method"]
        return method

    async def body(self) -> bytes:
        """Return the body; it is read once and kept.

        Raises:
            ClientDisconnect: The client disconnected before the end.
        """
        body: bytes = await self.connection.body()
        return body

    async def json(self) -> Any:
        """Return the body, parsed as JSON.

        Raises:
            json.JSONDecodeError: It is no JSON; status 400 if the handler does not catch it.
        """
        if isinstance(self.connection, DetachedRequest):
            body = await self.body()
            return json.loads(body)
        try:
            return await self.connection.json()
        except InvalidJSON as error:
            raise MalformedJSON(error, (await self.body()).decode("utf-8", "replace")) from None

    def form(
        self,
        *,
        max_files: Optional[float] = None,
        max_fields: Optional[float] = None,
        max_part_size: Optional[int] = None,
    ) -> FormReading:
        """Return the body, parsed as a form, to be awaited; or a context manager of it that closes its files.

        Args:
            max_files, max_fields: How many files and fields it may have.
            max_part_size: The most bytes of a field.

        Raises:
            HTTPException: 400: it is malformed or beyond a limit. Outside of an app it is a `MultiPartException`.
        """
        limits = {"max_files": max_files, "max_fields": max_fields, "max_part_size": max_part_size}
        return FormReading(self._read_form({name: value for name, value in limits.items() if value is not None}))

    async def _read_form(self, limits: Values) -> FormData:
        found: Optional[FormData] = self.__dict__.get("_form")
        if found is None:
            if limits or isinstance(self.connection, DetachedRequest):
                found = await self._parse_form({**self._route_limits(), **limits})
            else:
                pairs = (await self.connection.form()).multi_items()
                found = FormData(
                    [(name, value if isinstance(value, str) else UploadFile.validate(value)) for name, value in pairs]
                )
            self.__dict__["_form"] = found
        return found

    def _route_limits(self) -> Values:
        if isinstance(self.connection, DetachedRequest):
            return _LIMITS
        form = self.connection.compiled_route.form_limits
        given = {"max_files": form.max_files, "max_fields": form.max_fields, "max_part_size": form.max_field_size}
        return {name: sys.maxsize if value is None else value for name, value in given.items()}

    async def _parse_form(self, limits: Values) -> FormData:
        from .formparsers import FormParser, MultiPartException, MultiPartParser

        kind = parse_options(self.headers.get("content-type") or "")[0]
        stream = self.stream()
        if kind == "multipart/form-data":
            parser: Union[FormParser, MultiPartParser] = MultiPartParser(self.headers, stream, **limits)
        elif kind == "application/x-www-form-urlencoded":
            limits.pop("max_files")
            parser = FormParser(self.headers, stream, **limits)
        else:
            return FormData()
        try:
            return await parser.parse()
        except MultiPartException as error:
            if "app" in self.scope:
                raise HTTPException(400, error.message) from None
            raise

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate over the chunks of the body as they arrive."""
        stream: AsyncIterator[bytes] = self.connection.stream()
        return stream

    async def close(self) -> None:
        """Close the files of the form; those of an app's request are also closed at its end."""
        form: Optional[FormData] = self.__dict__.get("_form")
        if form is not None:
            await form.close()

    async def is_disconnected(self) -> bool:
        """Return whether the client has disconnected, without waiting for it."""
        known: Any = self.connection if isinstance(self.connection, DetachedRequest) else self
        if not getattr(known, "is_gone", False):
            message = poll(self.connection.receive)
            known.is_gone = message is not None and message["type"] == "http.disconnect"
        return bool(known.is_gone)

    async def send_push_promise(self, path: str) -> None:
        """Ask the server to push a path to the client; without effect at a server that can't."""
        if "http.response.push" in (self.scope.get("extensions") or {}):
            names = [(name, name.encode()) for name in _PUSHED]
            headers = [(raw, value.encode("latin-1")) for name, raw in names for value in self.headers.getlist(name)]
            await self.connection.send({"type": "http.response.push", "path": path, "headers": headers})

    async def send_early_hints(self, link: str, /, *additional_links: str) -> None:
        """Send values of `Link` in a 103 response ahead of the response; without effect at a server that can't."""
        if "http.response.early_hint" in (self.scope.get("extensions") or {}):
            links: List[bytes] = [value.encode("latin-1") for value in (link, *additional_links)]
            await self.connection.send({"type": "http.response.early_hint", "links": links})


class FormReading(Awaitable[FormData]):
    """The form of a request, to be awaited, or a context manager that closes its files at the end."""

    def __init__(self, reading: Awaitable[FormData]) -> None:
        self._reading = reading

    def __await__(self) -> Generator[Any, None, FormData]:
        return self._reading.__await__()

    async def __aenter__(self) -> FormData:
        self._form = await self._reading
        return self._form

    async def __aexit__(self, *error: object) -> None:
        await self._form.close()
