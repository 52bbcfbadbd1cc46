"""Return values: Flask's rules for what a view may return."""

from __future__ import annotations

import inspect
from typing import Any, Mapping, Optional, Tuple

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response as WerkzeugResponse

import fenrir_core
from fenrir_core import BodyEncoder, Connection, ReturnHandler, Route, current
from fenrir_core.authoring import BODILESS, RawResponse, encoder_of, foreign_response, parse_status

from .conversion import render, to_kernel, to_werkzeug
from .json.provider import provider_of, response_class_of

_HTML = BodyEncoder(str.encode, b"text/html; charset=utf-8")
_FORMS = (
    "The return type must be a string, dict, list, tuple with headers or status, Response instance, or WSGI callable"
)


def make_return_handler(route: Route) -> ReturnHandler:
    """Return the handler that converts the return values of a route by Flask's rules."""
    status = int(route.option("status", 200))

    def convert(connection: Connection, value: Any) -> fenrir_core.Response:
        if isinstance(value, fenrir_core.Response):
            return value
        made = to_flask(connection, value)
        if status != 200 and made is not value and not isinstance(value, (tuple, WerkzeugResponse)):
            made.status = status
            own = getattr(made, "own", None)
            if own is not None:
                own.status_code = status
        return made

    def render_raw(connection: Connection, value: Any) -> Optional[RawResponse]:
        if type(value) is str:
            body = value.encode()
            return status, [(b"content-type", _HTML.content_type), (b"content-length", b"%d" % len(body))], body
        if isinstance(value, WerkzeugResponse):
            return render(value)
        if not isinstance(value, (dict, list)):
            return None
        return convert(connection, value).render_raw()

    return ReturnHandler(convert, {str: _HTML}, status, render_raw=None if status in BODILESS else render_raw)


def to_flask(connection: Connection, value: Any) -> fenrir_core.Response:
    """Return the kernel's response of what a view returned; see `make_werkzeug`.

    Raises:
        TypeError: The value is None or none of what a view may return; the message names the view.
    """
    if isinstance(value, fenrir_core.Response):
        return value
    app: Any = connection.app
    maker = getattr(app, "make_response", None)
    own = make_werkzeug(app, value) if maker is None else maker(value)
    original: Optional[fenrir_core.Response] = vars(own).get("fenrir_original")
    return to_kernel(connection, own) if original is None else original


def make_werkzeug(app: Any, value: Any) -> WerkzeugResponse:
    """Return a response made of what a view returned.

    str and bytes are HTML, dict, list and what a plugin's encoder writes are JSON, an iterator is streamed, a tuple is
    `(body, status)`, `(body, headers)` or `(body, status, headers)`.

    Raises:
        TypeError: The value is None or none of these; the message names the view.
    """
    status = headers = None
    body = value
    if isinstance(value, tuple):
        body, status, headers = _split(value)
    if body is None:
        raise TypeError(
            f"The view function for {_endpoint()} did not return a valid response. The function either returned None "
            "or ended without a return statement."
        )
    made = _of_body(app, body)
    if status is not None:
        if not isinstance(status, str) or parse_status(status) is None:
            code = parse_status(status)
            if code is None:
                raise TypeError(f"The view function for {_endpoint()} returned the status {status!r}. {_FORMS}.")
            made.status_code = code
        else:
            made.status = status
    if headers:
        made.headers.update(headers)
    return made


def _of_body(app: Any, value: Any) -> WerkzeugResponse:
    kind = response_class_of(app)
    if isinstance(value, kind):
        return value  # type: ignore[no-any-return]
    if isinstance(value, (str, bytes, bytearray)) or hasattr(value, "__next__") or hasattr(value, "__aiter__"):
        return kind(value)  # type: ignore[no-any-return]
    if isinstance(value, (dict, list)) or encoder_of(type(value)) is not None:
        return provider_of(app).response(value)
    if isinstance(value, fenrir_core.Response):
        return to_werkzeug(value, kind)
    if isinstance(value, WerkzeugResponse) or (callable(value) and not inspect.isclass(value)):
        return _foreign(kind, value)
    raise TypeError(f"{_FORMS}, but it was a {type(value).__name__}. The view function for {_endpoint()} returned it.")


def _foreign(kind: Any, value: Any) -> WerkzeugResponse:
    """Return the response of another class of Werkzeug's, of a WSGI callable, or of another framework."""
    connection = current.get(None)
    if not isinstance(value, WerkzeugResponse) and connection is not None and not hasattr(value, "get_response"):
        foreign = foreign_response(connection, value)
        if foreign is not None:
            return to_werkzeug(foreign, kind)
    environ = None if connection is None else _environ_of(connection)
    try:
        return kind.force_type(value, environ)  # type: ignore[no-any-return]
    except TypeError as error:
        raise TypeError(
            f"{error}\n{_FORMS}, but it was a {type(value).__name__}. The view function for {_endpoint()} returned it."
        ).with_traceback(error.__traceback__) from None


def _environ_of(connection: Connection) -> Any:
    from .request import request_of

    return connection.facade(request_of).environ if connection.scope["type"] in ("http", "websocket") else None


def _split(value: Tuple[Any, ...]) -> Tuple[Any, Any, Any]:
    if len(value) == 3:
        return value
    if len(value) == 2:
        body, second = value
        is_headers = isinstance(second, (Headers, Mapping, tuple, list))
        return (body, None, second) if is_headers else (body, second, None)
    raise TypeError(
        f"The view function for {_endpoint()} did not return a valid response tuple. The tuple must have the form "
        "(body, status, headers), (body, status), or (body, headers)."
    )


def _endpoint() -> str:
    """Return what names the view that is served: its endpoint, and where it is."""
    connection = current.get(None)
    if connection is None:
        return "None"
    from .ctx import ContextConnection
    from .request import request_of

    if isinstance(connection, ContextConnection):
        return repr(connection.facade(request_of).endpoint) if connection.context.has_request else "None"
    route = connection.route
    name = getattr(route.endpoint, "__qualname__", repr(route.endpoint))
    return f"{route.name!r} ({name}(), {route.where})"
