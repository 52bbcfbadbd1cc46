"""Responses of Werkzeug and of the kernel, each as the other's."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import Any, Awaitable, Callable, Iterator, List, Optional, Tuple
from weakref import ref

from werkzeug.datastructures import Headers
from werkzeug.http import remove_entity_headers
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as WerkzeugResponse
from werkzeug.wsgi import FileWrapper

import fenrir_core
from fenrir_core import Connection, StreamingResponse
from fenrir_core.authoring import BODILESS, RawHeaders, RawResponse, encode_header

from .response import Response

_URLS = ("location", "content-location")
#: Files of fewer bytes are read at once.
_MOST_READ = 256 * 1024


class Converted(fenrir_core.Response):
    """Werkzeug's response, as the kernel sends it; what is changed in one of the two is changed in the other.

    Args:
        own: Werkzeug's response, whose body is complete.
    """

    def __init__(self, own: WerkzeugResponse) -> None:
        self.own = own
        self.status = own.status_code
        self.background = None
        self.raw_headers = raw_headers_of(own)
        self.body = b"" if own.status_code in BODILESS and own.status_code != 205 else own.get_data()


class ConvertedStream(StreamingResponse):
    """Werkzeug's response whose body is streamed, as the kernel sends it.

    Args:
        own: Werkzeug's response.
        content: What is iterated.
    """

    def __init__(self, own: WerkzeugResponse, content: Any) -> None:
        super().__init__(content, own.status_code)
        self.own = own
        self.raw_headers = raw_headers_of(own)


def raw_headers_of(own: WerkzeugResponse) -> RawHeaders:
    """Return the headers of a response as the kernel has them, checked; without those that its status forbids."""
    headers: Any = own.headers
    status = own.status_code
    if status == 304:
        headers = Headers(headers)
        remove_entity_headers(headers)
    elif status in BODILESS and status != 205:
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
    return [encoded(name, value) for name, value in headers]


_is_url = re.compile(r"[!#-;=?-\[\]_a-z~]*").fullmatch


def encoded(name: str, value: str) -> Tuple[bytes, bytes]:
    """Return a header as the kernel has it, checked; a URL in the form of ASCII."""
    return encode_header(name, _as_url(value) if name.lower() in _URLS else value)


def _as_url(value: str) -> str:
    """Return a URL with what must not be in one percent-encoded; line breaks are left to `encode_header`."""
    return value if _is_url(value) or {"\r", "\n", "\0"}.intersection(value) else iri_to_uri(value)


def to_kernel(connection: Connection, own: WerkzeugResponse) -> fenrir_core.Response:
    """Return the kernel's response of Werkzeug's.

    What is to be called at the close is called after the last byte, as a synchronous step of the request.
    """
    original = original_of(own)
    if original is not None:
        return original
    if own.direct_passthrough and (own.content_length or _MOST_READ) < _MOST_READ:
        _read_at_once(own)
    content: Any = own.response
    made: Any
    if isinstance(content, (list, tuple)):
        made = Converted(own)
    else:
        is_async = hasattr(content, "__aiter__") and not hasattr(content, "__iter__")
        # PERF: the kernel encodes str as Werkzeug does
        is_plain = is_async or type(own).iter_encoded is WerkzeugResponse.iter_encoded
        made = ConvertedStream(own, content if is_plain else own.iter_encoded())
    if own._on_close or (made.streams and hasattr(content, "close") and not hasattr(content, "send")):
        made.background = closing(connection, own)
    return made  # type: ignore[no-any-return]


def _read_at_once(own: WerkzeugResponse) -> None:
    """Read a small file, and close it if nothing else is to be called at the close."""
    is_alone = not own._on_close
    own.direct_passthrough = False
    body: Any = own.response
    if is_alone and type(body) is FileWrapper:  # PERF: nothing is registered for the close, 10 us
        try:
            own.response = [b"".join(body)]
        finally:
            body.close()
        return
    own.make_sequence()
    while is_alone and own._on_close:
        own._on_close.pop()()


def closing(connection: Connection, own: WerkzeugResponse) -> Callable[[], Awaitable[None]]:
    """Return what closes a response after it was sent."""

    async def close() -> None:
        await connection.run_in_thread(own.close)

    return close


def render(own: WerkzeugResponse) -> Optional[RawResponse]:
    """Return status, headers and body of a response that can be sent as it is; None for any other."""
    content: Any = own.response
    status = own.status_code
    if not isinstance(content, (list, tuple)) or own._on_close or status in BODILESS or hasattr(own, "fenrir_original"):
        return None
    body = content[0] if len(content) == 1 and type(content[0]) is bytes else own.get_data()
    headers: List[Tuple[bytes, bytes]] = []
    has_length = False
    for name, value in own.headers:
        pair = encoded(name, value)
        has_length = has_length or pair[0] == b"content-length"
        headers.append(pair)
    if not has_length:
        headers.append((b"content-length", b"%d" % len(body)))
    return status, headers, body


def to_werkzeug(response: fenrir_core.Response, kind: Any = Response, *, linked: bool = False) -> WerkzeugResponse:
    """Return Werkzeug's response for one of the kernel's or of another paradigm; `to_kernel` returns the original.

    Args:
        response: The kernel's response.
        kind: The class of the other.
        linked: Whether the next call with the same response returns the same; the response must be kept meanwhile.
    """
    own = getattr(response, "own", None)
    if own is not None:
        _take_headers(own, response)
        own.status_code = int(response.status)
        return own  # type: ignore[no-any-return]
    made: WerkzeugResponse = kind(None, status=int(response.status))
    made.headers = _headers_of(response)
    made.response = Original(response) if response.streams else [response.body]
    if linked and not response.streams:
        vars(made).update(fenrir_original=ref(response), fenrir_content=made.response)
        vars(response)["own"] = made
    else:
        vars(made).update(fenrir_original=lambda: response, fenrir_content=made.response)
    return made


class Original:
    """The body of a response of the kernel that is streamed.

    Args:
        response: The response.
    """

    def __init__(self, response: fenrir_core.Response) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        content: Any = getattr(self.response, "content", None)
        if not hasattr(content, "__iter__"):
            raise RuntimeError("The body is an asynchronous stream, which can't be read before it is sent.")
        return (item.encode() if isinstance(item, str) else bytes(item) for item in content)


def original_of(own: WerkzeugResponse) -> Optional[fenrir_core.Response]:
    """Return the kernel's response that a response was made of, changed as that was; None for any other."""
    original: Optional[Callable[[], Optional[fenrir_core.Response]]] = vars(own).get("fenrir_original")
    found = None if original is None else original()
    if found is None or (found.streams and own.response is not vars(own)["fenrir_content"]):
        return None
    give_back(found, own)
    return found


def _headers_of(response: fenrir_core.Response) -> Headers:
    return Headers([(_title(name), value.decode("latin-1")) for name, value in response.raw_headers])


def _take_headers(own: WerkzeugResponse, response: fenrir_core.Response) -> None:
    if vars(response).get("given") != response.raw_headers and raw_headers_of(own) != response.raw_headers:
        own.headers.clear()
        own.headers.extend(_headers_of(response))


def _title(name: bytes) -> str:
    return name.decode("latin-1").title()


def give_back(response: fenrir_core.Response, own: WerkzeugResponse) -> None:
    """Change the kernel's response as its counterpart was changed."""
    response.raw_headers[:] = given = raw_headers_of(own)
    vars(response)["given"] = given
    if response.status != own.status_code:
        response.status = own.status_code
    if not response.streams and own.response is not vars(own).get("fenrir_content"):
        response.body = own.get_data()


@contextmanager
def as_werkzeug(response: Any) -> Iterator[WerkzeugResponse]:
    """Have a block change the kernel's response through Werkzeug's."""
    if isinstance(response, WerkzeugResponse):
        yield response
        return
    own = to_werkzeug(response, linked=True)
    yield own
    give_back(response, own)
