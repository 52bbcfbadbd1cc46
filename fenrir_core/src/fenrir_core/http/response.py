"""Responses: a status, headers in order, and a body."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Awaitable, Callable, List, Mapping, Optional, Tuple, Union
from urllib.parse import quote

from .._types import AnyCallable, RawHeaders, RawResponse
from .connection import Connection
from .cookies import CookieOptions, format_cookie
from .headers import (
    INDEXED,
    PLAIN_NAMES,
    HeaderSource,
    MutableHeaders,
    check_header,
    encode_header,
    encode_headers,
    known_name,
    length_header,
)
from .json import dumps

if TYPE_CHECKING:
    from typing_extensions import ParamSpec, Unpack

    P = ParamSpec("P")

HeadersInit = Optional[HeaderSource]
#: What stays as it is in a URL that may be encoded already (RFC 3986, sections 2.2 and 2.3).
SAFE_IN_URL = ":/%#?=@[]!$&'()*+,;~"
Background = Callable[[], Awaitable[None]]

#: Statuses whose response has no content (RFC 9110, sections 15.2, 15.3.5, 15.3.6 and 15.4.5).
BODILESS = frozenset((*range(100, 200), 204, 205, 304))


class Response:
    """An HTTP response whose body is complete.

    Args:
        body: bytes, or str that is encoded in UTF-8.
        status: The status code.
        headers: Extra headers; repeats are kept.
        media_type: The content type without charset; by default that of the class. Text
            types get ``; charset=utf-8``.
        background: An async callable without arguments, awaited after the last byte.
        status_code: The same as `status`, by the name that it has in FastAPI; all responses take both.

    Raises:
        InvalidHeader: A header contains CR, LF or NUL, or its name is not a token.
    """

    media_type: Optional[str] = None
    #: Whether the body is sent in chunks.
    streams = False
    #: The complete body; empty for responses that stream.
    body: bytes
    status: int
    #: Whether JSON becomes another media type that the client prefers, though an endpoint has made this response.
    negotiable = False
    #: Awaited after the last byte.
    background: Optional[Background]
    #: The headers as they are sent, in order; `headers` reads and changes them.
    raw_headers: RawHeaders
    _many_headers: MutableHeaders

    def __init__(
        self,
        body: Union[bytes, str] = b"",
        status: int = 200,
        headers: HeadersInit = None,
        media_type: Optional[str] = None,
        background: Optional[Background] = None,
        *,
        status_code: Optional[int] = None,
    ) -> None:
        if status_code is not None:
            status = status_code
        self.body = body.encode() if isinstance(body, str) else body
        self.status = status if type(status) is int else int(status)
        self.background = background
        self.raw_headers = encode_headers(headers) if headers else []
        kind = media_type or self.media_type
        if kind is not None and not (headers and "content-type" in self.headers):
            self.raw_headers.append(type_header(kind))

    @property
    def status_code(self) -> int:
        """The status, by the name that it has in FastAPI and Flask."""
        return self.status

    @status_code.setter
    def status_code(self, status: int) -> None:
        self.status = status

    @property
    def headers(self) -> MutableHeaders:
        """The headers, to read and to change: case-insensitive, checked on every write."""
        found = MutableHeaders.__new__(MutableHeaders)  # PERF: a quarter of the cost of calling the class
        found.raw = self.raw_headers
        return found if len(found.raw) < INDEXED else self._with_index(found)

    def _with_index(self, headers: MutableHeaders) -> MutableHeaders:
        """Return the headers that were returned before, with the index that they have by now, if they are the same."""
        known: Optional[MutableHeaders] = self.__dict__.get("_many_headers")
        if known is None or known.raw is not headers.raw:
            known = self._many_headers = headers
        return known

    def set_cookie(self, name: str, value: str = "", **options: Unpack[CookieOptions]) -> None:
        """Add a `Set-Cookie` header; the options are those of `fenrir_core.authoring.format_cookie`."""
        self.raw_headers.append(encode_header("set-cookie", format_cookie(name, value, **options)))

    def delete_cookie(self, name: str, *, path: str = "/", domain: Optional[str] = None) -> None:
        """Delete a cookie in the client; path and domain must be those it was set with."""
        self.set_cookie(name, "", max_age=0, expires=0, path=path, domain=domain)

    def head(self, length: Optional[int]) -> RawHeaders:
        """Return the headers as they are sent, checked, with `content-length` if `length` is known."""
        if self.status in BODILESS:
            # RFC 9110, section 15.3.6: 205 says that its content is empty; the others must have no length
            length = 0 if self.status == 205 else None
        return checked_head(self.raw_headers, length)

    async def start(self, connection: Connection, length: Optional[int]) -> None:
        """Send status and headers; after this an error can't change the status any more."""
        await self.run_start_steps(connection)
        headers = self.head(length)
        connection.started = True
        await connection.send({"type": "http.response.start", "status": int(self.status), "headers": headers})

    async def run_start_steps(self, connection: Connection) -> None:
        """Run the steps of `Connection.on_response_start`, which may change status and headers."""
        while connection.before_start:
            # popped first: if it raises, the error response must not run it again
            step = connection.before_start.pop(0)
            made = step(self)
            if hasattr(made, "__await__"):
                await made

    def render_raw(self) -> Optional[RawResponse]:
        """Return status, headers and body as `send` sends them; None if it does more than that."""
        kind = type(self)
        if kind.send is not kind._default_send or self.background is not None or self.status in BODILESS:
            return None
        return int(self.status), checked_head(self.raw_headers, len(self.body)), self.body

    async def send(self, connection: Connection) -> None:
        """Send the response, for HEAD with the same headers and no body."""
        body = b"" if self.status in BODILESS else self.body
        await self.start(connection, len(body))
        if connection.scope["method"] == "HEAD":
            body = b""
        await connection.send({"type": "http.response.body", "body": body})

    #: The `send` that sends what `render_raw` returns; a class with a `send` of its own is sent by that.
    _default_send = send

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status}>"


async def run_background(response: Response) -> None:
    """Run the background work of a response that was sent; SystemExit is an error like others."""
    if response.background is not None:
        try:
            await response.background()
        except SystemExit as error:
            raise RuntimeError("Background work raised SystemExit.") from error


def raw_response_of(connection: Connection, response: Response) -> Optional[RawResponse]:
    """Return a response that can be sent as it is; None for one that `respond` must send."""
    if connection.before_start is not None or connection.unhandled is not None or connection.scope["method"] == "HEAD":
        return None
    try:
        return response.render_raw()
    except Exception:  # `respond` runs into it again, and handles it
        return None


def checked_head(raw: RawHeaders, length: Optional[int]) -> RawHeaders:
    """Return headers as they are sent: checked, with a `content-length` where it is missing and `length` is known."""
    headers: RawHeaders = []
    for name, value in raw:
        if name not in PLAIN_NAMES:  # PERF: 50 ns less than the cache of `known_name` takes
            name = known_name(name)
        if 10 in value or 13 in value or 0 in value:  # PERF: as `check_header` looks, without the call
            check_header(name, value)
        if name == b"content-length":
            length = None
        headers.append((name, value))
    if length is not None:
        headers.append(length_header(length))
    return headers


class JSONResponse(Response):
    """A response with a value as JSON, which is encoded at once (see `fenrir_core.http.json`)."""

    media_type = "application/json"

    def __init__(
        self,
        content: Any = None,
        status: int = 200,
        headers: HeadersInit = None,
        media_type: Optional[str] = None,
        background: Optional[Background] = None,
        *,
        status_code: Optional[int] = None,
    ) -> None:
        super().__init__(dumps(content), status, headers, media_type, background, status_code=status_code)


class HTMLResponse(Response):
    """A response with HTML."""

    media_type = "text/html"


class PlainTextResponse(Response):
    """A response with plain text."""

    media_type = "text/plain"


class RedirectResponse(Response):
    """A redirect to another URL.

    Args:
        location: An absolute URL or a path. Characters that are not allowed in a URL, such as line breaks, are
            percent-encoded.
        status: 301, 302, 303, 307 or 308.
        headers: As in `Response`.
        background: As in `Response`.
        status_code: The same as `status`.

    Raises:
        ValueError: The status is not a redirect.
    """

    def __init__(
        self,
        location: str,
        status: int = 302,
        headers: HeadersInit = None,
        background: Optional[Background] = None,
        *,
        status_code: Optional[int] = None,
    ) -> None:
        if status_code is not None:
            status = status_code
        if status not in (301, 302, 303, 307, 308):
            raise ValueError(f"{status} is not a redirect: use 301, 302, 303, 307 or 308.")
        super().__init__(b"", status, headers, None, background)
        self.headers["location"] = quote(location, SAFE_IN_URL, errors="replace")


class BackgroundTasks:
    """Callables that run one after the other once the response is sent."""

    def __init__(self, run: Callable[..., Awaitable[object]]) -> None:
        """Make an empty list; `run(function, *args, **kwargs)` calls a task, in a thread if it blocks."""
        self._run = run
        self.tasks: List[Tuple[AnyCallable, Tuple[object, ...], Mapping[str, object]]] = []

    def add_task(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add a call of a sync or async function."""
        self.tasks.append((function, args, kwargs))

    async def __call__(self) -> None:
        """Run the tasks in order; after one that raises no other runs."""
        for function, args, kwargs in self.tasks:
            await self._run(function, *args, **kwargs)


@lru_cache(maxsize=64)
def type_header(media_type: str) -> Tuple[bytes, bytes]:
    """Return the checked raw `Content-Type` of a media type, see `with_charset`."""
    return encode_header("content-type", with_charset(media_type))


def with_charset(media_type: str) -> str:
    """Return a content type, with ``; charset=utf-8`` for text without a charset."""
    if media_type.startswith("text/") and "charset=" not in media_type.lower():
        return f"{media_type}; charset=utf-8"
    return media_type
