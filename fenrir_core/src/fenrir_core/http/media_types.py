"""Media types besides JSON: how plugins have bodies read, and answers written as the client asks."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Sequence

from .._types import Given, MediaTypeLike
from ..exceptions import InvalidBody
from .accept import best_match
from .connection import Connection
from .encoders import by_key
from .json import is_json_type, loads

if TYPE_CHECKING:
    from .response import Response

#: What makes another body of one.
Convert = Callable[[bytes], bytes]

JSON = "application/json"
_MEDIA_TYPE = re.compile(r"(?!multipart/|text/html$|application/x-www-form-urlencoded$)[a-z0-9.+-]+/[a-z0-9.+-]+")


def is_free(name: object) -> bool:
    """Return whether a name is a media type that the kernel and the paradigms have no rules for."""
    return isinstance(name, str) and _MEDIA_TYPE.fullmatch(name) is not None and not is_json_type(name)


class MediaTypes:
    """The media types of an app besides JSON.

    Raises:
        BuildError: Two plugins have one media type.
    """

    def __init__(self, given: Sequence[Given[MediaTypeLike]]) -> None:
        #: The media types with their origins, for reports.
        self.given = given
        #: The media types by name.
        self.by_name: Mapping[str, MediaTypeLike] = by_key(given, lambda item: item.name, "media type")

    def preferred(self, connection: Connection) -> Optional[MediaTypeLike]:
        """Return the media type that the client prefers to JSON, or None."""
        accept = ", ".join(connection.headers.getlist("accept"))
        return self.by_name.get(best_match((JSON, *self.by_name), accept) or JSON) if accept else None


def media_type_of(connection: Connection) -> Optional[MediaTypeLike]:
    """Return the media type of a request's body if a plugin of its app gave it; None for JSON and all others."""
    media_types = connection.compiled_route.media_types
    return None if media_types is None else media_types.by_name.get(connection.content_type)


def decode(media_type: MediaTypeLike, body: bytes) -> Any:
    """Return the value of a body.

    Raises:
        InvalidBody: It is malformed (a client's mistake: status 400).
    """
    try:
        return media_type.loads(body)
    except ValueError as error:
        raise InvalidBody(media_type.name, str(error)) from error


def negotiated(connection: Connection, response: Response, value: object = None) -> Response:
    """Write a response whose body is JSON in the media type of a plugin that the client prefers, and return it.

    It stays JSON where the client has no preference (``*/*``) or the app has no other media type, and where the
    endpoint has made the response, unless this is `negotiable`, as one that a function has made of a value to answer
    with. Its class may have a method `write_as`, which is given the function that converts the body.

    Args:
        connection: The connection.
        response: The response.
        value: What the endpoint returned: the response itself, a tuple that begins with it, or any other value.

    Source: RFC 9110, sections 12.5.1 and 12.5.5 (`Vary`).
    """
    media_types = connection.compiled_route.media_types
    if media_types is None:
        return response
    own = value[0] if isinstance(value, tuple) and value else value
    is_made = response is own or connection.app.built.adapters.find("responses", type(own)) is not None
    if is_made and not getattr(own, "negotiable", False):
        return response
    headers = response.headers
    if response.streams or (headers.get("content-type") or "").partition(";")[0] != JSON or "etag" in headers:
        return response
    vary = headers.get("vary")
    headers["vary"] = f"{vary}, Accept" if vary else "Accept"
    media_type = media_types.preferred(connection)
    if media_type is not None and response.body:
        convert = partial(_converted, media_type)
        write_as: Optional[Callable[[Convert], None]] = getattr(response, "write_as", None)
        if write_as is None:
            response.body = convert(response.body)
        else:
            write_as(convert)
        headers["content-type"] = media_type.name
        if "content-length" in headers:
            del headers["content-length"]
    return response


def _converted(media_type: MediaTypeLike, body: bytes) -> bytes:
    """Return JSON in another media type."""
    found = media_type.dumps(loads(body))
    if not isinstance(found, bytes):
        raise TypeError(f"`dumps` of the media type {media_type.name} returned {type(found).__name__}, not bytes.")
    return found
