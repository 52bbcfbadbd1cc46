"""HTTP requests of asteri's worker: the head as it was sent, and the exchange with the app."""

from __future__ import annotations

import asyncio
import importlib
import socket
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import unquote

_http: Any = importlib.import_module("asteri.http")

#: The most bytes of a request's head.
MAX_HEAD = 65536
#: How many bytes are read at once.
_PIECE = 65536

Message = Dict[str, Any]


class Refused(Exception):
    """Raised for a request that can't be understood.

    Args:
        status: The status of the response.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _First(bytes):
    """The bytes of a connection that asteri reads first.

    COMPAT: asteri answers with its own metrics where the text "GET /metrics" stands
    anywhere in here, even in a body; that page is for the app to serve.
    """

    def __contains__(self, part: Any) -> bool:
        return part != b"GET /metrics" and super().__contains__(part)


@dataclass(frozen=True)
class Head:
    """The head of a request.

    Args:
        first: All that was read: the head and what came with it.
        method, target, version: The request line.
        headers: Names in lower case and values, in order, repeats kept.
    """

    first: bytes
    method: str
    target: bytes
    version: str
    headers: List[Tuple[bytes, bytes]]

    def values(self, name: bytes) -> List[bytes]:
        """Return the values of a header, in lower case, split at commas."""
        given = [value for key, value in self.headers if key == name]
        return [part.strip().lower() for value in given for part in value.split(b",")]

    @property
    def is_chunked(self) -> bool:
        """Whether the body has no length of its own."""
        return bool(self.values(b"transfer-encoding"))

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for "100 Continue" before it sends the body."""
        return b"100-continue" in self.values(b"expect")

    @property
    def length(self) -> int:
        """The bytes of the body; 0 where it is chunked."""
        return 0 if self.is_chunked else int((self.values(b"content-length") or [b"0"])[0])

    def scope(self, connection: socket.socket, listener: socket.socket) -> Message:
        """Return the connection scope (ASGI 3.0)."""
        path, _, query = self.target.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": self.version,
            "method": self.method,
            "scheme": "http",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": self.headers,
            "client": _address(connection.getpeername()),
            "server": _address(listener.getsockname()),
        }


def _address(name: Any) -> Any:
    if isinstance(name, tuple):
        return name[:2]
    return (name, None) if name else None


async def read_head(connection: socket.socket) -> Optional[Head]:
    """Read the head of a request; None if the client disconnected without sending one.

    Raises:
        Refused: It is no HTTP/1, or too long.
    """
    loop = asyncio.get_running_loop()
    data = b""
    while b"\r\n\r\n" not in data:
        part = await loop.sock_recv(connection, _PIECE)
        if not part:
            return None
        data += part
        if data.find(b"\r\n\r\n") < 0 and len(data) > MAX_HEAD:
            raise Refused(431)
    lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    words = lines[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not lines[0].isascii():
        raise Refused(400)
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise Refused(400)  # RFC 9112, section 5.1: no space before the colon, no folded lines
        headers.append((name.lower(), value.strip(b" \t")))
    head = Head(_First(data), words[0].decode("ascii"), words[1], words[2][5:].decode("ascii"), headers)
    _check_body(head)
    return head


def error_response(status: int) -> bytes:
    """Return a complete response for an error."""
    phrase = HTTPStatus(status).phrase
    headers = {"Content-Type": "text/plain", "Connection": "close"}
    return _http.build_http_response(status, headers, phrase.encode("ascii"))  # type: ignore[no-any-return]


def _check_body(head: Head) -> None:
    """Refuse what can be read in two ways (RFC 9112, section 6.3)."""
    lengths = head.values(b"content-length")
    if len(set(lengths)) > 1 or not all(length.isdigit() for length in lengths):
        raise Refused(400)
    if head.is_chunked and (lengths or head.values(b"transfer-encoding") != [b"chunked"]):
        raise Refused(400)
    if not head.target.startswith(b"/") and head.target != b"*":
        raise Refused(400)


class Body:
    """The body of a request, read piece by piece.

    Attributes:
        is_read: Whether there is no more of it.
    """

    def __init__(self, connection: socket.socket, head: Head) -> None:
        self._connection, self._is_chunked = connection, head.is_chunked
        self._waiting = head.first.partition(b"\r\n\r\n")[2]
        #: How much of the body, or of the chunk that is being read, is still to come.
        self._left = head.length
        self.is_read = not self._left and not self._is_chunked

    async def read(self) -> bytes:
        """Return the next piece; it is empty only at the end.

        Raises:
            OSError: The client disconnected in the middle, or sends no chunks.
        """
        if self._is_chunked and not self._left:
            self._left = await self._next_chunk()
            if not self._left:
                self.is_read = True
                return b""
        if self._left and not self._waiting:
            await self._wait_for_more()
        piece, self._waiting = self._waiting[: self._left], self._waiting[self._left :]
        self._left -= len(piece)
        if not self._left:
            if self._is_chunked:
                await self._line()
            else:
                self.is_read = True
        return piece

    async def _next_chunk(self) -> int:
        """Return the size of the next chunk; after the last one, read the trailers (RFC 9112, section 7.1)."""
        digits = (await self._line()).partition(b";")[0].strip()
        if not digits or digits.strip(b"0123456789abcdefABCDEF"):
            raise OSError("the client sends no chunks")
        size = int(digits, 16)
        while not size and await self._line():
            pass
        return size

    async def _line(self) -> bytes:
        while b"\r\n" not in self._waiting:
            if len(self._waiting) > MAX_HEAD:
                raise OSError("the client sends no chunks")
            await self._wait_for_more()
        line, _, self._waiting = self._waiting.partition(b"\r\n")
        return line

    async def _wait_for_more(self) -> None:
        more = await asyncio.get_running_loop().sock_recv(self._connection, _PIECE)
        if not more:
            raise OSError("the client has left")
        self._waiting += more


class _Text(str):
    """Text in a header.

    COMPAT: asteri 2.2 decodes whatever it is passed, 3.0 only bytes; both as ASCII.
    """

    def decode(self, encoding: str) -> str:
        """Return the text."""
        return str(self)


class Exchange:
    """One request and its response, between asteri's worker and the app."""

    def __init__(self, app: Any, connection: socket.socket, head: Head) -> None:
        self._app, self._connection, self._head = app, connection, head
        self._start: Optional[Message] = None
        self._is_started = self._is_chunked = self._is_complete = False
        self._body = Body(connection, head)
        #: Whether the app was told of the end of the body, and whether the client was told to send it.
        self._is_received = self._is_invited = False

    async def serve(self, scope: Message, receive: Any, send: Any) -> None:
        """Call the app, as asteri's worker does with an ASGI app."""
        self._send = send
        try:
            await self._app(scope, self.receive, self.send)
        except Exception:
            if not self._is_started:
                await self._answer_500()
            raise
        if not self._is_complete and not self._is_started:
            await self._answer_500()

    async def _answer_500(self) -> None:
        self._is_started = True
        await self._write(error_response(HTTPStatus.INTERNAL_SERVER_ERROR))

    async def _write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._connection, data)

    async def receive(self) -> Message:
        """Return the next piece of the body, and then the disconnect."""
        if self._is_received:
            return await self._until_gone()
        try:
            if self._head.expects_continue and not self._is_invited and not self._is_started:
                self._is_invited = True
                await self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            piece = b"" if self._body.is_read else await self._body.read()
        except OSError:
            return {"type": "http.disconnect"}
        self._is_received = self._body.is_read
        return {"type": "http.request", "body": piece, "more_body": not self._is_received}

    async def _until_gone(self) -> Message:
        try:
            while not self._is_complete and await asyncio.get_running_loop().sock_recv(self._connection, _PIECE):
                pass  # nothing may follow the one request of a connection
        except OSError:
            pass
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send a part of the response."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None and not self._is_complete:
            body = b"" if self._head.method == "HEAD" else message.get("body", b"")
            is_last = not message.get("more_body", False)
            if self._is_started:
                await self._stream(body)
            elif is_last:
                await self._begin(self._start, body)
            else:
                self._is_chunked = self._may_chunk(self._start)
                await self._begin(self._start, b"")
                await self._stream(body)
            if is_last:
                self._is_complete = True
                if self._is_chunked:
                    await self._write(b"0\r\n\r\n")

    def _may_chunk(self, start: Message) -> bool:
        names = {name.lower() for name, _ in start.get("headers", ())}
        return b"content-length" not in names and self._head.version != "1.0" and self._head.method != "HEAD"

    async def _begin(self, start: Message, body: bytes) -> None:
        """Let asteri write the head, together with the body if that is one piece."""
        headers = [*start.get("headers", ()), (b"connection", b"close")]
        if self._is_chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        self._is_started = True
        await self._send({**start, "headers": _as_asteri_has_them(headers)})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _stream(self, body: bytes) -> None:
        if body:
            await self._write(b"%x\r\n%b\r\n" % (len(body), body) if self._is_chunked else body)


def _as_asteri_has_them(headers: List[Tuple[bytes, bytes]]) -> List[Tuple[str, str]]:
    """Spell headers so that asteri sends each of them once.

    COMPAT: asteri adds a length unless it finds one under `Content-Length`, keeps headers in
    a dict (so those of one name are told apart by upper and lower case, which mean the same),
    and takes bytes for ASCII only.
    """
    found: Dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("latin-1")
        if name.lower() == "content-length":
            found["Content-Length"] = value.decode("latin-1")
            continue
        spelling, number = name, 0
        while spelling in found:
            number += 1
            spelling = _spelled(name, number)
        found[spelling] = value.decode("latin-1")
    return [(_Text(name), _Text(value)) for name, value in found.items()]


def _spelled(name: str, number: int) -> str:
    """Return a name in the `number`-th of its mixtures of upper and lower case."""
    letters = list(name.lower())
    for place, letter in enumerate(letters):
        if letter.isalpha():
            if number & 1:
                letters[place] = letter.upper()
            number >>= 1
    return "".join(letters)
