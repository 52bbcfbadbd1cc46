"""Starlette's request: a facade of the kernel's connection."""

from __future__ import annotations

from typing import Any, AsyncIterator, Dict, Iterator, Mapping, Optional

from fenrir_core import Connection, Headers, WebSocket, current
from fenrir_core import Request as CoreRequest
from fenrir_core.authoring import escape_path

from .datastructures import URL, Address, FormData, QueryParams, State, UploadFile
from .detached import DetachedRoute

__all__ = ["HTTPConnection", "Request"]


def _connection_of(scope: Any, receive: Any, send: Any) -> Connection:
    """Return a new connection of the kernel for an ASGI scope, by the route of the current request."""
    outer = current.get(None)
    compiled_route: Any = DetachedRoute() if outer is None else outer.compiled_route
    kind = WebSocket if scope["type"] == "websocket" else CoreRequest
    params = scope.get("path_params", {}) if outer is None else outer.path_params
    return kind(scope, receive or _no_receive, send or _no_send, params, compiled_route)


async def _no_receive() -> Any:
    raise RuntimeError("This request was made without `receive`, so its body can't be read.")


async def _no_send(message: Any) -> None:
    raise RuntimeError("This request was made without `send`, so nothing can be sent.")


class HTTPConnection(Mapping[str, Any]):
    """An HTTP request or WebSocket; a mapping of its ASGI scope.

    Args:
        scope: A connection of the kernel, or an ASGI scope, which is then read with
            `receive` as a request of its own inside of the current one.
        receive, send: The ASGI callables that go with a scope.
    """

    def __init__(self, scope: Any, receive: Any = None, send: Any = None) -> None:
        connection = scope if isinstance(scope, Connection) else _connection_of(scope, receive, send)
        self.connection: Any = connection
        self.scope = connection.scope
        if connection.app is not None:
            route = connection.route
            self.scope.update(
                app=connection.app,
                route=route.option("api_route") or route,
                endpoint=route.endpoint,
                path_params=connection.path_params,
            )

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
    def receive(self) -> Any:
        """The ASGI `receive`."""
        return self.connection.receive

    @property
    def headers(self) -> Headers:
        """The headers, case-insensitive."""
        headers: Headers = self.connection.headers
        return headers

    @property
    def query_params(self) -> QueryParams:
        """The query parameters; `[]` returns the last value of a repeated name."""
        return QueryParams(self.connection.query)

    @property
    def path_params(self) -> Dict[str, Any]:
        """The path parameters, converted."""
        values: Dict[str, Any] = self.connection.path_params
        return values

    @property
    def cookies(self) -> Dict[str, str]:
        """The cookies."""
        cookies: Dict[str, str] = self.connection.cookies
        return cookies

    @property
    def client(self) -> Optional[Address]:
        """The client's host and port, or None if they are unknown."""
        found = self.connection.client
        return None if found is None else Address(*found)

    @property
    def url(self) -> URL:
        """The absolute URL."""
        connection = self.connection
        query = self.scope.get("query_string", b"").decode("latin-1")
        raw = self.scope.get("raw_path")
        path = raw.decode("latin-1").partition("?")[0] if raw else connection.path
        text = f"{connection.scheme}://{connection.host}{escape_path(path)}"
        return URL(f"{text}?{query}" if query else text)

    @property
    def base_url(self) -> URL:
        """The URL of the app's root, with a trailing slash."""
        connection = self.connection
        return URL(f"{connection.scheme}://{connection.host}{escape_path(connection.root_path.rstrip('/'))}/")

    @property
    def state(self) -> State:
        """The request's own state; it starts with the values that the lifespan yielded."""
        values = self.connection.state.get("fastapi.state")
        if values is None:
            values = self.connection.state["fastapi.state"] = dict(self.scope.get("state") or {})
        return State(values)

    @property
    def session(self) -> Any:
        """The session that a middleware put into the scope."""
        return self.scope["session"]

    @property
    def user(self) -> Any:
        """The user that a middleware put into the scope."""
        return self.scope["user"]

    @property
    def auth(self) -> Any:
        """The credentials that a middleware put into the scope."""
        return self.scope["auth"]

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """Return the absolute URL of a route by its name."""
        path = self.app.url_path(name, **path_params)
        return URL(str(self.base_url).rstrip("/") + path)


class Request(HTTPConnection):
    """An HTTP request."""

    @property
    def method(self) -> str:
        """The method in upper case."""
        method: str = self.connection.method
        return method

    async def body(self) -> bytes:
        """Return the body; it is read once and kept."""
        body: bytes = await self.connection.body()
        return body

    async def json(self) -> Any:
        """Return the body, parsed as JSON."""
        return await self.connection.json()

    async def form(self, **limits: Any) -> FormData:
        """Return the body, parsed as a form."""
        pairs = (await self.connection.form()).multi_items()
        return FormData(
            (name, value if isinstance(value, str) else UploadFile.validate(value)) for name, value in pairs
        )

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate over the chunks of the body as they arrive."""
        stream: AsyncIterator[bytes] = self.connection.stream()
        return stream

    async def close(self) -> None:
        """Do nothing: the files of a form are closed at the end of the request."""
