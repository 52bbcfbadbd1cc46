"""Error handling: the responses to Falcon's errors, and the handlers that an app adds."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Iterable, List, Optional, Tuple, Type, Union

from fenrir_core import (
    App,
    Build,
    BuildError,
    Call,
    Connection,
    ExceptionHandler,
    MethodNotAllowed,
    NotFound,
    WebSocketDisconnect,
    error_response,
)
from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core import Response as KernelResponse
from fenrir_core import WebSocket as KernelWebSocket
from fenrir_core.authoring import CONNECTING, ErrorForms, ErrorFunction, caller, name_of, report, where_is

from .constants import MEDIA_JSON, MEDIA_MULTIPART, MEDIA_URLENCODED, MEDIA_XML
from .exceptions import (
    HTTPBadRequest,
    HTTPInternalServerError,
    HTTPMethodNotAllowed,
    HTTPRouteNotFound,
    InvalidErrorHandler,
    MissingHandler,
    PayloadTypeError,
    WebSocketDisconnected,
)
from .http_error import HTTPError, pairs_of
from .media.base import BaseHandler, is_written_async
from .quick_errors import without_options, writer
from .redirects import HTTPStatus
from .request import Request, request_of
from .resource_methods import is_method
from .response import Response, response_of
from .response_headers import content_type_header
from .return_values import call, prerender, render
from .state import State
from .status_codes import http_status_to_code
from .websocket import websocket_of

_BODY = ("text", "data", "stream", "sse", "media")
_VARY = (b"vary", b"Accept")
_XML_TYPES = ("text/xml", MEDIA_XML)
_FORM_TYPES = (MEDIA_MULTIPART, MEDIA_URLENCODED)


def compose_error(request: Request, response: Response, error: HTTPError) -> None:
    """Write an error into the response: status, headers, and a body in the app's error format, or JSON or XML."""
    clear(response)
    response.status, response.is_error = error.status, True
    if error.header_pairs:
        _set_headers(response, error.header_pairs)
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
    _serialize(request, response, error)


def _serialize(request: Request, response: Response, error: HTTPError) -> None:
    """Write an error in the type that the client prefers: JSON, XML, or that of a media handler."""
    options = response.options
    handlers = options.media_handlers
    accept = request.get_header("Accept")
    raw = response.raw_headers
    if raw:
        response.append_header("Vary", "Accept")
    else:
        raw.append(_VARY)  # PERF: without a look for names, 1 µs
    if accept is None or accept == "*/*":  # PERF: most errors, without a look at the types
        chosen: Optional[str] = MEDIA_JSON
    else:
        types = [MEDIA_JSON, *(_XML_TYPES if options.xml_error_serialization else ())]
        types += [kind for kind in handlers if kind not in types and kind not in _FORM_TYPES]
        chosen = request.client_prefers(types) or _by_suffix(accept.lower())
    if chosen is None:
        return
    if error.header_pairs:
        response.content_type = chosen  # in the place of one that the error brings
    else:
        raw.append(content_type_header(chosen))  # `clear` has removed another
    handler = handlers.by_type.get(chosen)
    if chosen == MEDIA_JSON:
        response.data = error.to_json(handler)
    elif handler is None:
        # COMPAT: without XML errors, a type such as `app/x+xml` is answered with no body
        response.data = error._to_xml() if options.xml_error_serialization else None
    elif is_written_async(handler) and type(handler).serialize is BaseHandler.serialize:
        response.media = error.to_dict()
    else:
        response.data = handler.serialize(error.to_dict(), chosen)


def _by_suffix(accept: str) -> Optional[str]:
    if "+json" in accept:
        return MEDIA_JSON
    return MEDIA_XML if "+xml" in accept else None


def compose_status(response: Response, error: HTTPStatus) -> None:
    """Write a raised status into the response: its headers and its text."""
    clear(response)
    response.status, response.text, response.is_error = error.status, error.text, True
    _set_headers(response, pairs_of(error.headers))


def clear(response: Response) -> None:
    """Discard the body that a failed responder may have set; the headers are kept."""
    own = response.__dict__  # PERF: what was not set is None by the class, and most responders set nothing before
    for name in _BODY:
        own.pop(name, None)
    if "_headers" not in own:
        return
    for name in ("content-type", "content-length"):
        response.delete_header(name)


def _set_headers(response: Response, pairs: Iterable[Tuple[str, str]]) -> None:
    for name, value in pairs:
        if name.lower() == "set-cookie":
            response.append_header(name, value)
        else:
            response.set_header(name, value)


def _takes_response(connection: Any) -> bool:
    """Return whether a handshake can be refused with an HTTP response (ASGI 3.0, "Websocket Denial Response")."""
    has_extension = "websocket.http.response" in (connection.scope.get("extensions") or {})
    return has_extension and connection.phase == CONNECTING


async def _close(connection: Connection, code: int) -> KernelResponse:
    """Close a WebSocket, and return what stands for its response."""
    await websocket_of(connection).close(code)
    return KernelResponse(b"", 500)


async def _http_error(connection: Connection, error: HTTPError) -> KernelResponse:
    if connection.scope["type"] == "websocket" and not _takes_response(connection):
        return await _close(connection, 3000 + http_status_to_code(error.status))
    response = response_of(connection)
    compose_error(request_of(connection), response, error)
    if response.media is not None:
        await prerender(response)
    return response.to_kernel()


def _quick_http_error(app: App) -> Any:
    """Return `_http_error`, with less work for the usual error where no middleware changes responses."""
    write = writer(app)
    if write is None:
        return _http_error

    async def http_error(connection: Connection, error: HTTPError) -> KernelResponse:
        response = response_of(connection)
        # what was written before is for `compose_error`
        own = response.__dict__
        found = write(connection, error) if "_headers" not in own and "_scheduled" not in own else None
        return await _http_error(connection, error) if found is None else found

    return http_error


async def _http_status(connection: Connection, error: HTTPStatus) -> KernelResponse:
    if connection.scope["type"] == "websocket" and not _takes_response(connection):
        return await _close(connection, 3000 + http_status_to_code(error.status))
    compose_status(response_of(connection), error)
    return render(connection)


async def _unexpected(connection: Connection, error: Exception) -> KernelResponse:
    state = connection.app.store(State)
    if isinstance(connection, KernelWebSocket):
        if isinstance(error, WebSocketDisconnect):
            return KernelResponse(b"", 500)
        report(connection, error)
        return await _close(connection, state.ws_options.error_close_code)
    report(connection, error)
    if state.reporter is not None:
        await call(state.reporter, request_of(connection), error)
    return error_response(connection, error) or await _http_error(connection, HTTPInternalServerError())


async def _wrong_payload(connection: Connection, error: PayloadTypeError) -> KernelResponse:
    """Close a WebSocket whose client sent a message of the wrong type (RFC 6455, section 7.4.1)."""
    if isinstance(connection, KernelWebSocket):
        return await _close(connection, 1003)
    return await _unexpected(connection, error)


async def _from_kernel(connection: Connection, error: KernelHTTPError) -> KernelResponse:
    """Raise Falcon's error instead of the kernel's, so that handlers of Falcon's classes are found."""
    found = translate(error)
    if isinstance(found, HTTPMethodNotAllowed) and not is_method(connection.scope["method"]):
        found = HTTPBadRequest(title="Bad request", description="Invalid HTTP method")
    found.__cause__ = error  # which an error format may know more of
    handlers = connection.app.store(State).error_handlers
    if any(kind in handlers for kind in type(found).__mro__):
        raise found
    return await _http_error(connection, found)  # PERF: without another look for a handler


def translate(error: KernelHTTPError) -> HTTPError:
    """Return Falcon's equivalent of one of the kernel's errors."""
    if isinstance(error, NotFound):
        return HTTPRouteNotFound()
    if isinstance(error, MethodNotAllowed):
        return HTTPMethodNotAllowed(without_options(error.allowed))
    text = error.detail if isinstance(error.detail, str) else None
    return HTTPError(error.status, description=text, headers=error.headers)


# ---------------------------------------------------------------- the app's own handlers


def add_error_handler(
    app: App,
    exception: Union[Type[BaseException], Iterable[Type[BaseException]]],
    handler: Optional[Callable[..., Any]] = None,
) -> None:
    """Register an error handler for one or more exception classes.

    Args:
        app: The app.
        exception: The class or classes. The handler of the nearest base class of an exception is used.
        handler: ``handler(req, resp, ex, params)``, asynchronous or not; by default the static method `handle` of the
            class. In the hybrid app it may also take nothing, the error, or the request and the error; what it
            returns is then the response.

    Raises:
        BuildError: There is no handler, it takes other parameters, or something is not an exception class.
    """
    kinds: List[Any] = list(exception) if isinstance(exception, (list, tuple, set, frozenset)) else [exception]
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise InvalidErrorHandler(f"{caller()[0]}: add_error_handler() takes exception classes, not {kind!r}.")
        found = handler or getattr(kind, "handle", None)
        if found is None:
            raise MissingHandler(
                f"{caller()[0]}: {kind.__name__} has no static method `handle`: pass a handler to add_error_handler()."
            )
        if app.paradigm == "falcon":
            _check_parameters(found)
        what = f"the error handler {name_of(found)!r}"
        with app.registering(what, where_is(found), keeps_routes=True, keeps_error_handlers=False):
            app.store(State).error_handlers[kind] = found if app.paradigm == "falcon" else ErrorFunction(found)


def _check_parameters(handler: Callable[..., Any]) -> None:
    try:
        inspect.signature(handler).bind(None, None, None, None)
    except TypeError:
        raise BuildError(
            f"{where_is(handler)}: the error handler {name_of(handler)}() must take four arguments: "
            f"{name_of(handler)}(req, resp, ex, params)."
        ) from None
    except ValueError:
        pass  # it has no signature


async def _call_responder(handler: Any, connection: Connection, error: BaseException) -> KernelResponse:
    request = request_of(connection)
    if isinstance(connection, KernelWebSocket) and "ws" in inspect.signature(handler).parameters:
        websocket = websocket_of(connection)
        await call(handler, request, None, error, connection.path_params, ws=websocket)
        if not websocket.closed:
            await websocket.close(connection.app.store(State).ws_options.error_close_code)
        return KernelResponse(b"", 500)
    response = response_of(connection)
    for name in _BODY:  # COMPAT: what the responder has set is no body of the error's
        response.__dict__.pop(name, None)
    response.is_error = True
    value = await call(handler, request, response, error, connection.path_params)
    return render(connection, value)


def _custom(build: Build, kind: Type[BaseException], handler: Any) -> ExceptionHandler:
    if isinstance(handler, ErrorFunction):
        return ExceptionHandler(kind, Call(handler.compile(build.inject, build.app.store(ErrorForms)), "async"))

    async def handle(connection: Connection, error: BaseException) -> KernelResponse:
        return await _call_responder(handler, connection, error)

    return ExceptionHandler(kind, Call.of(handle))


def default_handlers() -> List[Tuple[Type[BaseException], Any]]:
    """Return the handlers of Falcon's own app."""
    return [
        (Exception, _unexpected),
        (WebSocketDisconnected, _unexpected),
        (HTTPError, _http_error),
        (HTTPStatus, _http_status),
    ]


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the app's handlers, then Falcon's; in Falcon's own app also those of the kernel's errors."""
    is_pure = build.app.paradigm == "falcon"
    build.app.store(ErrorForms).responder = _call_responder
    found: List[ExceptionHandler] = [
        _custom(build, kind, handler) for kind, handler in build.app.store(State).error_handlers.items()
    ]
    # COMPAT: in Falcon's own app all handlers are on one level, and the nearest class decides
    found.append(ExceptionHandler(HTTPError, Call.of(_quick_http_error(build.app)), default=not is_pure))
    found.append(ExceptionHandler(HTTPStatus, Call.of(_http_status), default=not is_pure))
    found.append(ExceptionHandler(PayloadTypeError, Call.of(_wrong_payload), default=True))
    if is_pure:
        found.append(ExceptionHandler(KernelHTTPError, Call.of(_from_kernel)))
        found.append(ExceptionHandler(Exception, Call.of(_unexpected), default=True))
    return found
