"""Sanic's error pages: HTML, JSON or text, by what the client accepts."""

from __future__ import annotations

from functools import lru_cache
from html import escape as escape_html
from logging import DEBUG
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Iterator, List, Mapping, Optional, Tuple, Type

from .exceptions import BadRequest, InvalidHeader, SanicException
from .headers import AcceptList, parse_accept
from .helpers import STATUS_CODES, json_dumps
from .log import deprecation, logger
from .response import HTTPResponse, html, json, text
from .values import Values

if TYPE_CHECKING:
    from .request import Request

DEFAULT_FORMAT = "auto"
FALLBACK_TEXT = "The application encountered an unexpected error and could not continue."
FALLBACK_STATUS = 500
JSON = "application/json"
MIME_BY_CONFIG = {"text": "text/plain", "json": JSON, "html": "text/html"}
CONFIG_BY_MIME = {mime: name for name, mime in MIME_BY_CONFIG.items()}


def check_error_format(format: str) -> None:
    """Refuse a word that is no format of error pages.

    Raises:
        SanicException: It is none.
    """
    if format not in MIME_BY_CONFIG and format != "auto":
        raise SanicException(f"Unknown format: {format}")


def escape(text: object) -> str:
    """Return a text as HTML."""
    return f"{text}".replace("&", "&amp;").replace("<", "&lt;")


class BaseRenderer:
    """What renders an error page.

    Args:
        request: The request that failed.
        exception: The exception.
        debug: Whether the page shows where it was raised.
    """

    dumps = staticmethod(json_dumps)

    def __init__(self, request: Request, exception: Exception, debug: bool) -> None:
        self.request, self.exception, self.debug = request, exception, debug

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that the exception brings."""
        return self.exception.headers or {} if isinstance(self.exception, SanicException) else {}

    @property
    def status(self) -> int:
        """The status."""
        return self.exception.status_code if isinstance(self.exception, SanicException) else FALLBACK_STATUS

    @property
    def text(self) -> str:
        """The message; an exception that is not Sanic's shows its own in debug mode only."""
        return str(self.exception) if self.debug or isinstance(self.exception, SanicException) else FALLBACK_TEXT

    @property
    def title(self) -> str:
        """The status with its phrase."""
        return f"{self.status} — {STATUS_CODES.get(self.status, b'Error Occurred').decode()}"

    def render(self) -> HTTPResponse:
        """Return the page."""
        show = self.debug and not getattr(self.exception, "quiet", False)
        output = self.full() if show else self.minimal()
        output.status = self.status
        brought, headers = self.headers, output.headers
        for name, value in brought.items():  # PERF: as `update` does for one mapping, 6.3 -> 2.3 us
            headers[name] = value
        return output

    def minimal(self) -> HTTPResponse:
        """Return the page of production."""
        raise NotImplementedError

    def full(self) -> HTTPResponse:
        """Return the page of development."""
        raise NotImplementedError

    def _details(self, full: bool) -> Iterator[Any]:
        """Iterate over the names and values of `context`, and in full of `extra`."""
        for name in ("context", "extra") if full else ("context",):
            found = getattr(self.exception, name, None)
            if found:
                yield name, found

    def _causes(self) -> List[BaseException]:
        found: List[BaseException] = []
        error: Optional[BaseException] = self.exception
        while error is not None and error not in found:
            found.append(error)
            error = error.__cause__
        return found[::-1]


class TextRenderer(BaseRenderer):
    """What renders plain text."""

    OUTPUT_TEXT = "{title}\n{bar}\n{text}\n\n{body}"
    SPACER = "  "

    def full(self) -> HTTPResponse:
        """Return the page of development."""
        return self._page(True)

    def minimal(self) -> HTTPResponse:
        """Return the page of production."""
        return self._page(False)

    @property
    def title(self) -> str:
        """The status with its phrase."""
        return f"⚠️ {super().title}"

    def _page(self, full: bool) -> HTTPResponse:
        title = self.title
        body = self._body(full) if full or getattr(self.exception, "context", None) else ""
        return text(self.OUTPUT_TEXT.format(title=title, text=self.text, bar="=" * len(title), body=body))

    def _body(self, full: bool) -> str:
        lines: List[str] = []
        if full:
            kind = type(self.exception).__name__
            lines.append(f"{kind}: {self.exception} while handling path {self.request.path}")
            lines.append(f"Traceback of {self.request.app.name} (most recent call last):\n")
            lines += [self._traceback(error) for error in self._causes()]
        for name, values in self._details(full):
            lines.append(f"\n{name.title()}")
            lines += [f"{self.SPACER * 2}{key}: {self.dumps(value)}" for key, value in values.items()]
        return "\n".join(lines)

    def _traceback(self, error: BaseException) -> str:
        indent = self.SPACER * 2
        frames = "\n\n".join(
            f"{indent}File {frame.filename}, line {frame.lineno}, in {frame.name}\n{indent}{frame.line}"
            for frame in extract_tb(error.__traceback__)
        )
        return f"{self.SPACER}{type(error).__name__}: {error}\n{frames}"


class JSONRenderer(BaseRenderer):
    """What renders JSON."""

    def full(self) -> HTTPResponse:
        """Return the page of development."""
        output = self._output(True)
        output["path"], output["args"] = self.request.path, self.request.args
        output["exceptions"] = [
            {
                "type": type(error).__name__,
                "exception": str(error),
                "frames": [
                    {"file": frame.filename, "line": frame.lineno, "name": frame.name, "src": frame.line}
                    for frame in extract_tb(error.__traceback__)
                ],
            }
            for error in self._causes()
        ]
        return json(output, dumps=self.dumps)

    def minimal(self) -> HTTPResponse:
        """Return the page of production."""
        return json(self._output(False), dumps=self.dumps)

    @property
    def title(self) -> str:
        """The status's phrase."""
        return STATUS_CODES.get(self.status, b"Error Occurred").decode()

    def _output(self, full: bool) -> Values:
        found = {"description": self.title, "status": self.status, "message": self.text}
        return {**found, **dict(self._details(full))}


class HTMLRenderer(BaseRenderer):
    """What renders HTML."""

    def full(self) -> HTTPResponse:
        """Return the page of development; it shows where the exception was raised."""
        show = self.debug and not getattr(self.exception, "quiet", False)
        title = f"⚠️ {self.title}"
        items = "".join(self._items(name, values) for name, values in self._details(self.debug))
        if show:
            items += "".join(self._traceback(error) for error in self._causes())
            items += f"<p>{escape_html(type(self.exception).__name__)} while handling path "
            items += f"<code>{escape_html(self.request.path)}</code></p>"
        return html(
            f'<!DOCTYPE html><html lang="en"><meta charset="UTF-8"><title>{escape_html(self.title)}</title>'
            f"<h1>{escape_html(title)}</h1><p>{escape_html(self.text)}</p>{items}</html>"
        )

    def minimal(self) -> HTTPResponse:
        """Return the page of production."""
        return self.full()

    def _items(self, name: str, values: Mapping[str, Any]) -> str:
        pairs = "".join(
            f"<dt>{escape_html(str(key))}</dt><dd>{escape_html(str(item))}</dd>" for key, item in values.items()
        )
        return f'<h2>{name.title()}</h2><dl id="exception-{name}">{pairs}</dl>'

    @staticmethod
    def _traceback(error: BaseException) -> str:
        frames = "".join(
            f"<li>{escape_html(frame.filename)}:{frame.lineno} in {escape_html(frame.name)}"
            f"<pre>{escape_html(frame.line or '')}</pre></li>"
            for frame in extract_tb(error.__traceback__)
        )
        return f"<h2>{escape_html(type(error).__name__)}: {escape_html(str(error))}</h2><ol>{frames}</ol>"


RENDERERS_BY_CONTENT_TYPE: Mapping[str, Type[BaseRenderer]] = {
    "text/plain": TextRenderer,
    JSON: JSONRenderer,
    "multipart/form-data": HTMLRenderer,
    "text/html": HTMLRenderer,
}
RESPONSE_MAPPING = {
    "json": "json", "text": "text", "html": "html", "JSONResponse": "json", "text/plain": "text", "text/html": "html",
    JSON: "json",
}  # fmt: skip


def exception_response(
    request: Request,
    exception: Exception,
    debug: bool,
    fallback: str,
    base: Type[BaseRenderer],
    renderer: Optional[Type[BaseRenderer]] = None,
) -> HTTPResponse:
    """Return the error page of an exception.

    Args:
        request: The request that failed.
        exception: The exception.
        debug: Whether the page shows where it was raised.
        fallback: The format where the route has none: ``html``, ``json``, ``text`` or ``auto``.
        base: What renders it where the client accepts none of these.
        renderer: What renders it in any case.
    """
    if renderer is None:
        renderer = RENDERERS_BY_CONTENT_TYPE.get(guess_mime(request, fallback), base)
    return renderer(request, exception, debug).render()


def guess_mime(req: Request, fallback: str) -> str:
    """Return the media type of an error page that a client accepts; ``""`` if it accepts none.

    The route's own format is first, then `fallback`, then JSON if the request speaks it, then any.
    """
    first, source = _preferred(req, fallback)
    mime = _chosen(req.headers.get("accept"), first, fallback == "auto")
    if logger.isEnabledFor(DEBUG):
        accepted = _accepted(req.headers.get("accept"))
        if mime:
            name = CONFIG_BY_MIME[mime]
            reason = source if name == first else "any"
            logger.debug("Error Page: The client accepts %s, using '%s' from %s", accepted, name, reason)
        else:
            logger.debug("Error Page: No format found, the client accepts %s", repr(accepted))
    return mime


@lru_cache(maxsize=256)
def mime_of_headers(accept: Optional[bytes], content_type: bytes, fallback: str) -> str:
    """Return what `guess_mime` does for a request that has no route and whose body was not read.

    Args:
        accept: The value of the header `Accept`.
        content_type: That of `Content-Type`; ``b""`` if there is none.
        fallback: As of `guess_mime`.
    """
    accepted = None if accept is None else accept.decode("latin-1")
    if fallback in MIME_BY_CONFIG:
        return _chosen(accepted, fallback, False)
    if fallback != "auto":
        return _chosen(accepted, "", False)
    says_json = (accepted is not None and _names_json(accepted)) or JSON.encode() in content_type
    return _chosen(accepted, "json" if says_json and _chosen(accepted, "json", False) else "", True)


def _preferred(req: Request, fallback: str) -> Tuple[str, str]:
    """Return the format that comes first, and where it is from; empty texts if there is none."""
    route = req.route
    own = route.extra.error_format if route is not None else None
    if own in MIME_BY_CONFIG:
        return own, str(route.name)
    if fallback in MIME_BY_CONFIG:
        return fallback, "FALLBACK_ERROR_FORMAT"
    accept = req.headers.get("accept")
    source = _json_source(req, accept) if fallback == "auto" and _chosen(accept, "json", False) else ""
    return ("json", source) if source else ("", "")


@lru_cache(maxsize=256)
def _chosen(accept: Optional[str], first: str, any_other: bool) -> str:
    """Return the type that an `Accept` header wants most; ``""`` if it accepts none, or is broken.

    Args:
        accept: The header.
        first: The format that precedes the others where they are wanted alike, or ``""``.
        any_other: Whether the other formats are on offer.
    """
    # PERF: clients send few different headers, 25 us each error page
    names = [first] if first else []
    if any_other:
        names += [name for name in MIME_BY_CONFIG if name != first]
    return _accepted(accept).match(*[MIME_BY_CONFIG[name] for name in names]).mime


def _accepted(accept: Optional[str]) -> AcceptList:
    """Return the types of a header; none if it is broken, for an error page must not fail of it."""
    try:
        return parse_accept(accept)
    except InvalidHeader:
        return AcceptList()


@lru_cache(maxsize=256)
def _names_json(accept: str) -> bool:
    return JSON in _accepted(accept)


def _json_source(req: Request, accept: Optional[str]) -> str:
    """Return what says that a request speaks JSON."""
    if accept is not None and _names_json(accept):
        return "request.accept"
    if JSON in req.headers.get("content-type", ""):
        return "content-type"
    try:
        if not req.body or not req.json:
            return ""
    except (BadRequest, RuntimeError):
        return ""
    deprecation(
        "Response type was determined by the JSON content of the request. This behavior is deprecated and will be "
        'removed in v24.3. Please specify the format by error_format="json" on the route, by '
        'FALLBACK_ERROR_FORMAT = "json", or by the header accept: application/json.',
        24.3,
    )
    return "request.json"
