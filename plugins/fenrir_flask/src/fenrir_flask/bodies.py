"""Request bodies: small ones and forms are read before the view runs, others while its thread reads them."""

from __future__ import annotations

from io import BufferedReader
from typing import Any, Dict, Optional, cast

from fenrir_core import Connection, Request
from fenrir_core.authoring import parse_digits

#: A body of at most this many announced bytes is kept in memory.
MOST_KEPT = 512 * 1024
_UNREAD = "fenrir_flask.unread"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def load(connection: Connection) -> None:
    """Read the body for synchronous code that runs in a thread, unless it is large: then the thread reads it.

    Files of a multipart form are written to disk while they are read.
    """
    request = cast(Request, connection)
    if request.content_type in _FORMS:
        await request.form()
        return
    message = await request.receive()
    if request.accept_single_chunk(message):
        return
    length, limit = parse_digits(request.headers.get("content-length")), request.max_body
    if length is not None and (length <= MOST_KEPT or (limit is not None and length > limit)):
        await request.read_rest(message)
        return
    from fenrir_wsgi import BodyReader

    states: Dict[str, Any] = request.state
    states[_UNREAD] = BufferedReader(BodyReader(request.receive, limit, message))


def unread_body(connection: Connection) -> Optional[BufferedReader]:
    """Return the stream of a body that the thread of the request reads; None where it was read."""
    states: Optional[Dict[str, BufferedReader]] = vars(connection).get("state")
    return None if states is None else states.get(_UNREAD)


def read_whole(connection: Request, stream: BufferedReader) -> bytes:
    """Read what is left of a body that was not read before, and keep it."""
    body = stream.read()
    connection.accept_single_chunk({"type": "http.request", "body": body})
    states: Dict[str, Any] = connection.state
    del states[_UNREAD]
    return body
