"""What view functions take, return and raise."""

from __future__ import annotations

from typing import Any, AsyncIterator, Dict, Mapping, Optional, Union

from fenrir_core import Connection, JSONResponse, NotFound, Response, StreamingResponse


class HttpRequest:
    """The request; the body was read before."""

    def __init__(self, connection: Connection) -> None:
        self.connection: Any = connection
        self.method, self.path, self.headers = connection.scope["method"], connection.path, connection.headers

    @property
    def body(self) -> bytes:
        """The body."""
        return bytes(self.connection.loaded_body)

    @property
    def GET(self) -> Mapping[str, str]:  # the framework's own name
        """The parameters of the query."""
        query: Mapping[str, str] = self.connection.query
        return query


def request_of(connection: Connection) -> HttpRequest:
    """Return the one request of a connection."""
    return connection.facade(HttpRequest)


class HttpResponse(Response):
    """A response; headers are set as items."""

    def __init__(self, content: Union[str, bytes] = b"", status: int = 200, content_type: Optional[str] = None) -> None:
        super().__init__(content, status, None, content_type or "text/html; charset=utf-8")

    def __setitem__(self, name: str, value: str) -> None:
        self.headers[name] = value

    def __getitem__(self, name: str) -> str:
        return str(self.headers[name])


class JsonResponse(HttpResponse):
    """A response with JSON."""

    def __init__(self, data: Dict[str, Any], status: int = 200) -> None:
        super().__init__(JSONResponse(data).body, status, "application/json")


class StreamingHttpResponse(StreamingResponse):
    """A response with the chunks of an async iterator."""

    def __init__(self, content: AsyncIterator[bytes], status: int = 200) -> None:
        super().__init__(content, status)


class Http404(NotFound):
    """Raised by a view that finds nothing."""


def to_response(connection: Connection, value: Any) -> Response:
    """Return what a view returned.

    Raises:
        TypeError: It is no response.
    """
    if isinstance(value, Response):
        return value
    route = connection.route
    raise TypeError(f"{route.where}: the view {route.name} returned {type(value).__name__}, not an HttpResponse.")
