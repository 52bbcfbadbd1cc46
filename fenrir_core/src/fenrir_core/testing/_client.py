"""An in-process client of ASGI apps: requests, streams, events, WebSockets, and the lifespan."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, AsyncIterator, Dict, List, Mapping, Optional, Sequence, Type
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from .._types import ERRORS, ASGIApp, Namespace, RawHeaders
from ..exceptions import FenrirError, StartupFailed
from ..http.headers import Headers, encode_headers
from ..http.sse import ServerSentEvent
from ._events import read_events
from ._sending import Body, Cookies, File, FollowOptions, HeadersLike, RequestOptions, encode_body
from ._talk import Answer, Refused, Session, Stream, Talk

if TYPE_CHECKING:
    from typing_extensions import Unpack

_ASGI = {"version": "3.0", "spec_version": "2.4"}
_REDIRECTS = (301, 302, 303, 307, 308)
#: The maximum number of redirects that are followed for one request.
MAX_REDIRECTS = 20


class Client:
    """An in-process client of an ASGI app.

    Used as an async context manager it runs the app's lifespan around its requests; otherwise
    the app starts at its first request.

    Args:
        app: Any ASGI application.
        raise_errors: Whether an error that the app does not handle is raised here instead of
            sent as a 500.
        patience: Seconds to wait for each message of the app.
        headers: Sent with every request.
        host: The `Host` header, and the host of the cookies that are kept.

    Raises:
        StartupFailed: On entering: the app failed to start; the message is its own.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        raise_errors: bool = True,
        patience: float = 10.0,
        headers: HeadersLike = (),
        host: str = "test",
    ) -> None:
        self.app, self.raise_errors, self.patience, self.host = app, raise_errors, patience, host
        #: The lifespan state; each request gets a copy.
        self.state: Dict[str, Any] = {}
        #: The cookies that responses have set; they are sent with later requests.
        self.cookies = Cookies(host)
        self._headers = encode_headers(headers)
        self._life: Optional[Talk] = None

    async def __aenter__(self) -> Client:
        """Start the app."""
        life = Talk(self.app, {"type": "lifespan", "asgi": _ASGI, "state": self.state}, self.patience)
        life.inbox.put_nowait({"type": "lifespan.startup"})
        try:
            message = await life.next()
        except TimeoutError:
            raise
        except Exception:  # ASGI: an app that raises here, or returns, has no lifespan
            return self
        if message["type"] == "lifespan.startup.failed":
            await life.end()
            raise StartupFailed(message.get("message", ""))
        self._life = life
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]] = None,
        error: Optional[BaseException] = None,
        trace: Optional[TracebackType] = None,
    ) -> None:
        """Stop the app."""
        life, self._life = self._life, None
        if life is not None:
            life.inbox.put_nowait({"type": "lifespan.shutdown"})
            message = await life.next()
            await life.end()
            if message["type"] == "lifespan.shutdown.failed":
                raise FenrirError(f"The app did not stop cleanly: {message.get('message', '')}")

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        headers: HeadersLike = (),
        json: Any = None,
        form: Optional[Namespace] = None,
        files: Optional[Mapping[str, File]] = None,
        body: Body = b"",
    ) -> AsyncIterator[Stream]:
        """Send a request and return the response as it arrives; leaving the block before its end disconnects.

        Args:
            method: An HTTP method.
            path: The path and query, percent-encoded.
            headers: Sent besides the client's own; a `cookie` header replaces the cookies that are kept.
            json: A value to send as JSON.
            form: Fields to send as a form; a list is sent as several fields of one name.
            files: Files to send with the form, as multipart: the content, or
                `(filename, content)` or `(filename, content, media type)`.
            body: The body itself: str is sent as UTF-8, a list of bytes chunk by chunk.
        """
        chunks, pairs = encode_body(json, form, files, body)
        pairs = [*encode_headers(headers), *pairs]
        errors: List[BaseException] = []
        scope = self._scope("http", path, pairs)
        scope.update(method=method, extensions={ERRORS: errors} if self.raise_errors else {})
        talk = Talk(self.app, scope, self.patience)
        for index, chunk in enumerate(chunks):
            talk.inbox.put_nowait({"type": "http.request", "body": chunk, "more_body": index + 1 < len(chunks)})
        stream = Stream(talk, await talk.next())
        self.cookies.keep(path, stream.headers)
        try:
            yield stream
        finally:
            if not talk.task.done():
                await stream.disconnect()
        if errors:
            raise errors[0]

    async def request(
        self, method: str, path: str, *, follow: bool = False, **options: Unpack[RequestOptions]
    ) -> Answer:
        """Send a request and return the complete response, after background work is done; see `stream`.

        Args:
            method: An HTTP method.
            path: The path and query, percent-encoded.
            follow: Whether redirects within the app are followed, as a browser does.
            **options: As in `stream`.

        Raises:
            FenrirError: A redirect leads to another host, or there are too many.
        """
        for _ in range(MAX_REDIRECTS):
            async with self.stream(method, path, **options) as stream:
                body = b"".join([chunk async for chunk in stream])
            answer = Answer(stream.status, stream.headers, body, stream.connection)
            location = answer.headers.get("location")
            if not follow or answer.status not in _REDIRECTS or location is None:
                return answer
            path = self._within(path, location)
            # Source: Fetch Standard, "HTTP-redirect fetch", step 11
            if answer.status == 303 and method != "HEAD" or answer.status < 303 and method == "POST":
                method = "GET"
                options = {"headers": options["headers"]} if "headers" in options else {}
        raise FenrirError(f"The app redirects without end; the last time to {path}.")

    def _within(self, path: str, location: str) -> str:
        target = urlsplit(urljoin(f"http://{self.host}{path}", location))
        if target.netloc != self.host:
            raise FenrirError(f"The app redirects to another host, where this client can't follow: {location}")
        return (target.path or "/") + (f"?{target.query}" if target.query else "")

    async def get(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a GET request; see `request`."""
        return await self.request("GET", path, **options)

    async def head(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a HEAD request; see `request`."""
        return await self.request("HEAD", path, **options)

    async def options(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send an OPTIONS request; see `request`."""
        return await self.request("OPTIONS", path, **options)

    async def post(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a POST request; see `request`."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a PUT request; see `request`."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a PATCH request; see `request`."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a DELETE request; see `request`."""
        return await self.request("DELETE", path, **options)

    @asynccontextmanager
    async def events(
        self, path: str, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
        """Request server-sent events and return them as they arrive; leaving the block disconnects.

        The data of each is text. Comments, such as heartbeats, are skipped.

        Raises:
            AssertionError: The response is not a stream of events; the message has its status and body.
        """
        async with self.stream("GET", path, **options) as stream:
            kind = (stream.headers.get("content-type") or "").partition(";")[0]
            if kind != "text/event-stream":
                body = b"".join([chunk async for chunk in stream])
                raise AssertionError(f"{path} answered {stream.status} with {kind or 'no content type'}: {body!r}")
            yield read_events(stream)

    @asynccontextmanager
    async def websocket(
        self, path: str, *, headers: HeadersLike = (), subprotocols: Sequence[str] = ()
    ) -> AsyncIterator[Session]:
        """Open a WebSocket; leaving the block closes it.

        Raises:
            Refused: The app did not accept it.
        """
        scope = self._scope("websocket", path, encode_headers(headers))
        scope.update(scheme="ws", subprotocols=list(subprotocols), extensions={"websocket.http.response": {}})
        talk = Talk(self.app, scope, self.patience)
        talk.inbox.put_nowait({"type": "websocket.connect"})
        message = await talk.next()
        if message["type"] != "websocket.accept":
            answer = Answer(message.get("status", 403), Headers(raw=message.get("headers", [])))
            while message.get("more_body", message["type"].endswith(".start")):
                message = await talk.next()
                answer.body += message.get("body", b"")
            await talk.end()
            raise Refused(answer)
        session = Session(talk, message)
        self.cookies.keep(path, session.headers)
        try:
            yield session
        finally:
            await session.close()

    def _scope(self, kind: str, path: str, headers: RawHeaders) -> Dict[str, Any]:
        raw, _, query = path.partition("?")
        sent = {name for name, _ in headers}
        pairs = [pair for pair in self._headers if pair[0] not in sent]
        kept = "" if b"cookie" in sent else self.cookies.header(path)
        if kept:
            pairs.append((b"cookie", kept.encode("latin-1")))
        host = [] if b"host" in sent else [(b"host", self.host.encode())]
        return {
            "type": kind, "asgi": _ASGI, "http_version": "1.1", "scheme": "http", "root_path": "",
            "path": unquote_to_bytes(raw).decode(), "raw_path": raw.encode(), "query_string": query.encode(),
            "headers": [*host, *pairs, *headers], "client": ("127.0.0.1", 50000), "server": (self.host, 80),
            "state": dict(self.state),
        }  # fmt: skip
