"""The kernel's responses made of what a handler returns."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from fenrir_core import Connection, FileResponse, Response, ReturnHandler, Route, StreamingResponse, error_response
from fenrir_core import HTTPError as KernelError
from fenrir_core.authoring import (
    RawResponse,
    dumps,
    encode_header,
    encoder_of,
    foreign_response,
    negotiated,
    report,
)

from .casting import Body, OpenedFile, encode, stream
from .error_pages import error_handler_of, error_page
from .exceptions import HTTPError, HTTPResponse
from .response import BaseResponse
from .state import State
from .texts import json_dumps

_DEFAULT_TYPE = encode_header("Content-Type", BaseResponse.default_content_type)


def make_return_handler(route: Route) -> Optional[ReturnHandler]:
    """Return the handler of Bottle's own routes, whose endpoints return responses; None for other routes."""
    return _FINISHED if hasattr(route.endpoint, "bottle_route") else None


def _finished(connection: Connection, response: Response) -> Response:
    return response


def _render_raw(connection: Connection, response: Response) -> Optional[RawResponse]:
    # an error that is reported is raised after its response
    return response.render_raw() if connection.unhandled is None else None


_FINISHED = ReturnHandler(_finished, render_raw=_render_raw, negotiates=True)


def sent(local: BaseResponse, body: Any) -> Response:
    """Return the current response with this body: bytes, or a response whose body is kept."""
    response = body if isinstance(body, Response) else Response(body)
    response.status = local._status_code
    headers = local._headers
    plain = not local._cookies and local._status_code not in local.bad_headers
    if plain and not headers:
        response.raw_headers = [_DEFAULT_TYPE]  # PERF: this and the next are the usual cases
    elif plain and len(headers) == 1 and "Content-Type" in headers:
        response.raw_headers = [encode_header("Content-Type", value) for value in headers["Content-Type"]]
    else:
        response.raw_headers = [encode_header(name, value) for name, value in local.headerlist]
    return response


def _unhandled(connection: Connection, local: BaseResponse, error: HTTPError) -> Response:
    """Return the response to an error that the app does not handle: in its error format, or as Bottle's page."""
    cause: Any = error._stands_for or error.exception
    if not isinstance(cause, KernelError) and (error.exception is None or error.status_code != 500):
        cause = KernelError(error.status_code, None if error.body is None else str(error.body))
    own = error_response(connection, cause)
    if own is None:
        page = error_page(error, connection.path, bool(connection.app.settings["debug"]))
        return sent(local, page.encode())
    for name, value in own.headers.items():
        if name not in ("set-cookie", "content-length"):
            local.set_header(name, value)
    return sent(local, own.body)


def to_response(connection: Connection, local: BaseResponse, out: Any, applied: bool = False) -> Response:
    """Turn a value into a response with the current response's status, headers and cookies.

    Args:
        connection: The request.
        local: The current response.
        out: What was returned or raised.
        applied: Whether `out` was applied to `local` already, which hooks may have changed since.
    """
    if type(out) is str:  # PERF: the usual case
        return negotiated(connection, sent(local, out.encode(local.charset)))
    app = connection.app
    state = app.store(State)
    while True:
        while isinstance(out, HTTPResponse):
            if not applied:
                out.apply(local)
            applied = False
            if not isinstance(out, HTTPError):
                out = out.body
                continue
            handler = error_handler_of(app, out.status_code)
            if handler is None:
                return _unhandled(connection, local, out)
            try:
                out = handler(out)
            except HTTPError as error:  # of the handler itself: not handled once more
                error.apply(local)
                return _unhandled(connection, local, error)
            except HTTPResponse as response:
                out = response
        applied = False
        if isinstance(out, Response):
            return _with_headers(local, out)
        if isinstance(out, dict):  # of an error handler; those of routes are the JSON plugin's
            out = _as_json(local, out)
        if not isinstance(out, (str, bytes)) and encoder_of(type(out)) is not None:
            local.content_type = "application/json"
            out = dumps(out)
        body = encode(local, out)
        if body is not None:
            return negotiated(connection, sent(local, body))
        if hasattr(out, "__aiter__"):
            return sent(local, StreamingResponse(out))
        foreign = foreign_response(connection, out)
        if foreign is not None:
            return _with_headers(local, foreign)
        if isinstance(out, OpenedFile) and local._status_code == 200 and out.tell() == 0:
            out.close()
            return sent(local, FileResponse(out.name, conditional=False, etag=False))
        made = stream(local, out, connection.route.where, state.catchall, lambda error: report(connection, error))
        if not isinstance(made, HTTPResponse):
            return sent(local, _streamed(made))
        out = made


def _with_headers(local: BaseResponse, response: Response) -> Response:
    pairs: List[Tuple[str, str]] = local.headerlist
    response.raw_headers += [encode_header(name, value) for name, value in pairs if name != "Content-Type"]
    return response


def _as_json(local: BaseResponse, value: Dict[Any, Any]) -> str:
    text = json_dumps(value)
    local.content_type = "application/json"
    return text


def _streamed(body: Body) -> Response:
    return Response(body) if isinstance(body, bytes) else StreamingResponse(_parts(body))


def _parts(body: Any) -> Any:
    try:
        yield from body
    finally:
        getattr(body, "close", bool)()
