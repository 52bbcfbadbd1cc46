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
    error_response,
)
from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import ErrorForms, ErrorFunction, caller, name_of, report, where_is

from .exceptions import HTTPInternalServerError, HTTPMethodNotAllowed, HTTPRouteNotFound
from .http_error import HTTPError, pairs_of
from .redirects import HTTPStatus
from .request import Request, request_of
from .response import Response, response_of
from .return_values import call, render
from .state import State


def compose_error(request: Request, response: Response, error: HTTPError) -> None:
    """Write an error into the response: status, headers, and a body in the app's error format, or JSON or XML."""
    clear(response)
    response.status = error.status
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


def compose_status(response: Response, error: HTTPStatus) -> None:
    """Write a raised status into the response: its headers and its text."""
    clear(response)
    response.status, response.text = error.status, error.text
    _set_headers(response, pairs_of(error.headers))


def clear(response: Response) -> None:
    """Discard the body that a failed responder may have set; the headers are kept."""
    response.text = response.data = response.stream = response.sse = None
    response.media = None
    for name in ("content-type", "content-length"):
        response.delete_header(name)


def _set_headers(response: Response, pairs: Iterable[Tuple[str, str]]) -> None:
    for name, value in pairs:
        if name.lower() == "set-cookie":
            response.append_header(name, value)
        else:
            response.set_header(name, value)


async def _http_error(connection: Connection, error: Any) -> KernelResponse:
    response = response_of(connection)
    compose_error(request_of(connection), response, error)
    return render(connection)


async def _http_status(connection: Connection, error: Any) -> KernelResponse:
    compose_status(response_of(connection), error)
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
    kinds = [exception] if isinstance(exception, type) else list(exception)
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise BuildError(f"{caller()[0]}: add_error_handler() takes exception classes, not {kind!r}.")
        found = handler or getattr(kind, "handle", None)
        if found is None:
            raise BuildError(
                f"{caller()[0]}: {kind.__name__} has no static method `handle`: pass a handler to add_error_handler()."
            )
        if app.paradigm == "falcon":
            _check_parameters(found)
        with app.registering(f"the error handler {name_of(found)!r}", where_is(found)):
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
    request, response = request_of(connection), response_of(connection)
    value = await call(handler, request, response, error, connection.path_params)
    return render(connection, value)


def _custom(build: Build, kind: Type[BaseException], handler: Any) -> ExceptionHandler:
    if isinstance(handler, ErrorFunction):
        return ExceptionHandler(kind, Call(handler.compile(build.inject, build.app.store(ErrorForms)), "async"))

    async def handle(connection: Connection, error: BaseException) -> KernelResponse:
        return await _call_responder(handler, connection, error)

    return ExceptionHandler(kind, Call.of(handle))


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the app's handlers, then Falcon's; in Falcon's own app also those of the kernel's errors."""
    is_pure = build.app.paradigm == "falcon"
    build.app.store(ErrorForms).responder = _call_responder
    found: List[ExceptionHandler] = [
        _custom(build, kind, handler) for kind, handler in build.app.store(State).error_handlers.items()
    ]
    # COMPAT: in Falcon's own app all handlers are on one level, and the nearest class decides
    found.append(ExceptionHandler(HTTPError, Call.of(_http_error), default=not is_pure))
    found.append(ExceptionHandler(HTTPStatus, Call.of(_http_status), default=not is_pure))
    if is_pure:
        found.append(ExceptionHandler(KernelHTTPError, Call.of(_from_kernel)))
        found.append(ExceptionHandler(Exception, Call.of(_unexpected), default=True))
    return found
