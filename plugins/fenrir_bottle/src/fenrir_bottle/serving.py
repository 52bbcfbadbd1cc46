"""A Bottle app as a WSGI callable: the request is served in the thread that the server calls in."""

from __future__ import annotations

import sys
import traceback
from typing import Any, Iterable, List, Optional, Tuple

from fenrir_core.authoring import contributors
from fenrir_wsgi import Environ, StartResponse

from ._flags import flags
from .casting import Body, encode, stream, try_close
from .exceptions import HTTPError, HTTPResponse
from .interfaces import BottleLike
from .proxies import bind
from .response import BaseResponse
from .routes import Route, is_async
from .state import State
from .texts import html_escape, path_of

#: Statuses whose response has no body.
_BODILESS = frozenset({100, 101, 204, 304})
_Info = Tuple[Any, Any, Any]


def serve(app: BottleLike, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Serve a request, as Bottle does: `Bottle.wsgi`."""
    body: Any = None
    call = _Call(app, environ)
    try:
        body = call.run()
        local = call.local
        if local._status_code in _BODILESS or environ["REQUEST_METHOD"] == "HEAD":
            if isinstance(body, bytes):
                _add_length(local, body)
            try_close(body)
            body = []
        elif isinstance(body, bytes):
            _add_length(local, body)
            body = [body] if body else []
        _start(start_response, local._wsgi_status_line(), local.headerlist, call.exc_info)
        return body  # type: ignore[no-any-return]
    except Exception as error:
        try_close(body)
        if not app.catchall or isinstance(error, MemoryError):
            raise
        return _critical(environ, start_response, error)


def _add_length(local: BaseResponse, body: bytes) -> None:
    if "Content-Length" not in local._headers:
        local._headers["Content-Length"] = [str(len(body))]


def _start(start_response: StartResponse, line: str, headers: List[Tuple[str, str]], info: Optional[_Info]) -> None:
    if info is None:
        start_response(line, headers)
    else:
        start_response(line, headers, info)


def _critical(environ: Environ, start_response: StartResponse, error: Exception) -> List[bytes]:
    """Return the response to an error of the app's own error handling."""
    path = html_escape(environ.get("PATH_INFO", "/"))
    page = f"<h1>Critical error while processing request: {path}</h1>"
    if flags.debug:
        trace = html_escape(traceback.format_exc())
        page += f"<h2>Error:</h2><pre>{html_escape(repr(error))}</pre><h2>Traceback:</h2><pre>{trace}</pre>"
    environ["wsgi.errors"].write(traceback.format_exc())
    environ["wsgi.errors"].flush()
    info = sys.exc_info()
    start_response("500 INTERNAL SERVER ERROR", [("Content-Type", "text/html; charset=UTF-8")], info)
    return [page.encode("utf8", "replace")]


class _Call:
    """One request: its environment, its response, and how it failed."""

    def __init__(self, app: BottleLike, environ: Environ) -> None:
        self.app, self.environ = app, environ
        self.state = app.store(State)
        self.exc_info: Optional[_Info] = None
        path = environ["bottle.raw_path"] = environ.get("PATH_INFO", "")
        environ["PATH_INFO"] = path if path.isascii() else path_of(path)
        environ["bottle.app"] = app
        self.local = bind(environ)

    def run(self) -> Body:
        """Return the body of the response."""
        out = self._handle()
        local, applied = self.local, True
        for _ in range(50):  # an error handler may return what needs another one
            while isinstance(out, HTTPResponse):
                if not applied:
                    out.apply(local)
                applied = False
                out = self._error_body(out) if isinstance(out, HTTPError) else out.body
            applied = False
            body = encode(local, out)
            if body is not None:
                if out:
                    return body
                try_close(out)
                return b""
            made = stream(local, out, self._where(), self.app.catchall, self._failed)
            if not isinstance(made, HTTPResponse):
                return _wrapped(self.environ, out, made)
            out = made
        raise RecursionError("The error handlers of the app return one error after the other.")

    def _error_body(self, error: HTTPError) -> Any:
        handler = self.state.error_handlers.get(error.status_code)
        return self.app.default_error_handler(error) if handler is None else handler(error)

    def _handle(self) -> Any:
        """Return what the handler returned or raised; hooks run around it and the response has its headers."""
        hooks, out = self.state.hooks, None
        try:
            try:
                for hook in hooks["before_request"][:]:
                    hook()
                route, values = self.app.router.match(self.environ)
                self.environ["bottle.route"] = self.environ["route.handle"] = route
                self.environ["route.url_args"] = values
                out = route.call(**values)
            except HTTPResponse as response:
                out = response
            if isinstance(out, HTTPResponse):
                out.apply(self.local)
            self._after()
        except HTTPResponse as response:  # of an after hook
            out = response
            out.apply(self.local)
        except Exception as error:
            try_close(out)
            if not self.app.catchall or isinstance(error, MemoryError):
                self._after_failure()
                raise
            out = HTTPError(500, "Internal Server Error", error, traceback.format_exc())
            self._failed(error)
            out.apply(self.local)
            self._after_failure()
        return out

    def _after(self) -> None:
        for hook in self.state.hooks["after_request"][:]:
            hook()

    def _after_failure(self) -> None:
        try:
            self._after()
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.exc_info = (type(error), error, error.__traceback__)
        errors = self.environ.get("wsgi.errors") or sys.stderr
        errors.write("".join(traceback.format_exception(*self.exc_info)))
        errors.flush()

    def _where(self) -> str:
        route: Optional[Route] = self.environ.get("bottle.route")
        return repr(route) if route is not None else "the app"


def _wrapped(environ: Environ, out: Any, body: Body) -> Body:
    """Return a file in the wrapper that the server sends fast, and other bodies as they are."""
    wrapper = environ.get("wsgi.file_wrapper")
    if wrapper is None or isinstance(body, bytes) or not hasattr(out, "fileno"):
        return body
    return wrapper(out)  # type: ignore[no-any-return]


# -------------------------------------------------------------------- apps with more than Bottle has


def needs_asgi(app: BottleLike) -> bool:
    """Return whether an app has what only its ASGI side runs: middleware, lifespans, plugins, asynchronous handlers."""
    if any(is_async(route.callback) for route in app.routes):
        return True
    if any(not hasattr(target.route.endpoint, "bottle_route") for target in app.compiled_routes):
        return True
    return not contributors(app) <= {"kernel", "bottle"}
