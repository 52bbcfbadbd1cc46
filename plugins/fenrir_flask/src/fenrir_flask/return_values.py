"""Return values: Flask's rules for what a view may return."""

from __future__ import annotations

import inspect
from typing import Any, Dict, Mapping, Optional, Tuple, cast

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

import fenrir_core
from fenrir_core import BodyEncoder, Connection, ReturnHandler, Route, current
from fenrir_core.authoring import (
    BODILESS,
    RawHeaders,
    RawResponse,
    encoder_of,
    foreign_response,
    name_of,
    parse_status,
    type_header,
    where_is,
)

from ._types import ReturnValue, SomeApp
from .conversion import encoded, render, to_kernel, to_werkzeug
from .ctx import ContextConnection
from .json.provider import DefaultJSONProvider, provider_of, response_class_of
from .response import Response

_HTML = BodyEncoder(str.encode, b"text/html; charset=utf-8")
#: The types of headers that are rendered at once.
_HEADERS = (dict, type(None))
_FORMS = (
    "The return type must be a string, dict, list, tuple with headers or status, Response instance, or WSGI callable"
)


class Rendered(Tuple[int, RawHeaders, bytes]):
    """Status, headers and body of a response that a step of the request has made already."""


def make_return_handler(route: Route, app: SomeApp) -> ReturnHandler:
    """Return the handler that converts the return values of a route by Flask's rules."""
    status = int(route.option("status", 200))
    rule = _Rule(app, status)
    encoders: Dict[type, BodyEncoder] = {str: _HTML} if rule.is_plain else {}
    return ReturnHandler(rule.convert, encoders, status, render_raw=None if status in BODILESS else rule.render_raw)


class _Rule:
    """How the return values of a route become responses.

    Args:
        app: The app.
        status: The status of values without one.
    """

    def __init__(self, app: SomeApp, status: int) -> None:
        self.app, self.status = app, status
        #: Whether a response object need not be made for what can be sent without one.
        self.is_plain = _makes_plain_responses(app)

    def convert(self, connection: Connection, value: ReturnValue) -> fenrir_core.Response:
        """Return the response of a value."""
        if isinstance(value, fenrir_core.Response):
            return value
        if type(value) is Rendered:
            return _whole(*value)
        raw = None if isinstance(value, WerkzeugResponse) else self.render_raw(connection, value)
        if raw is not None:
            return _whole(*raw)
        made = to_flask(connection, value)
        if self.status != 200 and not isinstance(value, (tuple, WerkzeugResponse)):
            made.status = self.status
            own = getattr(made, "own", None)
            if own is not None:
                own.status_code = self.status
        return made

    def render_raw(self, connection: Connection, value: ReturnValue) -> Optional[RawResponse]:
        """Return status, headers and body of a value; None for one that needs a response object."""
        if isinstance(value, WerkzeugResponse):
            return render(value)
        if type(value) is Rendered:
            return value
        if not self.is_plain:
            return None
        return self._render_parts(value) if type(value) is tuple else self._render_plain(value)

    def _render_plain(self, value: ReturnValue) -> Optional[RawResponse]:
        # PERF: no response object, 16 -> 12 us
        if type(value) is str:
            body = value.encode()
            headers = [(b"content-type", _HTML.content_type), (b"content-length", b"%d" % len(body))]
            return self.status, headers, body
        if not isinstance(value, (dict, list)):
            return None
        provider: Any = provider_of(self.app)
        if type(provider).response is not DefaultJSONProvider.response:
            return None
        data = provider.text_of(value).encode()
        return self.status, [type_header(provider.mimetype), (b"content-length", b"%d" % len(data))], data

    def _render_parts(self, value: Tuple[Any, ...]) -> Optional[RawResponse]:
        """Render a body with a status, with headers, or with both."""
        # PERF: as above; a text with a status and a header 18 -> 4.5 us
        code, headers = self.status, None
        if len(value) == 3:
            body, code, headers = value
        elif len(value) == 2 and type(value[1]) is dict:
            body, headers = value
        elif len(value) == 2:
            body, code = value
        else:
            return None
        if type(code) is not int or not 200 <= code < 600 or code in BODILESS or type(headers) not in _HEADERS:
            return None
        raw = self._render_plain(body)
        if raw is None or not headers:
            return None if raw is None else (code, raw[1], raw[2])
        pairs = _encoded_headers(headers)
        if pairs is None:
            return None
        if b"content-type" not in pairs:
            pairs = {b"content-type": raw[1][0][1], **pairs}
        return code, [*pairs.items(), raw[1][1]], raw[2]


def _makes_plain_responses(app: Any) -> bool:
    """Return whether an app makes responses as Flask does: by its own class, with its own method."""
    make = vars(app).get("make_response", getattr(type(app), "make_response", None))
    return response_class_of(app) is Response and (make is None or make.__module__.startswith(f"{__package__}."))


def _encoded_headers(headers: Mapping[str, str]) -> Optional[Dict[bytes, bytes]]:
    """Return headers as they are sent, or None where one has several values, or is not for an author to set."""
    pairs: Dict[bytes, bytes] = {}
    for name, value in headers.items():
        if type(value) is not str:
            return None
        pair = encoded(name, value)
        pairs[pair[0]] = pair[1]
    return None if len(pairs) != len(headers) or b"content-length" in pairs else pairs


def _whole(status: int, headers: RawHeaders, body: bytes) -> fenrir_core.Response:
    """Return the kernel's response with these parts; its length is known when it is sent."""
    made = fenrir_core.Response(body, status)
    made.raw_headers = [pair for pair in headers if pair[0] != b"content-length"]
    return made


def to_flask(connection: Connection, value: ReturnValue) -> fenrir_core.Response:
    """Return the kernel's response of what a view returned; see `make_werkzeug`.

    Raises:
        TypeError: The value is None or none of what a view may return; the message names the view.
    """
    if isinstance(value, fenrir_core.Response):
        return value
    app: SomeApp = connection.app  # type: ignore[assignment]  # an app with more
    maker = getattr(app, "make_response", None)
    own = make_werkzeug(app, value) if maker is None else maker(value)
    return to_kernel(connection, own)


def make_werkzeug(app: SomeApp, value: ReturnValue) -> WerkzeugResponse:
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
            f"{_view()} returned None. The view function did not return a valid response. The function either returned "
            "None or ended without a return statement."
        )
    made = _of_body(app, body)
    if status is not None:
        code = parse_status(status)
        if code is None:
            raise TypeError(f"{_view()} returned the status {status!r}. {_FORMS}.")
        if isinstance(status, str):
            made.status = status
        else:
            made.status_code = code
    if headers:
        made.headers.update(Headers(headers))
    return made


def _of_body(app: SomeApp, value: ReturnValue) -> WerkzeugResponse:
    kind = response_class_of(app)
    if isinstance(value, kind):
        return value
    if isinstance(value, (str, bytes, bytearray)) or hasattr(value, "__next__") or hasattr(value, "__aiter__"):
        return kind(cast(Any, value))
    if isinstance(value, (dict, list)) or encoder_of(type(value)) is not None:
        return provider_of(app).response(value)
    if isinstance(value, fenrir_core.Response):
        return to_werkzeug(value, kind)
    connection = current.get(None)
    is_werkzeugs = isinstance(value, (WerkzeugResponse, HTTPException)) or inspect.isroutine(value)
    if connection is not None and not is_werkzeugs:
        foreign = foreign_response(connection, value)
        if foreign is not None:
            return to_werkzeug(foreign, kind)
    if is_werkzeugs or callable(value):
        return _forced(kind, value, connection)
    raise TypeError(f"{_view()} returned {type(value).__name__}. {_FORMS}, but it was a {type(value).__name__}.")


def _forced(kind: Any, value: ReturnValue, connection: Optional[Connection]) -> WerkzeugResponse:
    """Return the response of another class of Werkzeug's, or of a WSGI callable."""
    environ = None if connection is None else _environ_of(connection)
    try:
        return kind.force_type(value, environ)  # type: ignore[no-any-return]
    except TypeError as error:
        raise TypeError(
            f"{error}\n{_view()} returned it. {_FORMS}, but it was a {type(value).__name__}. "
            "If it is an app, mount it: app.mount(prefix, app), or app.mount_wsgi."
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
        f"{_view()} returned a tuple of {len(value)} items. The view function did not return a valid response tuple. "
        "The tuple must have the form (body, status, headers), (body, status), or (body, headers)."
    )


def _view() -> str:
    """Return what names the view that is served: where it is, its name, its endpoint."""
    connection = current.get(None)
    if connection is None or connection.scope["type"] not in ("http", "websocket"):
        return "The view"
    if isinstance(connection, ContextConnection):
        app: SomeApp = connection.app
        endpoint = connection.context.request.endpoint
        view = app.view_functions.get(endpoint)
    else:
        endpoint, view = connection.route.name, connection.route.endpoint
    return f"{where_is(view)}: the view {name_of(view)}() of the endpoint {endpoint!r}"
