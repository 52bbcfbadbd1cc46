"""From what a handler returned to the response that is sent."""

from __future__ import annotations

from typing import Any, Optional

from fenrir_core import Build, Connection, Response, ReturnHandler, Route
from fenrir_core.authoring import encoder_of, foreign_response, name_of, to_response

from .request import request_of
from .response import json


def strict(connection: Connection, value: Any) -> Response:
    """Return the response that the handler returned, or that of `request.respond()`.

    A value that a plugin's encoder writes is JSON.

    Raises:
        TypeError: The value is not a response; the message names the handler.
    """
    if isinstance(value, Response):
        return value
    begun = request_of(connection).begun
    if begun is not None and value is None:
        return begun
    if encoder_of(type(value)) is not None:
        return json(value)
    foreign = foreign_response(connection, value)
    if foreign is not None:
        return foreign
    raise TypeError(
        f"{connection.route.where}: the handler {name_of(connection.route.endpoint)}() returned "
        f"{type(value).__name__}. In a Sanic app it must return a response: text(…), json(…), html(…), raw(…), "
        "empty(), redirect(…) or file(…)."
    )


def hybrid(connection: Connection, value: Any) -> Response:
    """Return the response of `request.respond()`, or one made by the hybrid app's rule."""
    begun = request_of(connection).begun if value is None else None
    return to_response(connection, value) if begun is None else begun


def make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Handle the routes of this paradigm, and in Sanic's own app every route."""
    if build.app.paradigm == "sanic":
        return ReturnHandler(strict)
    return ReturnHandler(hybrid) if route.paradigm == "sanic" else None
