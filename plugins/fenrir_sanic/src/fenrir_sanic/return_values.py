"""From what a handler returned to the response that is sent."""

from __future__ import annotations

from inspect import isawaitable
from typing import Any, Awaitable, Callable, Optional

from fenrir_core import Build, Call, Connection, Response, ReturnHandler, Route
from fenrir_core.authoring import encoder_of, foreign_response, name_of, to_response

from .exceptions import ServerError
from .log import error_logger
from .middleware import MiddlewareLocation
from .request import request_of
from .response import ResponseStream, json
from .state import State


class UnsentValue(Response):
    """What a handler returned that is no response: response middleware may make one of it."""

    def __init__(self, value: Any, error: Exception) -> None:
        super().__init__(b"", 500)
        self.value, self.error = value, error


def value_of(response: Response) -> Any:
    """Return what middleware and signals get for a response: itself, or the value that is none."""
    return response.value if type(response) is UnsentValue else response


def require_response(request: Any, response: Any) -> None:
    """Refuse what no response middleware has made a response of.

    Raises:
        ServerError: See `strict`.
    """
    if type(response) is UnsentValue:
        raise response.error


def lenient(connection: Connection, value: Any) -> Response:
    """Return what `strict` returns, or what response middleware may still make a response of.

    COMPAT: Sanic shows middleware whatever the handler returned, but for None.
    """
    try:
        return strict(connection, value)
    except ServerError as error:
        if value is None:
            raise
        return UnsentValue(value, error)


def strict(connection: Connection, value: Any) -> Response:
    """Return the response that the handler returned, or that of `request.respond()`.

    A value that a plugin's encoder writes is JSON.

    Raises:
        ServerError: The value is not a response; the message names the handler.
    """
    if isinstance(value, Response):
        begun: Optional[Response] = getattr(connection, "sanic_begun", None)  # PERF: the request's, without it, 0.5 us
        if begun is None or begun is value:
            return value
        error_logger.error(
            "The response object returned by the route handler will not be sent to client. The request has already "
            "been responded to."
        )
        return begun
    begun = request_of(connection).begun
    if begun is not None:
        return begun
    if encoder_of(type(value)) is not None:
        return json(value)
    foreign = foreign_response(connection, value)
    if foreign is not None:
        return foreign
    raise ServerError(
        f"Invalid response type {value!r} (need HTTPResponse): {connection.route.where}: the handler "
        f"{name_of(connection.route.endpoint)}() returned {type(value).__name__}. In a Sanic app it must return a "
        "response: text(…), json(…), html(…), raw(…), empty(), redirect(…) or file(…)."
    )


def awaited(convert: Callable[[Connection, Any], Response]) -> Callable[[Connection, Any], Awaitable[Response]]:
    """Return what converts a value that may be awaitable."""

    async def convert_awaited(connection: Connection, value: Any) -> Response:
        if isinstance(value, Response) and not isinstance(value, ResponseStream):
            return convert(connection, value)
        return convert(connection, await value if isawaitable(value) and not isinstance(value, Response) else value)

    return convert_awaited


def hybrid(connection: Connection, value: Any) -> Response:
    """Return the response of `request.respond()`, or one made by the hybrid app's rule."""
    begun = request_of(connection).begun if value is None else None
    return to_response(connection, value) if begun is None else begun


def make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Handle the routes of this paradigm, and in Sanic's own app every route."""
    if route.option("host_dispatcher"):
        return None
    if build.app.paradigm == "sanic":
        convert = lenient if _has_response_middleware(route, build) else strict
        if Call.of(route.endpoint).mode == "async":
            return ReturnHandler(convert)
        return ReturnHandler(awaited(convert), is_async=True)  # a decorator may hand a coroutine on
    return ReturnHandler(hybrid) if route.paradigm == "sanic" else None


def _has_response_middleware(route: Route, build: Build) -> bool:
    found = build.app.store(State).middleware_of(route)
    return any(item.location is MiddlewareLocation.RESPONSE for item in found)
