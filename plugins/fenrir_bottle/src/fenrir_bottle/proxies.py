"""`request` and `response` of the request that the running code serves."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Dict, List, Optional, Tuple, Union

from fenrir_core import Connection
from fenrir_core.authoring import current

from .environment import environ_of, fill
from .request import BaseRequest
from .response import HTTP_CODES, BaseResponse, Cookie, Headers
from .structures import Environ, HeaderValue

# The package takes the classes from here too: to type checkers `from .request import …` in its `__init__` would bind
# `fenrir_bottle.request` to the module.
__all__ = ["HTTP_CODES", "BaseRequest", "BaseResponse", "LocalRequest", "LocalResponse", "request", "response"]

#: What was bound by a WSGI server's call or by hand, with the kernel's connection that was current then, if any: in a
#: request that began later, that request's own is meant.
_environ: ContextVar[Optional[Tuple[Environ, Optional[Connection]]]] = ContextVar("bottle environ", default=None)
_response: ContextVar[Optional[Tuple[BaseResponse, Optional[Connection]]]] = ContextVar("bottle response", default=None)


def bind(environ: Environ) -> BaseResponse:
    """Make an environment the current request, and return the response to it."""
    connection = current.get(None)
    environ["bottle.request"] = request
    _environ.set((environ, connection))
    local = BaseResponse._fresh()
    _response.set((local, connection))
    return local


def fresh_response(connection: Connection) -> BaseResponse:
    """Return the response that a connection's handlers change, unless they return one."""
    return BaseResponse._fresh()


def current_environ() -> Environ:
    """Return the environment of the current request, which may have to be filled.

    Outside of requests a context has an empty one of its own, as in Bottle.
    """
    bound, connection = _environ.get(), current.get(None)
    if bound is not None and bound[1] is connection:
        return bound[0]
    if connection is not None:
        return connection.facade(environ_of)
    environ: Environ = {}
    _environ.set((environ, None))
    return environ


def current_response() -> BaseResponse:
    """Return the response of the current request; one that is never sent outside of requests."""
    bound, connection = _response.get(), current.get(None)
    if bound is not None and bound[1] is connection:
        return bound[0]
    if connection is not None:
        return connection.facade(fresh_response)
    local = BaseResponse()
    _response.set((local, None))
    return local


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
        _environ.set((environ, current.get(None)))

    @property
    def _storage(self) -> Environ:
        return current_environ()

    @property
    def environ(self) -> Environ:
        """The environment of the current request."""
        return fill(current_environ())

    @environ.setter
    def environ(self, environ: Environ) -> None:
        _environ.set((environ, current.get(None)))


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
        _response.set((BaseResponse(body, status, headers, **more_headers), current.get(None)))

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
