"""What a client sends and stores: bodies of all kinds, and cookies."""

from __future__ import annotations

import uuid
from email.message import Message as MIMEHeaders
from http.cookiejar import Cookie, CookieJar
from typing import Any, Dict, Iterator, List, Mapping, MutableMapping, Optional, Sequence, Tuple, TypedDict, Union
from urllib.parse import urlencode
from urllib.request import Request as URLRequest

from .._types import Namespace, RawHeaders
from ..exceptions import FenrirError
from ..http.headers import Headers
from ..http.json import dumps

HeadersLike = Union[Mapping[str, str], Sequence[Tuple[str, str]]]
Body = Union[bytes, str, Sequence[bytes]]
#: A file: its content; or its name, its content and optionally its media type.
File = Union[bytes, str, Tuple[str, Union[bytes, str]], Tuple[str, Union[bytes, str], str]]


class ClientOptions(TypedDict, total=False):
    """The keywords of `Client`."""

    raise_errors: bool
    patience: float
    headers: HeadersLike
    host: str


class RequestOptions(TypedDict, total=False):
    """The keywords of `Client.stream`."""

    headers: HeadersLike
    json: Any
    form: Optional[Namespace]
    files: Optional[Mapping[str, File]]
    body: Body


class FollowOptions(RequestOptions, total=False):
    """The keywords of `Client.request`."""

    follow: bool


class WebSocketOptions(TypedDict, total=False):
    """The keywords of `Client.websocket`."""

    headers: HeadersLike
    subprotocols: Sequence[str]


def encode_body(
    json: Any, form: Optional[Namespace], files: Optional[Mapping[str, File]], body: Body
) -> Tuple[List[bytes], RawHeaders]:
    """Return the chunks of a body, and its headers.

    Raises:
        FenrirError: More than one kind of body is given.
    """
    kinds = {"json": json is not None, "form or files": form is not None or files is not None, "body": bool(body)}
    given = [kind for kind, is_given in kinds.items() if is_given]
    if len(given) > 1:
        raise FenrirError(f"A request has one body, not several: {' and '.join(given)}. Pass one of them.")
    if json is not None:
        return [dumps(json)], [(b"content-type", b"application/json")]
    if files is not None:
        return _multipart(form or {}, files)
    if form is not None:
        content_type = (b"content-type", b"application/x-www-form-urlencoded")
        return [urlencode(list(_pairs(form))).encode()], [content_type]
    if isinstance(body, (str, bytes)):
        return [body.encode() if isinstance(body, str) else body], []
    return list(body), []


def _pairs(form: Namespace) -> Iterator[Tuple[str, str]]:
    for name, value in form.items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            yield name, str(item)


def _multipart(form: Namespace, files: Mapping[str, File]) -> Tuple[List[bytes], RawHeaders]:
    """Return a form with files as multipart.

    Source: RFC 7578, section 4.
    """
    boundary = uuid.uuid4().hex
    chunks: List[bytes] = []
    for name, value in _pairs(form):
        chunks.append(_part(boundary, [("name", name)], "", value.encode()))
    for name, file in files.items():
        filename, content, *rest = file if isinstance(file, tuple) else (name, file)
        media_type = str(rest[0]) if rest else "application/octet-stream"
        data = content.encode() if isinstance(content, str) else content
        chunks.append(_part(boundary, [("name", name), ("filename", filename)], media_type, data))
    chunks.append(f"--{boundary}--\r\n".encode())
    return chunks, [(b"content-type", f"multipart/form-data; boundary={boundary}".encode())]


def _part(boundary: str, labels: Sequence[Tuple[str, str]], media_type: str, content: bytes) -> bytes:
    escapes = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
    shown = "".join(f'; {key}="{text.translate(escapes)}"' for key, text in labels)
    head = f"--{boundary}\r\nContent-Disposition: form-data{shown}\r\n"
    if media_type:
        head += f"Content-Type: {media_type}\r\n"
    return f"{head}\r\n".encode() + content + b"\r\n"


class Cookies(MutableMapping[str, str]):
    """Cookies, stored by path and expiry as a browser does; those marked `Secure` are sent, too.

    As a mapping it has the values by name.
    """

    def __init__(self, host: str) -> None:
        self.jar, self._host = CookieJar(), host

    def header(self, path: str) -> str:
        """Return the `Cookie` header for a request of `path`, or ``""``."""
        request = self._request(path)
        self.jar.add_cookie_header(request)
        return request.get_header("Cookie") or ""

    def keep(self, path: str, headers: Headers) -> None:
        """Store the cookies that a response sets, delete those that it deletes."""
        self._store(path, headers.getlist("set-cookie"))

    def _store(self, path: str, lines: Sequence[str]) -> None:
        sent = MIMEHeaders()
        for line in lines:
            sent.add_header("set-cookie", line)
        if lines:
            self.jar.extract_cookies(_Answered(sent), self._request(path))  # type: ignore[arg-type]  # it reads the headers only

    def _request(self, path: str) -> URLRequest:
        return URLRequest(f"https://{self._host}{path}")

    def _by_name(self) -> Dict[str, Cookie]:
        return {cookie.name: cookie for cookie in self.jar}

    def __getitem__(self, name: str) -> str:
        return self._by_name()[name].value or ""

    def __setitem__(self, name: str, value: str) -> None:
        self._store("/", [f"{name}={value}; Path=/"])

    def __delitem__(self, name: str) -> None:
        cookie = self._by_name()[name]
        self.jar.clear(cookie.domain, cookie.path, cookie.name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name())

    def __len__(self) -> int:
        return len(self._by_name())

    def __repr__(self) -> str:
        return f"<Cookies {dict(self)}>"


class _Answered:
    """The part of a response that the cookie jar reads."""

    def __init__(self, headers: MIMEHeaders) -> None:
        self.headers = headers

    def info(self) -> MIMEHeaders:
        """Return the headers."""
        return self.headers
