"""The response as Falcon's responders fill it in, and what is sent of it."""

from __future__ import annotations

import inspect
from datetime import datetime
from functools import lru_cache
from typing import Any, Awaitable, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import quote

from fenrir_core import (
    Connection,
    EventSourceResponse,
    MutableHeaders,
    ServerSentEvent,
    StreamingResponse,
    lazy,
)
from fenrir_core import (
    Response as KernelResponse,
)
from fenrir_core.authoring import BODILESS, RawResponse, checked_head, content_disposition, encode_header, format_cookie

from .context import Context
from .dates import ETag, dt_to_http
from .errors import HeaderNotSupported
from .options import ResponseOptions
from .state import State
from .status_codes import Status, http_status_to_code


class SSEvent:
    """One server-sent event; see `fenrir_core.ServerSentEvent`."""

    def __init__(
        self,
        data: Optional[bytes] = None,
        text: Optional[str] = None,
        json: Any = None,
        event: Optional[str] = None,
        event_id: Optional[str] = None,
        retry: Optional[int] = None,
        comment: Optional[str] = None,
    ) -> None:
        self.data, self.text, self.json = data, text, json
        self.event, self.event_id, self.retry, self.comment = event, event_id, retry, comment

    def to_kernel(self) -> ServerSentEvent:
        """Return the event as the kernel sends it."""
        payload = self.data if self.data is not None else self.text if self.text is not None else self.json
        return ServerSentEvent(payload, self.event, self.event_id, self.retry, self.comment)


def _header_property(name: str, doc: str, write: Callable[[Any], str] = str) -> Any:
    def get(self: Response) -> Optional[str]:
        return self.get_header(name)

    def put(self: Response, value: Any) -> None:
        if value is None:
            self.delete_header(name)
        else:
            self._headers[name] = write(value)

    return property(get, put, doc=f"Give or set {doc}; None deletes it.")


def _date(value: Any) -> str:
    return dt_to_http(value) if isinstance(value, datetime) else str(value)


def _url(value: Any) -> str:
    return quote(str(value), safe=":/%#?=@[]!$&'()*+,;~")


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _tag(value: Any) -> str:
    if isinstance(value, ETag):
        return value.dumps()
    return value if value.endswith('"') else f'"{value}"'


def _content_range(value: Any) -> str:
    if isinstance(value, str):
        return value
    start, end, total = value[:3]
    return f"{value[3] if len(value) > 3 else 'bytes'} {start}-{end}/{total}"


class Response:
    """What a responder fills in; the kernel sends it when the responder is done.

    Of the bodies that are set, `text` is sent before `data`, that before `media`, that
    before `stream`.
    """

    #: The class of `context`.
    context_type: Any = Context

    # PERF: what a responder does not touch stays here, so that making a response is one assignment
    #: The status: a code, an `http.HTTPStatus` or a status line.
    status: Status = 200
    #: The body as text, as bytes, or piece by piece.
    text: Optional[str] = None
    data: Optional[bytes] = None
    stream: Any = None
    #: An async iterable of `SSEvent`, which makes the response an event stream.
    sse: Any = None
    #: Whether the response is done, so that no further hook or responder is asked.
    complete = False
    #: What was sent of it last.
    sent: Optional[KernelResponse] = None
    #: The body as a value, which is written in the response's content type; None for none. PERF: no property, 60 ns
    media: Any = None
    #: What was last written of `media`, and what it became.
    _rendered: Optional[Tuple[Any, bytes]] = None
    _scheduled: Sequence[Tuple[Callable[..., Any], bool]] = ()

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @lazy
    def _headers(self) -> MutableHeaders:
        return MutableHeaders()

    @lazy
    def options(self) -> ResponseOptions:
        """The app's options."""
        return self._connection.app.store(State).resp_options

    @lazy
    def context(self) -> Any:
        """What this response's handlers, hooks and middleware share."""
        return self.context_type()

    @property
    def status_code(self) -> int:
        """Return or set the status as a number."""
        return http_status_to_code(self.status)

    @status_code.setter
    def status_code(self, value: Status) -> None:
        self.status = value

    def set_stream(self, stream: Any, content_length: int) -> None:
        """Set `stream` and its length in bytes."""
        self.stream, self.content_length = stream, content_length

    # ------------------------------------------------------------ headers

    @property
    def headers(self) -> Dict[str, str]:
        """A copy of the headers, names in lower case, without cookies."""
        return {name: value for name, value in self._headers.items() if name != "set-cookie"}

    @property
    def raw_headers(self) -> List[Tuple[bytes, bytes]]:
        """The headers as they are sent, cookies among them."""
        return self._headers.raw

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header, or `default`; repeats are joined by commas."""
        _no_cookie(name)
        return ", ".join(self._headers.getlist(name)) if name in self._headers else default

    def set_header(self, name: str, value: str) -> None:
        """Set a header in place of what it was.

        Raises:
            HeaderNotSupported: It is `Set-Cookie`; use `set_cookie`.
            InvalidHeader: It breaks the rules of headers.
        """
        _no_cookie(name)
        self._headers[name] = str(value)

    def delete_header(self, name: str) -> None:
        """Remove a header; one that is not there is no error."""
        _no_cookie(name)
        self._headers.pop(name, None)

    def append_header(self, name: str, value: str) -> None:
        """Add to a header, behind a comma; `Set-Cookie` gets a line of its own."""
        value = str(value)
        if name.lower() == "set-cookie":
            self._headers.add(name, value)
        else:
            there = self._headers.get(name)
            self._headers[name] = value if there is None else f"{there}, {value}"

    def set_headers(self, headers: Union[Mapping[str, str], Iterable[Tuple[str, str]]]) -> None:
        """Set several headers."""
        for name, value in headers.items() if isinstance(headers, Mapping) else headers:
            self.set_header(name, value)

    def append_link(
        self,
        target: str,
        rel: str,
        title: Optional[str] = None,
        anchor: Optional[str] = None,
        hreflang: Union[str, Iterable[str], None] = None,
        type_hint: Optional[str] = None,
        crossorigin: Optional[str] = None,
        link_extension: Optional[Iterable[Tuple[str, str]]] = None,
    ) -> None:
        """Add a `Link` header (RFC 8288)."""
        value = f"<{target}>; rel=" + (f'"{rel}"' if " " in rel or "//" in rel else rel)
        value += f'; title="{title}"' if title is not None else ""
        value += f'; type="{type_hint}"' if type_hint is not None else ""
        for language in [hreflang] if isinstance(hreflang, str) else hreflang or ():
            value += f"; hreflang={language}"
        value += f'; anchor="{anchor}"' if anchor is not None else ""
        if crossorigin is not None:
            value += "; crossorigin" if crossorigin.lower() == "anonymous" else '; crossorigin="use-credentials"'
        for key, text in link_extension or ():
            value += f"; {key}={text}"
        self.append_header("Link", value)

    accept_ranges = _header_property("Accept-Ranges", "`Accept-Ranges`")
    cache_control = _header_property("Cache-Control", "`Cache-Control`, text or a list of directives", _listed)
    content_length = _header_property("Content-Length", "`Content-Length`")
    content_location = _header_property("Content-Location", "`Content-Location`, percent-encoded", _url)
    content_range = _header_property("Content-Range", "`Content-Range`, text or (start, end, size)", _content_range)
    content_type = _header_property("Content-Type", "the media type")
    downloadable_as = _header_property("Content-Disposition", "the name to save it under", content_disposition)
    viewable_as = _header_property(
        "Content-Disposition", "the name to show it under", lambda name: content_disposition(name, "inline")
    )
    etag = _header_property("ETag", "the entity tag", _tag)
    expires = _header_property("Expires", "when it is stale", _date)
    last_modified = _header_property("Last-Modified", "when it was changed last", _date)
    location = _header_property("Location", "where to go, percent-encoded", _url)
    retry_after = _header_property("Retry-After", "when to come back, seconds or a date", _date)
    vary = _header_property("Vary", "the request headers that it depends on", _listed)

    # ------------------------------------------------------------ cookies

    def set_cookie(
        self,
        name: str,
        value: str,
        expires: Optional[datetime] = None,
        max_age: Optional[int] = None,
        domain: Optional[str] = None,
        path: Optional[str] = None,
        secure: Optional[bool] = None,
        http_only: bool = True,
        same_site: Optional[str] = None,
        partitioned: bool = False,
    ) -> None:
        """Set a cookie; `Secure` by the app's options unless it says otherwise."""
        cookie = format_cookie(
            name,
            value,
            max_age=None if max_age is None else int(max_age),
            expires=expires,
            path=path,
            domain=domain,
            secure=self.options.secure_cookies_by_default if secure is None else secure,
            httponly=http_only,
            samesite=same_site.lower() if same_site else None,
            partitioned=partitioned,
        )
        start = f"{name}=".encode("latin-1", "replace")
        kept = [pair for pair in self._headers.raw if pair[0] != b"set-cookie" or not pair[1].startswith(start)]
        self._headers.raw[:] = kept  # a cookie that is set again replaces what it was
        self._headers.add("set-cookie", cookie)

    def unset_cookie(
        self, name: str, same_site: str = "Lax", domain: Optional[str] = None, path: Optional[str] = None
    ) -> None:
        """Tell the client to drop a cookie."""
        self.set_cookie(
            name, "", datetime(1970, 1, 1), -1, domain, path, secure=False, http_only=False, same_site=same_site
        )

    # ------------------------------------------------------------ after the response

    def schedule(self, callback: Callable[[], Awaitable[Any]]) -> None:
        """Await `callback()` once the response is sent."""
        self._scheduled = (*self._scheduled, (callback, True))

    def schedule_sync(self, callback: Callable[[], Any]) -> None:
        """Call `callback()` in a thread once the response is sent."""
        self._scheduled = (*self._scheduled, (callback, False))

    async def _background(self) -> None:
        for callback, is_async in self._scheduled:
            if is_async:
                await callback()
            else:
                await self._connection.app.run_in_thread(callback)

    # ------------------------------------------------------------ what is sent

    def render(self) -> Optional[bytes]:
        """Return the body as bytes, None where there is none; `media` is written once.

        Raises:
            HTTPUnsupportedMediaType: No handler writes the content type.
        """
        if self.text is not None:
            return self.text.encode()
        if self.data is not None:
            return self.data
        if self.media is None:
            return None
        if self._rendered is None or self._rendered[0] is not self.media:
            # PERF: 1 µs less than `self.content_type` where no header was set, as in most responders
            kind = self._headers.get("content-type") if self._headers.raw else None
            if kind is None:
                kind = self.options.default_media_type
                self._headers.raw.append(type_header(kind))
            handler = self.options.media_handlers.find(kind, self.options.default_media_type)
            self._rendered = self.media, bytes(handler.serialize(self.media, kind))
        return self._rendered[1]

    async def render_body(self) -> Optional[bytes]:
        """Return the body as bytes, None where there is none."""
        return self.render()

    def render_raw(self) -> Optional[RawResponse]:
        """Return what `to_kernel` would, without an object; None for what is not all there, or has no body."""
        status: Any = self.status
        if status != 200 or type(status) is not int:
            status = http_status_to_code(status)
        if self.stream is not None or self.sse is not None or self._scheduled or status in BODILESS:
            return None
        body = self.render()
        headers = self._headers.raw if "_headers" in self.__dict__ else []
        if not headers or "content-type" not in self._headers:
            kind = self._default_type(body)
            headers = [*headers, type_header(kind)] if kind else headers
        body = body or b""
        return status, checked_head(headers, len(body)), body

    def to_kernel(self) -> KernelResponse:
        """Return what is sent: status, headers and body as they are now."""
        background = self._background if self._scheduled else None
        status = self.status_code
        body = self.render() if self.sse is None else None
        answer: KernelResponse
        if self.sse is not None:
            answer = EventSourceResponse(_events(self.sse), status, background=background)
        elif body is None and self.stream is not None:
            answer = StreamingResponse(_pieces(self.stream), status, background=background)
        else:
            answer = KernelResponse(body or b"", status, background=background)
        own = {name for name, _ in self._headers.raw} if answer.raw_headers else ()
        answer.raw_headers[:] = [pair for pair in answer.raw_headers if pair[0] not in own]
        answer.raw_headers.extend(self._headers.raw)
        has_type = bool(self._headers.raw) and "content-type" in self._headers
        if not has_type and self.sse is None and status not in (204, 304):
            kind = self._default_type(body)
            if kind:
                answer.raw_headers.append(type_header(kind))
        self.sent = answer
        return answer

    def discard_rendering(self) -> None:
        """Write `media` anew when it is sent."""
        self._rendered = None

    def hold(self) -> KernelResponse:
        """Return a stand-in for what will be sent, because middleware may still change it."""
        self.sent = KernelResponse(b"", self.status_code)
        return self.sent

    def _default_type(self, body: Optional[bytes]) -> str:
        """Return the content type where none was set: in Falcon's own app always the options' one."""
        if self._connection.app.paradigm == "falcon":
            return self.options.default_media_type
        if self.text is not None:
            return "text/plain; charset=utf-8"
        return "application/octet-stream" if body is not None or self.stream is not None else ""


@lru_cache(maxsize=64)
def type_header(kind: str) -> Tuple[bytes, bytes]:
    """Return the checked raw header of a media type."""
    return encode_header("content-type", kind)


def _no_cookie(name: str) -> None:
    if name.lower() == "set-cookie":
        raise HeaderNotSupported("Set-Cookie has methods of its own: set_cookie(), unset_cookie(), append_header().")


async def _events(source: Any) -> Any:
    async for item in source:
        yield (
            ServerSentEvent(comment="ping") if item is None else item.to_kernel() if isinstance(item, SSEvent) else item
        )


def _pieces(stream: Any) -> Any:
    """Return an iterable of what may be one already, or a file with `read`."""
    if hasattr(stream, "read"):
        if inspect.iscoroutinefunction(stream.read):
            return _read_async(stream)
        return _read(stream)
    return stream


def _read(file: Any) -> Any:
    try:
        while True:
            chunk = file.read(65536)
            if not chunk:
                return
            yield chunk
    finally:
        close = getattr(file, "close", None)
        if close is not None:
            close()


async def _read_async(file: Any) -> Any:
    try:
        while True:
            chunk = await file.read(65536)
            if not chunk:
                return
            yield chunk
    finally:
        close = getattr(file, "close", None)
        closed = close() if close is not None else None
        if inspect.isawaitable(closed):
            await closed
