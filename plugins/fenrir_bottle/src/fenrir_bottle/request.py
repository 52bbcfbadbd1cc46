"""Bottle's request class: a facade of the kernel's request."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import SplitResult, quote

from fenrir_core import InvalidBody, Request, UploadFile, lazy
from fenrir_core.authoring import local_path, parse_digits
from fenrir_wsgi import make_environ

from .exceptions import HTTPError
from .signing import Secret, unsign
from .structures import FileUpload, FormsDict, HeaderDict


class BaseRequest:
    """The current request under Bottle's names; further attributes may be set on it."""

    def __init__(self, connection: Request) -> None:
        self.connection = connection

    @property
    def app(self) -> Any:
        """The app that serves the request."""
        return self.connection.app

    @property
    def route(self) -> Any:
        """The `Route` that serves it."""
        return getattr(self.connection.route.endpoint, "bottle_route", self.connection.route)

    @property
    def url_args(self) -> Dict[str, Any]:
        """The values of the path's wildcards."""
        return self.connection.path_params

    @property
    def method(self) -> str:
        """The method in upper case."""
        return self.connection.method

    @property
    def path(self) -> str:
        """The decoded path inside the app, with one leading slash."""
        return "/" + local_path(self.connection.scope).lstrip("/")

    @property
    def script_name(self) -> str:
        """The prefix under which the app is mounted, with slashes on both sides."""
        root = self.connection.root_path.strip("/")
        return f"/{root}/" if root else "/"

    @property
    def fullpath(self) -> str:
        """The path with the prefix."""
        return self.script_name + self.path.lstrip("/")

    @property
    def query_string(self) -> str:
        """The query, still encoded."""
        raw: bytes = self.connection.scope.get("query_string", b"")
        return raw.decode("latin-1")

    @property
    def urlparts(self) -> SplitResult:
        """The parts of the URL."""
        connection = self.connection
        return SplitResult(connection.scheme, connection.host, quote(self.fullpath), self.query_string, "")

    @property
    def url(self) -> str:
        """The whole URL."""
        return self.urlparts.geturl()

    @lazy
    def headers(self) -> HeaderDict:
        """The headers: case-insensitive."""
        return HeaderDict(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in self.connection.headers.raw
        )

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header's value, or `default`."""
        return self.headers.get(name, default)

    @property
    def content_type(self) -> str:
        """The `Content-Type` in lower case, or ``""``."""
        return (self.connection.headers.get("content-type") or "").lower()

    @property
    def content_length(self) -> int:
        """The announced length of the body in bytes, or -1."""
        length = parse_digits(self.connection.headers.get("content-length"))
        return -1 if length is None else length

    @property
    def remote_route(self) -> List[str]:
        """The addresses that the request came through; those of `X-Forwarded-For` can be forged."""
        sent = self.connection.headers.get("x-forwarded-for")
        if sent:
            return [address.strip() for address in sent.split(",")]
        return [self.connection.client[0]] if self.connection.client else []

    @property
    def remote_addr(self) -> Optional[str]:
        """The client's address, the first of `remote_route`, or None."""
        return next(iter(self.remote_route), None)

    @property
    def is_xhr(self) -> bool:
        """Whether the request says that a script sent it (`X-Requested-With`)."""
        return (self.connection.headers.get("x-requested-with") or "").lower() == "xmlhttprequest"

    is_ajax = is_xhr

    @lazy
    def auth(self) -> Optional[Tuple[str, str]]:
        """User and password of HTTP Basic authentication, or None."""
        kind, _, data = (self.connection.headers.get("authorization") or "").partition(" ")
        try:
            user, colon, password = base64.b64decode(data).decode().partition(":")
        except ValueError:
            return None
        return (user, password) if kind.lower() == "basic" and colon else None

    # ------------------------------------------------------------ values

    @lazy
    def query(self) -> FormsDict:
        """The query's values."""
        return FormsDict(self.connection.query.multi_items())

    @property
    def GET(self) -> FormsDict:
        """The query's values."""
        return self.query

    @lazy
    def POST(self) -> FormsDict:
        """The form's values and files."""
        pairs = self.connection.loaded_form.multi_items()
        return FormsDict(
            (name, FileUpload(name, value) if isinstance(value, UploadFile) else value) for name, value in pairs
        )

    @lazy
    def forms(self) -> FormsDict:
        """The form's values without files."""
        return FormsDict(pair for pair in self.POST.pairs if not isinstance(pair[1], FileUpload))

    @lazy
    def files(self) -> FormsDict:
        """The form's files as `FileUpload`."""
        return FormsDict(pair for pair in self.POST.pairs if isinstance(pair[1], FileUpload))

    @lazy
    def params(self) -> FormsDict:
        """The values of query and form together; the form's win."""
        return FormsDict([*self.query.pairs, *self.forms.pairs])

    @property
    def json(self) -> Any:
        """The body as JSON, or None if its type is not JSON or it is empty.

        A media type of a plugin is read in the same way.

        Raises:
            HTTPError: It is malformed (400).
        """
        kind = self.connection.content_type
        if kind not in ("application/json", "application/json-rpc") and self.connection.media_type is None:
            return None
        if not self.connection.loaded_body:
            return None
        try:
            return self.connection.loaded_json
        except InvalidBody as error:
            raise HTTPError(400, f"Invalid {error.kind}", exception=error) from None

    @lazy
    def body(self) -> io.BytesIO:
        """The body as a file."""
        return io.BytesIO(self.connection.loaded_body)

    @lazy
    def cookies(self) -> FormsDict:
        """The cookies as they were sent."""
        return FormsDict(self.connection.cookies.items())

    def get_cookie(
        self, key: str, default: Any = None, secret: Optional[Secret] = None, digestmod: Any = hashlib.sha256
    ) -> Any:
        """Return a cookie's value; with a `secret` only if it was signed with it."""
        value = self.connection.cookies.get(key)
        if value is None or not secret:
            return value or default
        found = unsign(key, value, secret, digestmod)
        return default if found is None else found[0]

    @lazy
    def environ(self) -> Dict[str, Any]:
        """The request as a WSGI environment."""
        body = self.connection.loaded_body
        return {
            **make_environ(self.connection.scope, "", io.BytesIO(body), len(body)),
            "bottle.app": self.app,
            "bottle.route": self.route,
            "route.url_args": self.url_args,
        }

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value of `environ`, or `default`."""
        return self.environ.get(key, default)

    def __getitem__(self, key: str) -> Any:
        return self.environ[key]
