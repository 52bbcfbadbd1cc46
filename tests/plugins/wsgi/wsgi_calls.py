"""The side of a WSGI server, for the tests of `as_wsgi`: calls of a WSGI callable."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from fenrir import Fenrir
from fenrir_core import Response
from fenrir_wsgi import WSGICallable, as_wsgi

PATIENCE = 10
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/x")]}


class Answer:
    """What a WSGI server was told: status line, headers and body."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: List[Tuple[str, str]] = []
        self.body = b""
        #: The errors that `start_response` was called with.
        self.errors: List[BaseException] = []
        self.headers_sent = False

    def start_response(self, status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info is not None:
            self.errors.append(exc_info[1])
            if self.headers_sent:
                raise exc_info[1].with_traceback(exc_info[2])
        self.status, self.headers = status, headers
        return lambda data: None

    def header(self, name: str) -> Optional[str]:
        return dict(self.headers).get(name)


def environ(path: str = "/", method: str = "GET", body: Any = b"", **more: Any) -> Dict[str, Any]:
    found: Dict[str, Any] = {"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", **more}
    setup_testing_defaults(found)
    if isinstance(body, bytes):
        found["CONTENT_LENGTH"] = str(len(body))
        body = io.BytesIO(body)
    found["wsgi.input"] = body
    return found


@contextmanager
def served(app: Any) -> Iterator[WSGICallable]:
    """Close the callable of an app afterwards."""
    callable_ = as_wsgi(app)
    try:
        yield callable_
    finally:
        callable_.close()


def call(application: Any, *args: Any, check: bool = True, **options: Any) -> Answer:
    """Call a WSGI application as a server does, under the validator of the standard library."""
    answer = Answer()
    application = validator(application) if check else application
    result = application(environ(*args, **options), answer.start_response)
    try:
        for chunk in result:
            answer.body += chunk
            answer.headers_sent = answer.headers_sent or bool(chunk)
    finally:
        result.close()
    return answer


def ask(app: Any, *args: Any, **options: Any) -> Answer:
    with served(app) as application:
        return call(application, *args, **options)


def responding(response: Callable[[], Response]) -> Fenrir:
    app = Fenrir()
    app.route("/", ("GET", "POST"))(response)
    return app
