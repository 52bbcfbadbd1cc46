"""The response as Falcon's responders fill it in, and what is sent of it."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Optional, Sequence, Tuple

from fenrir_core import App, Connection, EventSourceResponse, StreamingResponse, lazy
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import BODILESS, RawResponse, checked_head, facade_reader

from .context import Context
from .response_headers import ResponseHeaders, content_type_header
from .state import State
from .status_codes import Status, http_status_to_code
from .streaming import chunks, events


class Response(ResponseHeaders):
    """A response that a responder fills in and that is sent when the responder has returned.

    The first of `text`, `data`, `media` and `stream` that is set is the body.
    """

    #: The class of `context`.
    context_type: Any = Context

    # PERF: defaults are class attributes, so that making a response is one assignment
    #: The status: a code, an `http.HTTPStatus` or a status line.
    status: Status = 200
    #: The body as text, as bytes, or as a stream (an iterable or a file).
    text: Optional[str] = None
    data: Optional[bytes] = None
    stream: Any = None
    #: An async iterable of `SSEvent`, which makes the response an event stream.
    sse: Any = None
    #: Whether the response is complete, so that no further middleware method or responder runs.
    complete = False
    #: The kernel's response that was last made of this one.
    sent: Optional[KernelResponse] = None
    #: The body as a value that is serialized by the content type, or None. PERF: no property, 60 ns
    media: Any = None
    #: The last `media` that was serialized, and the bytes.
    _rendered: Optional[Tuple[Any, bytes]] = None
    _scheduled: Sequence[Tuple[Callable[..., Any], bool]] = ()

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @lazy
    def context(self) -> Any:
        """An object for the values that handlers, hooks and middleware share."""
        return self.context_type()

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return http_status_to_code(self.status)

    @status_code.setter
    def status_code(self, value: Status) -> None:
        self.status = value

    def set_stream(self, stream: Any, content_length: int) -> None:
        """Set `stream` and `Content-Length`, in bytes."""
        self.stream, self.content_length = stream, content_length

    # ------------------------------------------------------------ after the response

    def schedule(self, callback: Callable[[], Awaitable[Any]]) -> None:
        """Register a coroutine function that is called after the response is sent."""
        self._scheduled = (*self._scheduled, (callback, True))

    def schedule_sync(self, callback: Callable[[], Any]) -> None:
        """Register a function that is called in a thread after the response is sent."""
        self._scheduled = (*self._scheduled, (callback, False))

    async def _background(self) -> None:
        for callback, is_async in self._scheduled:
            if is_async:
                await callback()
            else:
                await self._connection.app.run_in_thread(callback)

    # ------------------------------------------------------------ sending

    def render(self) -> Optional[bytes]:
        """Return the body as bytes, or None if there is none; `media` is serialized once.

        Raises:
            HTTPUnsupportedMediaType: No handler is registered for the content type.
        """
        if self.text is not None:
            return self.text.encode()
        if self.data is not None:
            return self.data
        if self.media is None:
            return None
        if self._rendered is None or self._rendered[0] is not self.media:
            # PERF: 1 µs less than `self.content_type` if no header is set, as in most responders
            kind = self._headers.get("content-type") if self._headers.raw else None
            if kind is None:
                kind = self.options.default_media_type
                if self.options.media_handlers.negotiates and kind == "application/json":
                    kind = self._negotiated_type()
                self._headers.raw.append(content_type_header(kind))
            handler = self.options.media_handlers.find(kind, self.options.default_media_type)
            self._rendered = self.media, bytes(handler.serialize(self.media, kind))
        return self._rendered[1]

    def _negotiated_type(self) -> str:
        """Return the media type of a plugin that the client prefers to JSON, or JSON's."""
        self.append_header("Vary", "Accept")
        preferred = self._connection.app.media_types.preferred(self._connection)
        return "application/json" if preferred is None else preferred.name

    async def render_body(self) -> Optional[bytes]:
        """Return the body as bytes, or None if there is none; see `render`."""
        return self.render()

    def render_raw(self) -> Optional[RawResponse]:
        """Return what `to_kernel` returns without making an object; None if there is no body or it is not complete."""
        status: Any = self.status
        if status != 200 or type(status) is not int:
            status = http_status_to_code(status)
        if self.stream is not None or self.sse is not None or self._scheduled or status in BODILESS:
            return None
        body = self.render()
        headers = self._headers.raw if "_headers" in self.__dict__ else []
        for name, _ in headers:  # PERF: as `in` does, without its call and encoding, 150 ns
            if name == b"content-type":
                break
        else:
            kind = self._default_type(body)
            headers = [*headers, content_type_header(kind)] if kind else headers
        body = body or b""
        return status, checked_head(headers, len(body)), body

    def to_kernel(self) -> KernelResponse:
        """Return the kernel's response with the status, headers and body that are set now."""
        background = self._background if self._scheduled else None
        status = self.status_code
        body = self.render() if self.sse is None else None
        sent: KernelResponse
        if self.sse is not None:
            sent = EventSourceResponse(events(self.sse), status, background=background)
        elif body is None and self.stream is not None:
            sent = StreamingResponse(chunks(self.stream), status, background=background)
        else:
            sent = KernelResponse(body or b"", status, background=background)
        own = {name for name, _ in self._headers.raw} if sent.raw_headers else ()
        sent.raw_headers[:] = [pair for pair in sent.raw_headers if pair[0] not in own]
        sent.raw_headers.extend(self._headers.raw)
        has_type = bool(self._headers.raw) and "content-type" in self._headers
        if not has_type and self.sse is None and status not in BODILESS:
            kind = self._default_type(body)
            if kind:
                sent.raw_headers.append(content_type_header(kind))
        self.sent = sent
        return sent

    def discard_rendering(self) -> None:
        """Discard the serialized `media`, so that it is serialized again."""
        self._rendered = None

    def hold(self) -> KernelResponse:
        """Return a placeholder for the response, which middleware may still change."""
        self.sent = KernelResponse(b"", self.status_code)
        return self.sent

    def _default_type(self, body: Optional[bytes]) -> str:
        """Return the content type if none is set: in Falcon's own app that of the options."""
        if self._connection.app.paradigm == "falcon":
            return self.options.default_media_type
        if self.text is not None:
            return "text/plain; charset=utf-8"
        return "application/octet-stream" if body is not None or self.stream is not None else ""


def response_of(connection: Connection) -> Response:
    """Return the one response object of a connection, in the class that the app chose."""
    kind: Any = connection.app.store(State).response_type or Response
    return connection.facade(kind)  # type: ignore[no-any-return]


def response_reader(app: App) -> Callable[[Connection], Response]:
    """Return a function that does what `response_of` does, for one app and in less time."""
    kind: Any = app.store(State).response_type or Response
    is_plain = kind.__init__ is Response.__init__ and kind.__new__ is object.__new__
    return facade_reader(kind, _init if is_plain else None)


def _init(response: Response, connection: Connection) -> None:
    response._connection = connection
