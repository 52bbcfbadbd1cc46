"""What a simulated request gives: the response, whole or as it arrives."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timezone
from http.cookies import Morsel, SimpleCookie
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from ..util.misc import http_date_to_dt
from ..util.structures import CaseInsensitiveDict
from .environments import get_encoding_from_headers
from .events import ASGIRequestEventEmitter


class Cookie:
    """A cookie of a response."""

    def __init__(self, morsel: Morsel[str]) -> None:
        self._name, self._value = morsel.key, morsel.value
        self._fields: Dict[str, Any] = dict(morsel)

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def value(self) -> str:
        """The value."""
        return self._value

    @property
    def expires(self) -> Optional[datetime]:
        """When the client deletes it, in UTC, or None."""
        text = self._fields["expires"]
        return http_date_to_dt(text, obs_date=True).astimezone(timezone.utc) if text else None

    @property
    def path(self) -> Optional[str]:
        """The path prefix, or None."""
        return self._fields["path"] or None

    @property
    def domain(self) -> Optional[str]:
        """The domain, or None."""
        return self._fields["domain"] or None

    @property
    def max_age(self) -> Optional[int]:
        """Seconds after which the client deletes it, or None."""
        return int(self._fields["max-age"]) if self._fields["max-age"] != "" else None

    @property
    def secure(self) -> bool:
        """Whether it is sent over HTTPS only."""
        return bool(self._fields["secure"])

    @property
    def http_only(self) -> bool:
        """Whether scripts can't read it."""
        return bool(self._fields["httponly"])

    @property
    def same_site(self) -> Optional[str]:
        """``Lax``, ``Strict`` or ``None``; None if it is not set."""
        return self._fields["samesite"] or None

    @property
    def partitioned(self) -> bool:
        """Whether each top-level site has a cookie of its own."""
        return bool(self._fields.get("partitioned"))


class _ResultBase:
    def __init__(self, status: str, headers: Iterable[Tuple[str, str]]) -> None:
        pairs = list(headers)
        self._status = status
        self._status_code = int(status[:3])
        self._headers = CaseInsensitiveDict(_joined(pairs))
        self._cookies = {
            name: Cookie(morsel)
            for key, value in pairs
            if key.lower() == "set-cookie"
            for name, morsel in _parse_cookie(value)
        }
        self._encoding = get_encoding_from_headers(self._headers)

    @property
    def status(self) -> str:
        """The status line."""
        return self._status

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return self._status_code

    @property
    def headers(self) -> CaseInsensitiveDict:
        """The headers; of a repeated one the values joined by commas."""
        return self._headers

    @property
    def cookies(self) -> Dict[str, Cookie]:
        """The cookies by name."""
        return self._cookies

    @property
    def encoding(self) -> Optional[str]:
        """The character encoding of the body; may be set."""
        return self._encoding

    @encoding.setter
    def encoding(self, value: Optional[str]) -> None:
        self._encoding = value

    @property
    def content_type(self) -> Optional[str]:
        """The header `Content-Type`."""
        return self._headers.get("Content-Type")

    def __repr__(self) -> str:
        return f"Result<{' '.join(self._parts())}>"

    def _parts(self) -> List[str]:
        return [self.status, *([self.content_type] if self.content_type else [])]


def _joined(pairs: Iterable[Tuple[str, str]]) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        found[name] = f"{found[name]},{value}" if name in found and name != "set-cookie" else value
    return found


def _parse_cookie(text: str) -> Iterable[Tuple[str, Morsel[str]]]:
    jar: SimpleCookie = SimpleCookie()
    is_partitioned = "; partitioned" in text.lower()
    jar.load(";".join(part for part in text.split(";") if part.strip().lower() != "partitioned"))
    for name, morsel in jar.items():
        if is_partitioned:
            dict.__setitem__(morsel, "partitioned", True)  # a key of Python 3.14
        yield name, morsel


class Result(_ResultBase):
    """The response to a simulated request.

    Args:
        iterable: The parts of the body.
        status: The status line.
        headers: The headers as pairs.
    """

    def __init__(self, iterable: Iterable[bytes], status: str, headers: Iterable[Tuple[str, str]]) -> None:
        super().__init__(status, headers)
        self._content = b"".join(iterable)
        self._text: Optional[str] = None

    def _parts(self) -> List[str]:
        content = self._content
        shown = content if len(content) <= 40 else content[:20] + b"..." + content[-20:]
        return [*super()._parts(), *([repr(shown)] if shown else [])]

    @property
    def content(self) -> bytes:
        """The body."""
        return self._content

    @property
    def text(self) -> str:
        """The body as text, by the charset of its type or UTF-8."""
        if self._text is None:
            self._text = self._content.decode(self.encoding or "utf-8") if self._content else ""
        return self._text

    @property
    def json(self) -> Any:
        """The value of a JSON body; None if it is empty."""
        return json.loads(self.text) if self.text else None

    def __rich__(self) -> str:
        colors = {1: "blue", 2: "green", 3: "magenta", 4: "red", 5: "red"}
        color = colors.get(self.status_code // 100, "white")
        plain = self._parts()
        parts = [f"[bold {color}]{plain[0]}[/]"]
        parts += [f"[italic yellow]{self.content_type}[/]"] if self.content_type else []
        parts += [f"[grey50]{part}[/]" for part in plain[len(parts) :]]
        return f"[bold]Result[/]<{' '.join(parts)}>"


class ResultBodyStream:
    """The body of a streamed response."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks
        self._position = 0

    async def read(self) -> bytes:
        """Return what has arrived since the last call; wait until there is something."""
        while self._position >= len(self._chunks):  # noqa: ASYNC110 - the application appends to the list
            await asyncio.sleep(0)
        found = b"".join(self._chunks[self._position :])
        self._position = len(self._chunks)
        if not found:
            return await self.read()
        return found


class StreamedResult(_ResultBase):
    """The response to a simulated request, whose body arrives while it is read.

    Args:
        body_chunks: The list to which the parts are appended.
        status, headers: The status line, and the headers as pairs.
        task: The task that serves the request.
        req_event_emitter: What the app receives from.
    """

    def __init__(
        self,
        body_chunks: Sequence[bytes],
        status: str,
        headers: Iterable[Tuple[str, str]],
        task: asyncio.Task[None],
        req_event_emitter: ASGIRequestEventEmitter,
    ) -> None:
        super().__init__(status, headers)
        self._task, self._emitter = task, req_event_emitter
        self._stream = ResultBodyStream(body_chunks)

    @property
    def stream(self) -> ResultBodyStream:
        """The body."""
        return self._stream

    async def finalize(self) -> None:
        """Disconnect, and wait until the app has ended; called at the end of the block."""
        self._emitter.disconnect()
        await self._task
