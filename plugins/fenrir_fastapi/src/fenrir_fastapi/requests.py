"""The request under Starlette's names: a view on the kernel's connection."""

from __future__ import annotations

from typing import Any, AsyncIterator, Dict, Iterator, Mapping, Optional

from fenrir_core import Connection, Headers

from .datastructures import URL, Address, FormData, QueryParams, State, UploadFile

__all__ = ["HTTPConnection", "Request"]


class HTTPConnection(Mapping[str, Any]):
    """Look at an HTTP request or WebSocket; a mapping of its ASGI scope."""

    def __init__(self, connection: Connection) -> None:
        self.connection: Any = connection
        self.scope = connection.scope

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
        """Give the app."""
        return self.connection.app

    @property
    def receive(self) -> Any:
        """Give the ASGI `receive`."""
        return self.connection.receive

    @property
    def headers(self) -> Headers:
        """Give the headers, case-insensitive."""
        headers: Headers = self.connection.headers
        return headers

    @property
    def query_params(self) -> QueryParams:
        """Give the query; of a repeated name `[]` gives the last value."""
        return QueryParams(self.connection.query)

    @property
    def path_params(self) -> Dict[str, Any]:
        """Give the path's values, converted."""
        values: Dict[str, Any] = self.connection.path_params
        return values

    @property
    def cookies(self) -> Dict[str, str]:
        """Give the cookies."""
        cookies: Dict[str, str] = self.connection.cookies
        return cookies

    @property
    def client(self) -> Optional[Address]:
        """Give the peer."""
        found = self.connection.client
        return None if found is None else Address(*found)

    @property
    def url(self) -> URL:
        """Give the whole URL."""
        connection = self.connection
        query = self.scope.get("query_string", b"").decode("latin-1")
        raw = self.scope.get("raw_path")
        path = raw.decode("latin-1").partition("?")[0] if raw else connection.path
        text = f"{connection.scheme}://{connection.host}{path}"
        return URL(f"{text}?{query}" if query else text)

    @property
    def base_url(self) -> URL:
        """Give the URL of the app's root, with a slash at its end."""
        connection = self.connection
        return URL(f"{connection.scheme}://{connection.host}{connection.root_path.rstrip('/')}/")

    @property
    def state(self) -> State:
        """Give the request's own state; it starts with what the lifespan yielded."""
        values = self.connection.state.get("fastapi.state")
        if values is None:
            values = self.connection.state["fastapi.state"] = dict(self.scope.get("state") or {})
        return State(values)

    @property
    def session(self) -> Any:
        """Give the session that a middleware put into the scope."""
        return self.scope["session"]

    @property
    def user(self) -> Any:
        """Give the user that a middleware put into the scope."""
        return self.scope["user"]

    @property
    def auth(self) -> Any:
        """Give the authorisation that a middleware put into the scope."""
        return self.scope["auth"]

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """Give the whole URL of a route by its name."""
        path = self.app.url_path(name, **path_params)
        return URL(str(self.base_url).rstrip("/") + path)


class Request(HTTPConnection):
    """Look at an HTTP request."""

    @property
    def method(self) -> str:
        """Give the method in upper case."""
        method: str = self.connection.method
        return method

    async def body(self) -> bytes:
        """Read the body, once for everybody."""
        body: bytes = await self.connection.body()
        return body

    async def json(self) -> Any:
        """Read the body as JSON."""
        return await self.connection.json()

    async def form(self, **limits: Any) -> FormData:
        """Read the body as a form."""
        pairs = (await self.connection.form()).multi_items()
        return FormData(
            (name, value if isinstance(value, str) else UploadFile._validate(value)) for name, value in pairs
        )

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate the body as it arrives."""
        stream: AsyncIterator[bytes] = self.connection.stream()
        return stream

    async def close(self) -> None:
        """Do nothing: the request closes its files by itself."""
