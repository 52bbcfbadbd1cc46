"""The response as Falcon's responders fill it in, and what is sent of it."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Iterable, NoReturn, Optional, Sequence, Tuple, Type

from fenrir_core import App, Connection, EventSourceResponse, StreamingResponse, lazy
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import (
    BODILESS,
    RawHeaders,
    RawResponse,
    check_header,
    dumps,
    facade_reader,
    length_header,
)

from .context import Context
from .deprecation import AttributeRemovedError
from .detached import detached, makes_itself
from .options import ResponseOptions
from .response_headers import ResponseHeaders, content_type_header
from .state import State
from .status_codes import HTTP_200 as OK
from .status_codes import Status, http_status_to_code
from .streaming import chunks, events
from .wsgi_stream import WSGIStream


class Response(ResponseHeaders):
    """A response that a responder fills in and that is sent when the responder has returned.

    The first of `text`, `data`, `media` and `stream` that is set is the body.
    """

    #: The class of `context`.
    context_type: Any = Context

    # PERF: defaults are class attributes, so that making a response is one assignment
    #: The status: a code, an `http.HTTPStatus` or a status line.
    status: Status = OK
    #: The body as text, as bytes, or as a stream (an iterable or a file).
    text: Optional[str] = None
    data: Optional[bytes] = None
    stream: Any = None
    #: An async iterable of `SSEvent`, which makes the response an event stream.
    sse: Any = None
    #: Whether it was written by an error handler.
    is_error = False
    #: Whether the response is complete, so that no further middleware method or responder runs.
    complete = False
    #: The kernel's response that was last made of this one.
    sent: Optional[KernelResponse] = None
    #: The body as a value that is serialized by the content type, or None. PERF: no property, 60 ns
    media: Any = None
    #: The last `media` that was serialized, and the bytes.
    _rendered: Optional[Tuple[Any, bytes]] = None
    #: The default content type with which the response was sent, if no other was set.
    final_type = ""
    _scheduled: Sequence[Tuple[Callable[..., Any], bool]] = ()

    def __init__(self, options: Optional[ResponseOptions] = None) -> None:
        if "_connection" not in self.__dict__:
            self._connection = detached({"type": "http", "headers": []})
        if options is not None:
            self.options = options

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

    @property
    def body(self) -> NoReturn:
        """The former name of `text`."""
        raise AttributeRemovedError("The body attribute is no longer supported. Use text, data or media instead.")

    @body.setter
    def body(self, value: object) -> NoReturn:
        raise AttributeRemovedError("The body attribute is no longer supported. Use text, data or media instead.")

    @property
    def add_link(self) -> NoReturn:
        """The former name of `append_link`."""
        raise AttributeRemovedError("add_link has been removed. Use append_link instead.")

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
            text: Any = self.text
            return text.encode() if type(text) is str else bytes(text)
        if self.data is not None:
            return self.data
        media = self.media
        if media is None:
            return None
        if self._rendered is None or self._rendered[0] is not media:
            headers, options = self._headers, self.options
            handlers = options.media_handlers
            for name, value in headers.raw:  # PERF: as `self.content_type` does, 1 µs
                if name == b"content-type":
                    kind = value.decode("latin-1")
                    break
            else:
                kind = options.default_media_type
                if handlers.negotiates and kind == "application/json":
                    kind = self._negotiated_type()
                headers.raw.append(content_type_header(kind))
            if kind in handlers.json_headers:  # PERF: as the handler does, 300 ns
                body = dumps(media)
            else:
                body = bytes(handlers.find(kind, options.default_media_type).serialize(media, kind))
            self._rendered = media, body
            return body
        return self._rendered[1]

    def _handler(self) -> Any:
        """Return the media handler of the content type."""
        options = self.options
        return options.media_handlers.find(self.content_type, options.default_media_type)

    def _negotiated_type(self) -> str:
        """Return the media type of a plugin that the client prefers to JSON, or JSON's."""
        self.append_header("Vary", "Accept")
        preferred = self._connection.app.media_types.preferred(self._connection)
        return "application/json" if preferred is None else preferred.name

    def render_body(self) -> Optional[bytes]:
        """Return the body as bytes, or None if there is none; see `render`."""
        return self.render()

    def render_raw(self) -> Optional[RawResponse]:
        """Return what `to_kernel` returns without making an object; None if there is no body or it is not complete."""
        own = self.__dict__
        media, text, written = own.get("media"), own.get("text"), own.get("_headers")
        if (media is None) is (type(text) is str) and len(own) == (3 if written is None else 4):
            found = self._quick_raw(media, text, () if written is None else written.raw)
            if found is not None:
                return found
        status: Any = self.status
        status = 200 if status is OK else http_status_to_code(status)
        if self.stream is not None or self.sse is not None or self._scheduled or status in BODILESS:
            return None
        body = self.render()
        headers: RawHeaders = []
        has_type = has_length = False
        # PERF: one loop that checks again what could be changed from outside; `checked_head` and others took 900 ns
        for pair in self._headers.raw if "_headers" in self.__dict__ else ():
            name, value = pair
            if 10 in value or 13 in value or 0 in value:
                check_header(name, value)
            if name == b"content-length":
                if body is not None or self._connection.scope.get("method") != "HEAD":
                    continue  # COMPAT: its own length, whatever was declared
                has_length = True
            elif name == b"content-type":
                has_type = True
            headers.append(pair)
        if not has_type:
            kind = self.final_type = self._default_type(body)
            if kind:
                headers.append(content_type_header(kind))
        body = body or b""
        if not has_length:
            headers.append(length_header(len(body)))
        return status, headers, body

    def _quick_raw(self, media: Any, text: Any, written: Iterable[Tuple[bytes, bytes]]) -> Optional[RawResponse]:
        """Return what `render_raw` returns of `media` as JSON or `text`, and headers. PERF: in one frame, 1 us."""
        options, headers, kind = self.options, [], ""
        for pair in written:
            name, value = pair
            if name == b"content-length":
                continue
            if 10 in value or 13 in value or 0 in value:
                check_header(name, value)
            if name == b"content-type":
                kind = str(value, "latin-1")
            headers.append(pair)
        if not kind:
            kind = options.default_media_type
            if not kind or options.media_handlers.negotiates or self._connection.app.paradigm != "falcon":
                return None
            headers.append(content_type_header(kind))
        if media is None:
            body: bytes = text.encode()
        elif kind in options.media_handlers.json_headers:
            body = dumps(media)
        else:
            return None
        headers.append(length_header(len(body)))
        return 200, headers, body

    def to_kernel(self) -> KernelResponse:
        """Return the kernel's response with the status, headers and body that are set now."""
        background = self._background if self._scheduled else None
        status: Any = self.status
        status = 200 if status is OK else http_status_to_code(status)
        body = self.render() if self.sse is None else None
        written = self._headers.raw if "_headers" in self.__dict__ else []
        sent: KernelResponse
        if self.sse is not None:
            sent = EventSourceResponse(events(self.sse), status, background=background)
        elif body is None and self.stream is not None and self._connection.app.store(State).is_direct:
            sent = WSGIStream(self.stream, status)
        elif body is None and self.stream is not None:
            sent = StreamingResponse(chunks(self.stream), status, background=background)
        else:
            sent = _new_response(KernelResponse)  # PERF: without `__init__`, 400 ns
            sent.body, sent.status, sent.background, sent.raw_headers = body or b"", status, background, []
        headers = sent.raw_headers
        if headers:
            own = {name for name, _ in written}
            headers[:] = [pair for pair in headers if pair[0] not in own]
        has_type = self.sse is not None or status in BODILESS
        for pair in written:
            if pair[0] == b"content-length" and body is not None:
                continue
            has_type = has_type or pair[0] == b"content-type"
            headers.append(pair)
        if not has_type:
            kind = self.final_type = self._default_type(body)
            if kind:
                headers.append(content_type_header(kind))
        self.sent = sent
        return sent

    def to_deferred(self) -> KernelResponse:
        """Return what `to_kernel` returns, for a complete body not before something looks at it. PERF: 1 us less."""
        if self.stream is not None or self.sse is not None or self._scheduled:
            return self.to_kernel()
        sent = _new_deferred(DeferredResponse)  # `self.sent` would make a cycle of references
        sent._facade = self
        return sent

    def discard_rendering(self) -> None:
        """Discard the serialized `media`, so that it is serialized again."""
        self._rendered = None

    def _default_type(self, body: Optional[bytes]) -> str:
        """Return the content type if none is set: in Falcon's own app that of the options."""
        if self._connection.app.paradigm == "falcon":
            return self.options.default_media_type
        if self.text is not None:
            return "text/plain; charset=utf-8"
        return "application/octet-stream" if body is not None or self.stream is not None else ""


class DeferredResponse(KernelResponse):
    """A response that is written when it is sent; until something looks at it, it is only the facade."""

    _facade: Response

    def __getattr__(self, name: str) -> Any:
        if name not in _PARTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        own = self.__dict__  # with what a hook has set
        own.update({**self._facade.to_kernel().__dict__, **own})
        return own[name]

    def render_raw(self) -> Optional[RawResponse]:
        """Return status, headers and body as they are sent."""
        return self._facade.render_raw() if len(self.__dict__) == 1 else super().render_raw()


_PARTS = frozenset({"body", "status", "background", "raw_headers"})
_new_response: Callable[[Type[KernelResponse]], KernelResponse] = object.__new__
_new_deferred: Callable[[Type[DeferredResponse]], DeferredResponse] = object.__new__
#: What stands for a response that middleware may still change.
PENDING = KernelResponse()


def response_of(connection: Connection) -> Response:
    """Return the one response object of a connection, in the class that the app chose."""
    return _of_state(connection.app.store(State))(connection)


def response_reader(app: App) -> Callable[[Connection], Response]:
    """Return a function that does what `response_of` does, for one app; it is made once."""
    return _of_state(app.store(State))


def _of_state(state: State) -> Callable[[Connection], Response]:
    if state.read_response is None:
        state.read_response = _make_reader(state)
    return state.read_response  # type: ignore[no-any-return]


def _make_reader(state: State) -> Callable[[Connection], Response]:
    plain, asgi = state.response_types
    if state.response_type is not None or plain is asgi:
        return _reader_of(state.response_type or asgi or Response, state)
    read_plain, read_asgi = _reader_of(plain, state), _reader_of(asgi, state)
    if state.is_direct:
        return read_plain

    kind: Any = asgi or Response

    def read(connection: Connection) -> Response:
        found: Optional[Response] = connection.made_facade(kind)  # PERF: nearly always it is there
        if found is not None:
            return found
        return read_plain(connection) if "wsgi.environ" in connection.scope else read_asgi(connection)

    return read


def plain_response_kind(state: State) -> Any:
    """Return the class of the responses to a WSGI server's requests if it leaves to ours how one is made, else None."""
    kind: Any = state.response_type or state.response_types[0]
    return None if kind is None or makes_itself(kind) else kind


def _reader_of(kind: Any, state: State) -> Callable[[Connection], Response]:
    options = state.resp_options

    def construct(response: Any, connection: Connection) -> None:
        response._connection = connection
        response.__init__(options=options)

    def init(response: Response, connection: Connection) -> None:
        response._connection = connection
        response.options = options  # PERF: no look-up in the app's store

    return facade_reader(kind, construct if makes_itself(kind) else init)
