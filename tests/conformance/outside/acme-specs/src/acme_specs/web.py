"""What apps are written with: handlers, rules, the application."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Type, Union

from fenrir_core import App, Connection, HTTPError, JSONResponse, Response, Route
from fenrir_core.authoring import BODY_METHODS, METHODS, reason_phrase

from .patterns import template_of

PARADIGM = "specs"


class HandlerRequest:
    """The request, as `RequestHandler.request`."""

    def __init__(self, connection: Connection) -> None:
        self.connection: Any = connection
        self.method, self.path, self.headers = connection.scope["method"], connection.path, connection.headers

    @property
    def body(self) -> bytes:
        """The body, which was read before."""
        return bytes(self.connection.loaded_body) if self.method in BODY_METHODS else b""


class RequestHandler:
    """The handler of one request: a subclass has `get`, `post` and so on, which write its response."""

    def __init__(self, connection: Connection) -> None:
        self.request = HandlerRequest(connection)
        self.application = connection.app
        self.response = Response(b"", media_type="text/html; charset=UTF-8")
        self.is_finished = False

    def initialize(self, **options: Any) -> None:
        """Take the options of the rule."""

    def prepare(self) -> Any:
        """Run before the method; may be asynchronous, and `finish` the response."""

    def on_finish(self) -> None:
        """Run after the response was sent."""

    def get_argument(self, name: str, default: Optional[str] = None) -> str:
        """Return a parameter of the query.

        Raises:
            HTTPError: There is none, and no default.
        """
        value = self.request.connection.query.get(name, default)
        if value is None:
            raise HTTPError(400, f"Missing argument {name}")
        return str(value)

    def set_status(self, status: int) -> None:
        """Set the status."""
        self.response.status = status

    def set_header(self, name: str, value: str) -> None:
        """Set a header in the place of those of that name."""
        self.response.headers[name] = value

    def add_header(self, name: str, value: str) -> None:
        """Add a header."""
        self.response.headers.add(name, value)

    def write(self, chunk: Union[str, bytes, Dict[str, Any]]) -> None:
        """Add to the body; a dict is JSON."""
        if isinstance(chunk, dict):
            self.set_header("content-type", "application/json; charset=UTF-8")
            chunk = JSONResponse(chunk).body
        self.response.body += chunk.encode() if isinstance(chunk, str) else chunk

    def finish(self, chunk: Union[str, bytes, Dict[str, Any]] = b"") -> None:
        """Write the last part: the method is not called if `prepare` does this."""
        self.write(chunk)
        self.is_finished = True

    def redirect(self, url: str) -> None:
        """Send the client elsewhere."""
        self.set_status(302)
        self.set_header("location", url)
        self.finish()

    def reverse_url(self, name: str, **values: Any) -> str:
        """Return the path of a named rule."""
        return str(self.application.url_path(name, **values))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write the page of an error; `exc_info` is the exception."""
        self.finish(f"<html><title>{status_code}: {reason_phrase(status_code)}</title></html>")


@dataclass
class URLSpec:
    """A rule: a pattern, its handler, what `initialize` takes, and a name."""

    pattern: str
    handler: Type[RequestHandler]
    kwargs: Dict[str, Any] = field(default_factory=dict)
    name: str = ""


url = URLSpec
Rule = Union[URLSpec, Tuple[Any, ...]]


class Rules(List[Rule]):
    """A list of rules, which any app can mount."""


def routes_of(app: App, rules: Iterable[Rule], prefix: str = "") -> Iterator[Route]:
    """Return the routes of rules: one for each method that a handler has."""
    for rule in rules:
        spec = rule if isinstance(rule, URLSpec) else URLSpec(*rule)
        for method in METHODS:
            function = getattr(spec.handler, method.lower(), None)
            if function is not None:
                names = list(inspect.signature(function).parameters)[1:]
                path = prefix + template_of(spec.pattern, names)
                name = spec.name or spec.handler.__name__
                yield app.make_route(path, function, [method], name=name, paradigm=PARADIGM, spec=spec)


def add_handlers(app: App, rules: Iterable[Rule]) -> None:
    """Register rules in any app."""
    for route in routes_of(app, rules):
        app.register(route)


class Application(App):
    """An app with this paradigm alone; `settings` are those of `fenrir_core.App`."""

    paradigm = PARADIGM

    def __init__(self, handlers: Iterable[Rule] = (), **settings: Any) -> None:
        super().__init__(**{"trailing_slash": "strict", **settings})
        self.add_handlers(handlers)

    def add_handlers(self, rules: Iterable[Rule]) -> None:
        """Add rules."""
        add_handlers(self, rules)
