"""Error handling: the responses to Falcon's errors, and the handlers that an app adds."""

from __future__ import annotations

from typing import Any, Iterable, List, Type

from fenrir_core import (
    Build,
    Call,
    Connection,
    ExceptionHandler,
    MethodNotAllowed,
    NotFound,
    error_response,
)
from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import report

from .exceptions import HTTPInternalServerError, HTTPMethodNotAllowed, HTTPRouteNotFound
from .http_error import HTTPError
from .redirects import HTTPStatus
from .request import Request, request_of
from .response import Response, response_of
from .return_values import call, render
from .state import State


def compose_error(request: Request, response: Response, error: HTTPError) -> None:
    """Write an error into the response: status, headers, and a body in the app's error format, or JSON or XML."""
    clear(response)
    response.status = error.status
    for name, value in error.header_pairs:
        if name.lower() == "set-cookie":
            response.append_header(name, value)
        else:
            response.set_header(name, value)
    serializer = request._connection.app.store(State).serializer
    if serializer is not None:
        serializer(request, response, error)
        return
    formatted = error_response(request._connection, error)
    if formatted is not None:
        for name, value in formatted.headers.items():
            if name not in ("set-cookie", "content-length"):
                response.set_header(name, value)
        response.status, response.data = formatted.status, formatted.body
        return
    types = ["application/json"]
    if response.options.xml_error_serialization:
        types += ["text/xml", "application/xml"]
    chosen = request.client_prefers(types) or ("application/json" if "+json" in request.accept.lower() else None)
    if chosen is None and "+xml" in request.accept.lower() and len(types) > 1:
        chosen = "application/xml"
    if chosen is not None:
        response.content_type = chosen
        response.data = error.to_json() if chosen.endswith("json") else error.to_xml()
        response.append_header("Vary", "Accept")


def clear(response: Response) -> None:
    """Discard the body that a failed responder may have set; the headers are kept."""
    response.text = response.data = response.stream = response.sse = None
    response.media = None
    for name in ("content-type", "content-length"):
        response.delete_header(name)


async def _http_error(connection: Connection, error: Any) -> KernelResponse:
    response = response_of(connection)
    compose_error(request_of(connection), response, error)
    return render(connection)


async def _http_status(connection: Connection, error: Any) -> KernelResponse:
    response = response_of(connection)
    clear(response)
    response.status, response.text = error.status, error.text
    headers = error.headers.items() if hasattr(error.headers, "items") else error.headers or ()
    for name, value in headers:
        response.append_header(name, value) if name.lower() == "set-cookie" else response.set_header(name, value)
    return render(connection)


async def _unexpected(connection: Connection, error: Any) -> KernelResponse:
    report(connection, error)
    return error_response(connection, error) or await _http_error(connection, HTTPInternalServerError())


async def _from_kernel(connection: Connection, error: Any) -> KernelResponse:
    """Raise Falcon's error instead of the kernel's, so that handlers of Falcon's classes are found."""
    raise translate(error) from error


def translate(error: KernelHTTPError) -> HTTPError:
    """Return Falcon's equivalent of one of the kernel's errors."""
    if isinstance(error, NotFound):
        return HTTPRouteNotFound()
    if isinstance(error, MethodNotAllowed):
        return HTTPMethodNotAllowed(error.allowed)
    text = error.detail if isinstance(error.detail, str) else None
    return HTTPError(error.status, description=text, headers=error.headers)


def _custom(kind: Type[BaseException], handler: Any) -> ExceptionHandler:
    async def handle(connection: Connection, error: BaseException) -> KernelResponse:
        request, response = request_of(connection), response_of(connection)
        await call(handler, request, response, error, connection.path_params)
        return render(connection)

    return ExceptionHandler(kind, Call.of(handle))


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the app's handlers, then Falcon's; in Falcon's own app also those of the kernel's errors."""
    is_pure = build.app.paradigm == "falcon"
    found: List[ExceptionHandler] = [
        _custom(kind, handler) for kind, handler in build.app.store(State).error_handlers.items()
    ]
    # COMPAT: in Falcon's own app all handlers are on one level, and the nearest class decides
    found.append(ExceptionHandler(HTTPError, Call.of(_http_error), default=not is_pure))
    found.append(ExceptionHandler(HTTPStatus, Call.of(_http_status), default=not is_pure))
    if is_pure:
        found.append(ExceptionHandler(KernelHTTPError, Call.of(_from_kernel)))
        found.append(ExceptionHandler(Exception, Call.of(_unexpected), default=True))
    return found
