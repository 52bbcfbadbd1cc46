"""Server-sent events, read as a browser does.

Source: WHATWG HTML, "Interpreting an event stream".
"""

from __future__ import annotations

import codecs
from typing import AsyncIterator, List, Optional

from ..http.headers import parse_digits
from ..http.sse import ServerSentEvent
from ._talk import Stream


async def read_events(stream: Stream) -> AsyncIterator[ServerSentEvent]:
    """Iterate the events of a stream; the data is text, and a block without data is skipped."""
    data: List[str] = []
    name: Optional[str] = None
    last: Optional[str] = None
    retry: Optional[int] = None
    async for line in _lines(stream):
        if not line:
            if data:
                yield ServerSentEvent("\n".join(data), name, last, retry)
            data, name, retry = [], None, None
            continue
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            last = value
        elif field == "retry":
            number = parse_digits(value)
            retry = retry if number is None else number


async def _lines(stream: Stream) -> AsyncIterator[str]:
    """Iterate lines without their ends, which are CR LF, CR or LF, also where a chunk ends within one."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    rest, after_cr = "", False
    async for chunk in stream:
        text = decode(chunk)
        if after_cr and text.startswith("\n"):
            text = text[1:]
        after_cr = (text or rest).endswith("\r")
        *lines, rest = (rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in lines:
            yield line
