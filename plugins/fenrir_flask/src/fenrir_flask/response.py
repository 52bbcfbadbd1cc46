"""Flask's response: Werkzeug's."""

from __future__ import annotations

import re
from io import BytesIO
from typing import IO, Any, Optional, Union

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import http_date
from werkzeug.wrappers import Response as WerkzeugResponse
from werkzeug.wsgi import FileWrapper

from fenrir_core import Headers, PreconditionFailed, RangeNotSatisfiable, current
from fenrir_core.authoring import decide, file_parts, range_applies

from ._types import Values
from .cookies import KNOWS_PARTITIONED, dump_cookie

#: The headers of conditions, by their names in an environment.
CONDITIONS = {
    "HTTP_IF_MATCH": "if-match", "HTTP_IF_NONE_MATCH": "if-none-match", "HTTP_IF_RANGE": "if-range",
    "HTTP_IF_MODIFIED_SINCE": "if-modified-since", "HTTP_IF_UNMODIFIED_SINCE": "if-unmodified-since",
}  # fmt: skip
_COOKIE_OPTIONS = ("max_age", "expires", "path", "domain", "secure", "httponly", "samesite", "partitioned")
_suffix = re.compile(r"\s*bytes\s*=\s*-([0-9]+)\s*", re.IGNORECASE).fullmatch


def _within(wanted: str, length: Optional[int]) -> str:
    """Return a range; one from the end that is longer than the whole is the whole (RFC 9110, section 14.1.2)."""
    found = _suffix(wanted)
    if found is None or not length:
        return wanted
    count = int(found.group(1)[:19])
    return f"bytes=-{min(count, length)}" if count else "bytes=none"  # COMPAT: Werkzeug 3.0 takes -0 for the whole


class Response(WerkzeugResponse):
    """The response; HTML by default. See Werkzeug for what it has beyond this."""

    default_mimetype = "text/html"
    autocorrect_location_header = False
    #: Whether a plugin's media type may be sent instead of JSON: `jsonify` sets it, as its body is a value.
    negotiable = False

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]  # an attribute there
        """The most bytes of a cookie before there is a warning: `MAX_COOKIE_SIZE`."""
        connection = current.get(None)
        config = getattr(getattr(connection, "app", None), "config", None)
        return int(super().max_cookie_size if config is None else config.get("MAX_COOKIE_SIZE", 4093))

    def make_conditional(
        self, request_or_environ: Any, accept_ranges: Union[bool, str] = False, complete_length: Optional[int] = None
    ) -> Response:
        """Make this a 304, 412 or 206 if the request says so, by the order of RFC 9110, section 13.2.2.

        Several ranges of a file, or of a body that is complete, are sent as `multipart/byteranges`; where they are
        more than ten, or together more than the whole, the whole is sent. Of any other body Werkzeug answers them
        with 416.

        COMPAT: Werkzeug 3.1 looks at the range first, not at `If-Unmodified-Since`, and compares weakly in `If-Range`.

        Args:
            request_or_environ: The request, or its environment.
            accept_ranges: Whether a part may be sent; or the unit.
            complete_length: The length of the whole body in bytes.

        Raises:
            RequestedRangeNotSatisfiable: The range is malformed, or not within the body.
        """
        environ = getattr(request_or_environ, "environ", request_or_environ)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self
        is_dated = "Date" in self.headers
        self._make_conditional(environ, accept_ranges, complete_length)
        if "asgi.scope" in environ and not is_dated:
            self.headers.pop("Date", None)  # COMPAT: uvicorn and hypercorn add one, whatever there is
        return self

    def _make_conditional(
        self, environ: Values, accept_ranges: Union[bool, str], complete_length: Optional[int]
    ) -> None:
        method, wanted = environ["REQUEST_METHOD"], environ.get("HTTP_RANGE")
        plain = {"REQUEST_METHOD": method}
        etag = self.headers.get("ETag")
        sent = {name: environ[variable] for variable, name in CONDITIONS.items() if variable in environ}
        if not sent and wanted is None:  # PERF: no date is parsed, 80 us
            self._complete(accept_ranges)
            return
        changed, conditions = self.last_modified, Headers(sent)
        modified = None if changed is None else changed.timestamp()
        try:
            status = decide(method, conditions, size=None, etag=etag, modified=modified).status
        except PreconditionFailed:
            status = 412
        if status == 200:
            file, several = None, ""
            if wanted is not None and range_applies(conditions, etag, modified):
                if "," in wanted and complete_length and accept_ranges in (True, "bytes"):
                    file, several = self._file(), wanted
                if file is None:
                    plain["HTTP_RANGE"] = _within(wanted, complete_length)
            super().make_conditional(plain, accept_ranges, complete_length)
            if file is not None:
                self._take_parts(file, several, complete_length or 0)
            return
        super().make_conditional(plain, accept_ranges)
        self.status_code = status
        if status == 412:
            self._leave_body_out()

    def _complete(self, accept_ranges: Union[bool, str]) -> None:
        """Set what every response has that could have been conditional."""
        if "Date" not in self.headers:
            self.headers["Date"] = http_date()
        if accept_ranges:
            self.headers["Accept-Ranges"] = "bytes" if accept_ranges is True else accept_ranges
        if self.automatically_set_content_length and "Content-Length" not in self.headers:
            length = self.calculate_content_length()
            if length is not None:
                self.headers["Content-Length"] = str(length)

    def _file(self) -> Optional[IO[bytes]]:
        """Return the body as a file of which any part can be read, or None."""
        body: Any = self.response
        if isinstance(body, (list, tuple)):
            return BytesIO(self.get_data())
        for name in ("file", "filelike"):  # as wrappers of servers call it
            file: Any = getattr(body, name, None)
            if hasattr(file, "read") and getattr(file, "seekable", bool)():
                return file  # type: ignore[no-any-return]  # what has `read` is a file
        return None

    def _take_parts(self, file: IO[bytes], wanted: str, size: int) -> None:
        """Have several parts of a file as the body, or all of it where they are too many or more than that."""
        try:
            parts = file_parts(wanted, size, self.headers.get("Content-Type", "application/octet-stream"))
        except RangeNotSatisfiable:
            raise RequestedRangeNotSatisfiable(size) from None
        self.headers["Accept-Ranges"] = "bytes"
        if parts is None:
            return
        file.seek(0)
        for name, value in parts.headers.items():
            self.headers[name.title()] = value
        self.status_code = 206
        self.response = FileWrapper(parts.of(file), 256 * 1024)  # type: ignore[arg-type]  # what it needs of a file
        self.direct_passthrough = True

    def _leave_body_out(self) -> None:
        body: Any = self.response
        self.direct_passthrough = False
        self.set_data(b"")
        if hasattr(body, "close"):
            body.close()

    def set_cookie(self, key: str, value: str = "", *args: Any, **options: Any) -> None:
        """Set a cookie; see Werkzeug."""
        options.update(zip(_COOKIE_OPTIONS, args))
        options.setdefault("path", "/")
        self.headers.add("Set-Cookie", dump_cookie(key, value, max_size=self.max_cookie_size, **options))

    if not KNOWS_PARTITIONED:

        def delete_cookie(self, key: str, **options: Any) -> None:  # type: ignore[override]  # handed on
            """Delete a cookie; see Werkzeug."""
            self.set_cookie(key, expires=0, max_age=0, **options)
