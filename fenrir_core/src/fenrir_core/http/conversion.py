"""The hybrid app's rule by which a returned value becomes a response."""

from __future__ import annotations

import inspect
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, Mapping, Optional, Tuple

from .._types import EncodersLike, RouteLike
from ..exceptions import BuildError
from .adapters import foreign_response, is_response_class
from .connection import Connection
from .encoders import encoder_of
from .headers import parse_digits
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
    if isinstance(value, Exception):  # an HTTP error, or a response that can also be raised (Bottle's HTTPResponse)
        raise value
    if isinstance(value, str) and not isinstance(value, Enum):
        return HTMLResponse(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Response(bytes(value), media_type="application/octet-stream")
    if type(value) is tuple and len(value) in (2, 3):
        return _from_tuple(connection, value)
    if hasattr(value, "__aiter__") or inspect.isgenerator(value):
        return StreamingResponse(value, media_type="text/html")
    if _is_json(value) or encoder_of(type(value)) is not None:
        return JSONResponse(value)
    foreign = foreign_response(connection, value)
    if foreign is not None:
        return foreign
    raise _wrong(connection, f"returned {type(value).__name__}")


def check_annotation(route: RouteLike, annotation: Any, encoders: Optional[EncodersLike]) -> None:
    """Check the return annotation of an endpoint.

    Args:
        route: The route of the endpoint.
        annotation: The annotation.
        encoders: The app's encoders, if it has any: values of their types are JSON.

    Raises:
        BuildError: No value of this type can become a response.
    """
    if annotation is inspect.Parameter.empty or not inspect.isclass(annotation) or annotation is object:
        return
    if encoders is not None and encoders.find(annotation) is not None:
        return
    module = getattr(annotation, "__module__", "")
    known = (Response, str, bytes, bytearray, memoryview, dict, list, tuple, set, frozenset, int, float, Enum)
    if issubclass(annotation, (*known, type(None))) or is_dataclass(annotation) or hasattr(annotation, "model_dump"):
        return
    if hasattr(annotation, "__aiter__") or hasattr(annotation, "__iter__") or module in ("typing", "types"):
        return
    if is_response_class(annotation):
        return
    raise BuildError(
        f"{route.where}: route {route.path!r} is annotated to return {annotation.__name__}, which is no answer. "
        "Return a response, str, bytes, something JSON can hold, a generator, or (body, status, headers)."
    )


def _is_json(value: Any) -> bool:
    if value is None or isinstance(value, (dict, list, tuple, set, frozenset, bool, int, float, Enum)):
        return True
    return (is_dataclass(value) and not isinstance(value, type)) or hasattr(value, "model_dump")


def parse_status(value: Any) -> Optional[int]:
    """Return a status code from the forms that a handler may return, or None if a value can be no status.

    Args:
        value: An int from 100 to 999, such as `http.HTTPStatus`, or a str that begins with one: ``"404 NOT FOUND"``.

    Source: RFC 9110, section 15; Flask takes the same forms.
    """
    if isinstance(value, str):
        words = value.split(None, 1)
        code = parse_digits(words[0] if words else None) or 0
    else:
        code = int(value) if isinstance(value, int) and not isinstance(value, bool) else 0
    return code if 100 <= code <= 999 else None


def _is_headers(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, (list, tuple)) and all(
        isinstance(item, (list, tuple)) and len(item) == 2 for item in value
    )


def _from_tuple(connection: Connection, value: Tuple[Any, ...]) -> Response:
    """Return the response of `(body, status)`, `(body, headers)` or `(body, status, headers)`."""
    if len(value) == 3:
        body, status, headers = value
    else:
        body, status, headers = (value[0], None, value[1]) if _is_headers(value[1]) else (*value, None)
    code = None if status is None else parse_status(status)
    if code is None and status is not None:
        raise _wrong(connection, f"returned the status {status!r}")
    if headers is not None and not _is_headers(headers):
        raise _wrong(connection, f"returned the headers {headers!r}")
    response = to_response(connection, body)
    if code is not None:
        response.status = code
    replace_headers(response, headers or ())
    return response


def replace_headers(response: Response, headers: Any) -> None:
    """Set headers of a response: a mapping or pairs; a name that comes twice, or with a list, is sent as often."""
    replaced = set()
    for name, given in headers.items() if isinstance(headers, Mapping) else headers:
        for text in given if isinstance(given, (list, tuple)) else (given,):
            if name.lower() in replaced:
                response.headers.add(name, text)
            else:
                response.headers[name] = text
                replaced.add(name.lower())


def _wrong(connection: Connection, what: str) -> TypeError:
    endpoint = getattr(connection.route.endpoint, "__qualname__", repr(connection.route.endpoint))
    return TypeError(
        f"{connection.route.where}: {endpoint}() {what}, which is not a response. Return a response, str, bytes, "
        "a value for JSON (a list instead of a tuple), a generator, or (body, status), (body, headers), "
        '(body, status, headers); a status is a number from 100 to 999 or text such as "404 NOT FOUND".'
    )
