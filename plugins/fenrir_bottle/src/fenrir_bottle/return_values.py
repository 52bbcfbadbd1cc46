"""Responses made of what a handler returns.

Source: the behaviour of bottle's `Bottle._cast`, documented at "Generating content".
"""

from __future__ import annotations

import io
import itertools
from typing import Any, Iterable, Iterator

from fenrir_core import Connection, Response, StreamingResponse
from fenrir_core.authoring import dumps, encode_header, encoder_of, foreign_response, negotiated, report

from .error_pages import unhandled_error
from .exceptions import HTTPError, HTTPResponse
from .response import LocalResponse
from .state import State

_CHUNK = 65536


def to_response(connection: Connection, local: LocalResponse, out: Any, applied: bool = False) -> Response:
    """Turn a value into a response with the current response's status, headers and cookies.

    Args:
        connection: The request.
        local: The current response.
        out: What was returned or raised.
        applied: Whether `out` was applied to `local` already, which hooks may have changed since.
    """
    while isinstance(out, HTTPResponse):
        if not applied:
            out.apply(local)
        applied = False
        if not isinstance(out, HTTPError):
            out = out.body
            continue
        handler = connection.app.store(State).error_handlers.get(out.status_code)
        if handler is None:
            return unhandled_error(connection, local, out)
        try:
            out = handler(out)
        except HTTPError as error:  # of the handler itself: not handled once more
            error.apply(local)
            return unhandled_error(connection, local, error)
        except HTTPResponse as response:
            out = response
    return _body(connection, local, out)


def _body(connection: Connection, local: LocalResponse, out: Any) -> Response:
    if isinstance(out, Response):
        return _with_headers(local, out)
    if isinstance(out, dict):
        return _json(connection, local, out)
    if not out and encoder_of(type(out)) is None:
        return local.finish(b"")
    if isinstance(out, (list, tuple)) and isinstance(out[0], (str, bytes)):
        out = out[0][:0].join(out)
    if isinstance(out, str):
        out = out.encode(local.charset)
    if isinstance(out, (bytes, bytearray)):
        return local.finish(bytes(out))
    if encoder_of(type(out)) is not None:
        return _json(connection, local, out)
    if hasattr(out, "read"):
        return local.finish(StreamingResponse(chunks_of_file(out)))
    if hasattr(out, "__aiter__"):
        return local.finish(StreamingResponse(out))
    foreign = foreign_response(connection, out)
    return _iterable(connection, local, out) if foreign is None else _with_headers(local, foreign)


def _with_headers(local: LocalResponse, response: Response) -> Response:
    """Return a response of its own with the headers that the handler has set besides."""
    response.raw_headers += [encode_header(name, value) for name, value in local.headerlist if name != "Content-Type"]
    return response


def _json(connection: Connection, local: LocalResponse, out: Any) -> Response:
    """Make a response of a dict, or of a value that a plugin's encoder writes."""
    local.headers["Content-Type"] = "application/json"
    return negotiated(connection, local.finish(dumps(out)))


def _iterable(connection: Connection, local: LocalResponse, out: Any) -> Response:
    """Make a response of an iterable; its first item that is not empty decides which kind."""
    try:
        items: Iterator[Any] = iter(out)
    except TypeError:
        problem = TypeError(
            f"{connection.route.where}: a Bottle handler returned {type(out).__name__}, which is not a response."
        )
        report(connection, problem)
        return to_response(connection, local, HTTPError(500, "Internal Server Error", problem))
    first: Any = None
    try:
        while not first:
            first = next(items)
    except StopIteration:
        return local.finish(b"")
    except HTTPResponse as response:
        return to_response(connection, local, response)
    if isinstance(first, HTTPResponse):
        return to_response(connection, local, first)
    return local.finish(StreamingResponse(_chunks(first, items, out, local.charset)))


def _chunks(first: Any, rest: Iterable[Any], whole: Any, charset: str) -> Iterator[bytes]:
    try:
        for item in itertools.chain([first], rest):
            yield item.encode(charset) if isinstance(item, str) else item
    finally:
        getattr(whole, "close", bool)()


def chunks_of_file(file: Any) -> Iterator[bytes]:
    """Yield the contents of a file object in pieces, and close it."""
    try:
        if isinstance(file, io.TextIOBase):
            yield from (line.encode() for line in file)
        else:
            yield from iter(lambda: file.read(_CHUNK), b"")
    finally:
        getattr(file, "close", bool)()
