"""The hybrid app's rule by which a returned value becomes a response."""

from __future__ import annotations

import inspect
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, List, Mapping, Sequence, Tuple

from .connection import Connection
from .response import HTMLResponse, JSONResponse, Response
from .streaming import StreamingResponse


def to_response(connection: Connection, value: Any) -> Response:
    """Return a returned value as a response.

    A response is returned as it is. str is HTML, bytes are octets, `(body, status)`,
    `(body, headers)` and `(body, status, headers)` follow Flask, generators are streamed, an
    exception is raised, so that its handler is called, and a value that JSON can express is JSON.

    Args:
        connection: The connection, for its route in the message of an error.
        value: What the endpoint returned.

    Raises:
        TypeError: The value is none of these; the message names the handler and the type.
    """
    if isinstance(value, Response):
        return value
    if isinstance(
        value, Exception
    ):  # a response that can also be raised, such as Bottle's HTTPResponse, or an HTTP error
        raise value
    if isinstance(value, str) and not isinstance(value, Enum):
        return HTMLResponse(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Response(bytes(value), media_type="application/octet-stream")
    if isinstance(value, tuple) and _is_flask_tuple(value):
        return _from_tuple(connection, value)
    if hasattr(value, "__aiter__") or inspect.isgenerator(value):
        return StreamingResponse(value, media_type="text/html")
    if _is_json(value):
        return JSONResponse(value)
    endpoint = getattr(connection.route.endpoint, "__qualname__", repr(connection.route.endpoint))
    raise TypeError(
        f"{connection.route.where}: {endpoint}() returned {type(value).__name__}, which is not a response. Return a "
        "response, str, bytes, a value for JSON, a generator, or (body, status, headers)."
    )


def _is_json(value: Any) -> bool:
    if value is None or isinstance(value, (dict, list, tuple, set, frozenset, bool, int, float, Enum)):
        return True
    return (is_dataclass(value) and not isinstance(value, type)) or hasattr(value, "model_dump")


def _is_flask_tuple(value: Tuple[Any, ...]) -> bool:
    if len(value) == 3:
        return _is_status(value[1]) and _is_headers(value[2])
    return len(value) == 2 and (_is_status(value[1]) or _is_headers(value[1]))


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599


def _is_headers(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list) and all(isinstance(item, tuple) and len(item) == 2 for item in value)


def _from_tuple(connection: Connection, value: Sequence[Any]) -> Response:
    response = to_response(connection, value[0])
    rest: List[Any] = list(value[1:])
    if _is_status(rest[0]):
        response.status = int(rest.pop(0))
    if rest:
        pairs = rest[0].items() if isinstance(rest[0], Mapping) else rest[0]
        replaced = set()
        for name, text in pairs:
            if name.lower() in replaced:
                response.headers.add(name, text)
            else:
                response.headers[name] = text
                replaced.add(name.lower())
    return response
