"""The part of a request that is its body: streams, and the media that handlers make of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Dict, Optional

from fenrir_core import Request as KernelRequest
from fenrir_core import lazy
from fenrir_core.authoring import Scope, split_query

from .body_stream import BodyStream
from .exceptions import (
    HTTPContentTooLarge,
    HTTPInvalidHeader,
    HTTPInvalidParam,
    MediaMalformedError,
    MediaNotFoundError,
)
from .http_error import HTTPError
from .media import MEDIA_MULTIPART, MEDIA_URLENCODED, JSONHandler, URLEncodedFormHandler, grouped
from .media.base import is_read_async
from .options import RequestOptions
from .query_params import ParamReader
from .request_headers import RequestHeaders
from .state import State
from .stream import BoundedStream
from .util.uri import decode as decode_uri

_UNSET: Any = object()
_FORMS = (MEDIA_MULTIPART, MEDIA_URLENCODED)


class RequestBody(ParamReader, RequestHeaders):
    """The part of `Request` that reads the body, and makes media of it and of parameters."""

    #: Whether synchronous code reads it; its body was read before that code runs.
    is_sync = False
    scope: Scope
    query_string: str
    #: The WSGI environment, where a WSGI server made the request of a synchronous app.
    _environ: Optional[Dict[str, Any]] = None
    _media: Any = _UNSET
    _media_error: Optional[Exception] = None

    @lazy
    def options(self) -> RequestOptions:
        """The app's options."""
        return self._connection.app.store(State).req_options

    @lazy
    def stream(self) -> Any:
        """The body: a binary file in synchronous responders, else an asynchronous stream."""
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if self.is_sync:
            return self._sync_stream(connection)
        return BodyStream(connection)

    def _wsgi_environ(self) -> Optional[Dict[str, Any]]:
        return self.scope.get("wsgi.environ") if self._environ is None else self._environ

    def _sync_stream(self, connection: KernelRequest) -> Any:
        environ = self._wsgi_environ()
        if environ is None or connection.is_loaded:
            return BytesIO(connection.loaded_body)
        limit, length = connection.max_body, self.get_header("Content-Length") or ""
        if limit is not None and length.isdigit() and int(length) > limit:
            raise HTTPContentTooLarge(description=f"The body has more than {limit} bytes.")
        return environ["wsgi.input"]

    def _synchronous_body(self, connection: KernelRequest) -> bytes:
        """Return the body that was read, or read it from a WSGI server."""
        if connection.is_loaded or self._wsgi_environ() is None:
            return connection.loaded_body
        body: bytes = self.bounded_stream.read()
        return body

    @lazy
    def bounded_stream(self) -> Any:
        """The same as `stream`, which never exceeds the body."""
        if not self.is_sync:
            return self.stream
        try:
            length = self.content_length or 0
        except HTTPInvalidHeader:
            length = 0
        return BoundedStream(self.stream, length)

    @property
    def json(self) -> Any:
        """The body as JSON, which must have been read before the responder runs.

        Raises:
            MediaNotFoundError, MediaMalformedError: The body is empty, or is not JSON (400).
            RuntimeError: The body was not read, for example on a route with `stream=True`.
        """
        return self._loaded("application/json")

    @property
    def media(self) -> Any:
        """The body, deserialized by its media type; where it was not read yet, an awaitable of it."""
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if not self.is_sync and self._media is _UNSET and self._media_error is None and not connection.is_loaded:
            return self.get_media()
        return self._loaded(None)

    def get_query_string_as_media(self, media_type: Optional[str] = None, default_when_empty: Any = _UNSET) -> Any:
        """Return the whole query string, decoded and deserialized as one value; asynchronous code does not await it.

        Args:
            media_type: Its media type; the app's default by default.
            default_when_empty: The value for an empty query, instead of an error.

        Raises:
            MediaNotFoundError, MediaMalformedError: The query is empty, or malformed (400).
        """
        if not self.query_string and default_when_empty is not _UNSET:
            return default_when_empty
        kind = media_type or self.options.default_media_type
        if kind not in self._query_media:
            try:
                self._query_media[kind] = self._from_text(decode_uri(self.query_string), kind), None
            except Exception as error:
                self._query_media[kind] = None, error
        value, failure = self._query_media[kind]
        if failure is not None:
            raise failure
        return value

    @lazy
    def _query_media(self) -> Dict[str, Any]:
        return {}

    def get_param_as_media(
        self,
        name: str,
        media_type: Optional[str] = None,
        required: bool = False,
        store: Optional[Dict[str, Any]] = None,
        default: Any = None,
        allow_multiple: bool = True,
    ) -> Any:
        """Return a parameter, deserialized by the handler of a media type, the app's default by default."""
        self._check_single(name, allow_multiple)
        text = self.get_param(name)
        if text is None:
            return self._absent(name, required, store, default)
        try:
            found = self._from_text(text, media_type or self.options.default_media_type)
        except (MediaNotFoundError, MediaMalformedError) as error:
            raise HTTPInvalidParam("It could not be parsed as " + str(media_type), name) from error
        if store is not None:
            store[name] = found
        return found

    def _from_text(self, text: str, media_type: str) -> Any:
        try:
            handler = self.options.media_handlers.find(media_type, self.options.default_media_type)
        except HTTPError:
            raise ValueError(f"No media handler is configured for {media_type!r}.") from None
        body = text.encode()
        return handler.deserialize(BytesIO(body), media_type, len(body))

    def get_media(self, default_when_empty: Any = _UNSET) -> Any:
        """Return the body, deserialized by its media type; asynchronous code awaits the result.

        Args:
            default_when_empty: The value for an empty body, instead of an error.

        Raises:
            HTTPUnsupportedMediaType: No handler is registered for the media type (415).
            MediaNotFoundError, MediaMalformedError: The body is empty, or malformed (400).
        """
        if self.is_sync:
            return self._or_default(default_when_empty)
        return self._load_media(default_when_empty)

    async def _load_media(self, default: Any) -> Any:
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if self._media is not _UNSET or self._media_error is not None:
            return self._or_default(default)
        plain = connection.content_type
        if plain in _FORMS and (self.options.media_handlers.leaves_forms or plain == MEDIA_URLENCODED):
            await self.load()
            return self._or_default(default)
        if not connection.is_loaded:
            handler = self._own_handler(connection)
            if handler is not None:
                return await self._read_by(handler, default)
        body = await connection.body()
        usual = self.options.media_handlers.json_reader(plain)
        if usual is not None and body and self._media is _UNSET and self._media_error is None:
            try:  # PERF: as `_or_default` does for JSON, without its calls
                self._media = usual.read(body)
                return self._media
            except HTTPError as error:
                self._media_error = error
        return self._or_default(default)

    def _own_handler(self, connection: KernelRequest) -> Any:
        """Return the handler of the body if it reads the body itself, asynchronously."""
        options = self.options
        if options.media_handlers.json_reader(connection.content_type) is not None:
            return None
        handler = options.media_handlers.find(self.content_type, options.default_media_type)
        return handler if type(handler) is not JSONHandler and is_read_async(handler) else None

    async def _read_by(self, handler: Any, default: Any) -> Any:
        try:
            self._media = await handler.deserialize_async(self.stream, self.content_type, self.content_length)
            if handler.exhaust_stream:
                await self.stream.exhaust()
        except MediaNotFoundError as error:
            self._media_error = error
            if default is _UNSET:
                raise
            return default
        except Exception as error:
            self._media_error = error
            raise
        return self._media

    async def load(self) -> None:
        """Read the body, as a form if the kernel parses it, so that synchronous code can use it."""
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        if self.options.media_handlers.leaves_forms:
            await connection.load()
        else:
            await connection.body()

    def _form_pairs(self, connection: KernelRequest) -> Any:
        """Return the fields of a urlencoded body that was read, as pairs."""
        if self.options.media_handlers.leaves_forms:
            return connection.loaded_form
        return split_query(self._synchronous_body(connection), connection.compiled_route.form_limits.max_fields)

    def _or_default(self, default: Any) -> Any:
        try:
            return self._loaded(None)
        except MediaNotFoundError:
            if default is _UNSET:
                raise
            return default

    def _loaded(self, media_type: Optional[str]) -> Any:
        if self._media_error is not None:
            raise self._media_error
        if self._media is _UNSET:
            try:
                self._media = self._parse(media_type)
            except Exception as error:
                self._media_error = error
                raise
        return self._media

    def _parse(self, media_type: Optional[str]) -> Any:
        connection = self._connection
        assert isinstance(connection, KernelRequest)
        plain = media_type or connection.content_type
        options = self.options
        usual = options.media_handlers.json_reader(plain)
        if usual is not None:
            return usual.read(self._synchronous_body(connection))
        kind = media_type or self.content_type
        if plain == MEDIA_MULTIPART and options.media_handlers.leaves_forms:
            return grouped(connection.loaded_form, options.keep_blank_qs_values)
        handler = options.media_handlers.find(kind, options.default_media_type)
        if plain == MEDIA_URLENCODED and type(handler) is URLEncodedFormHandler:
            return handler.fields(self._form_pairs(connection))
        if self._wsgi_environ() is not None and not connection.is_loaded:
            found = handler.deserialize(self.bounded_stream, kind, self.content_length)
            if handler.exhaust_stream:
                self.bounded_stream.exhaust()
            return found
        body = connection.loaded_body
        return handler.deserialize(BytesIO(body), kind, len(body))
