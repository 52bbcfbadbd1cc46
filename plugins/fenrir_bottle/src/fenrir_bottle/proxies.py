"""`request` and `response` of the request that the running code serves."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Dict, List, Optional, Union

from fenrir_core import Connection, NoRequest, current_connection

from .environment import environ_of, fill
from .request import BaseRequest
from .response import HTTP_CODES, BaseResponse, Cookie, Headers
from .structures import Environ, HeaderValue

# The package takes the classes from here too: to type checkers `from .request import …` in its `__init__` would bind
# `fenrir_bottle.request` to the module.
__all__ = ["HTTP_CODES", "BaseRequest", "BaseResponse", "LocalRequest", "LocalResponse", "request", "response"]

# What was bound by a WSGI server's call or by hand; None where the kernel's connection is to be asked. Outside of
# requests a context has an empty request and a response of its own, as in Bottle.
_environ: ContextVar[Optional[Environ]] = ContextVar("bottle environ", default=None)
_response: ContextVar[Optional[BaseResponse]] = ContextVar("bottle response", default=None)
_outside: ContextVar[Optional[Environ]] = ContextVar("bottle environ outside", default=None)
_outside_response: ContextVar[Optional[BaseResponse]] = ContextVar("bottle response outside", default=None)


def use_connection() -> None:
    """Have `request` and `response` ask the kernel's connection, whatever was bound in this context before."""
    _environ.set(None)
    _response.set(None)


def bind(environ: Environ) -> BaseResponse:
    """Make an environment the current request, and return the response to it."""
    environ["bottle.request"] = request
    _environ.set(environ)
    local = BaseResponse()
    _response.set(local)
    return local


def fresh_response(connection: Connection) -> BaseResponse:
    """Return the response that a connection's handlers change, unless they return one."""
    return BaseResponse()


def current_environ() -> Environ:
    """Return the environment of the current request, which may have to be filled; an empty one outside of requests."""
    environ = _environ.get()
    if environ is not None:
        return environ
    try:
        return current_connection().facade(environ_of)
    except NoRequest:
        environ = _outside.get()
        if environ is None:
            environ = {}
            _outside.set(environ)
        return environ


def current_response() -> BaseResponse:
    """Return the response of the current request; one that is never sent outside of requests."""
    found = _response.get()
    if found is not None:
        return found
    try:
        return current_connection().facade(fresh_response)
    except NoRequest:
        found = _outside_response.get()
        if found is None:
            found = BaseResponse()
            _outside_response.set(found)
        return found


class LocalRequest(BaseRequest):
    """The request that the running code serves; its `environ` differs in each thread and task."""

    __slots__ = ()

    def __init__(self, environ: Optional[Environ] = None) -> None:
        if environ is not None:
            self.bind(environ)

    def bind(self, environ: Optional[Environ] = None) -> None:
        """Make `environ` the current request of this thread or task."""
        environ = {} if environ is None else environ
        environ["bottle.request"] = self
        _environ.set(environ)

    @property
    def _storage(self) -> Environ:
        return current_environ()

    @property
    def environ(self) -> Environ:
        """The environment of the current request."""
        return fill(current_environ())

    @environ.setter
    def environ(self, environ: Environ) -> None:
        _environ.set(environ)


class LocalResponse(BaseResponse):
    """The response to the current request, whose status, headers and cookies handlers may change."""

    def __init__(
        self, body: Any = "", status: Union[int, str, None] = None, headers: Headers = None, **more_headers: HeaderValue
    ) -> None:
        """Refer to the current response; arguments are for `bind`, a class's own response has none."""
        if body or status or headers or more_headers:
            self.bind(body, status, headers, **more_headers)

    def bind(
        self, body: Any = "", status: Union[int, str, None] = None, headers: Headers = None, **more_headers: HeaderValue
    ) -> None:
        """Begin a new response in this thread or task."""
        _response.set(BaseResponse(body, status, headers, **more_headers))

    @property
    def body(self) -> Any:
        """The body."""
        return current_response().body

    @body.setter
    def body(self, body: Any) -> None:
        current_response().body = body

    @property
    def _status_code(self) -> int:
        return current_response()._status_code

    @_status_code.setter
    def _status_code(self, code: int) -> None:
        current_response()._status_code = code

    @property
    def _status_line(self) -> str:
        return current_response()._status_line

    @_status_line.setter
    def _status_line(self, line: str) -> None:
        current_response()._status_line = line

    @property
    def _headers(self) -> Dict[str, List[str]]:
        return current_response()._headers

    @_headers.setter
    def _headers(self, headers: Dict[str, List[str]]) -> None:
        current_response()._headers = headers

    @property
    def _cookies(self) -> Dict[str, Cookie]:
        return current_response()._cookies

    @_cookies.setter
    def _cookies(self, cookies: Dict[str, Cookie]) -> None:
        current_response()._cookies = cookies


#: The current request.
request: LocalRequest = LocalRequest()
#: The response to the current request, unless the handler returns or raises another one.
response: LocalResponse = LocalResponse()
