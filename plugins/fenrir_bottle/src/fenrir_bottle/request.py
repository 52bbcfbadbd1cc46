"""Bottle's request class: a view of a WSGI environment."""

from __future__ import annotations

import io
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple
from urllib.parse import SplitResult, quote, urljoin

from fenrir_core import InvalidBody
from fenrir_core.authoring import local_path, parse_cookies, request_loads, split_query

from .body import CONNECTION, form_of, loaded, read_body
from .environment import UNFILLED, body_of
from .exceptions import HTTPError
from .properties import DictProperty, read_length
from .signing import DEFAULT_DIGEST, Digest, Secret, unsign
from .structures import Environ, FormsDict, Values, WSGIHeaderDict
from .texts import parse_auth, parse_query, path_shift, recode
from .uploads import FileUpload

if TYPE_CHECKING:
    from .routes import Route

_EXTRA = "bottle.request.ext."
#: The variables of headers that are read for many requests. PERF: 0.3 us less than making the name.
VARIABLES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH", "cookie": "HTTP_COOKIE"}
#: What is computed again when a variable changes.
_DEPENDENT = {
    "wsgi.input": ("body", "forms", "files", "params", "post", "json"),
    "QUERY_STRING": ("query", "params"),
}


class BaseRequest:
    """A WSGI environment under Bottle's names; further attributes may be set on it once.

    Args:
        environ: The environment. It is all that a request holds.
    """

    __slots__ = ("environ",)

    #: The most bytes of a body, or of a form without files, that are held in memory.
    MEMFILE_MAX = 102400

    environ: Environ

    def __init__(self, environ: Optional[Environ] = None) -> None:
        self.environ = {} if environ is None else environ
        self.environ["bottle.request"] = self

    @property
    def _storage(self) -> Environ:
        """What properties are kept in: the environment, which may not be filled yet."""
        return self.environ

    def sent(self, name: str) -> Optional[str]:
        """Return a header, decoded as UTF-8, by its name in lower case with dashes, or None."""
        storage = self._storage
        connection = storage.get(UNFILLED)
        if connection is not None:
            sent = connection.headers.getlist(name)
            text = ("; " if name == "cookie" else ",").join(sent) if sent else None
        else:
            text = storage.get(VARIABLES.get(name) or f"HTTP_{name.upper().replace('-', '_')}")
        return None if text is None else recode(text)

    # ------------------------------------------------------------ the app

    @DictProperty("environ", "bottle.app", read_only=True)
    def app(self) -> Any:
        """The app that serves the request."""
        raise RuntimeError("No app serves this request.")

    @DictProperty("environ", "bottle.route", read_only=True)
    def route(self) -> Route:
        """The `Route` that serves it."""
        raise RuntimeError("No route serves this request.")

    @DictProperty("environ", "route.url_args", read_only=True)
    def url_args(self) -> Values:
        """The values of the path's wildcards."""
        raise RuntimeError("No route serves this request.")

    # ------------------------------------------------------------ where it goes

    @property
    def method(self) -> str:
        """The method in upper case."""
        storage = self._storage
        if UNFILLED in storage:
            return str(storage[UNFILLED].method)
        method: str = storage.get("REQUEST_METHOD", "GET")
        return method.upper()

    @property
    def path(self) -> str:
        """The decoded path inside the app, with one leading slash."""
        storage = self._storage
        path: str = local_path(storage[UNFILLED].scope) if UNFILLED in storage else storage.get("PATH_INFO", "")
        return "/" + path.lstrip("/")

    @property
    def script_name(self) -> str:
        """The prefix under which the app is mounted, with slashes on both sides."""
        name = self.environ.get("SCRIPT_NAME", "").strip("/")
        return f"/{name}/" if name else "/"

    @property
    def fullpath(self) -> str:
        """The path with the prefix."""
        return urljoin(self.script_name, self.path.lstrip("/"))

    @property
    def query_string(self) -> str:
        """The query, still encoded."""
        storage = self._storage
        if UNFILLED in storage:
            return str(storage[UNFILLED].scope.get("query_string", b""), "latin-1")
        query: str = storage.get("QUERY_STRING", "")
        return query

    @DictProperty("environ", "bottle.request.urlparts", read_only=True)
    def urlparts(self) -> SplitResult:
        """The parts of the URL; a proxy's `X-Forwarded-Proto` and `X-Forwarded-Host` are believed."""
        get = self.environ.get
        scheme = get("HTTP_X_FORWARDED_PROTO") or get("wsgi.url_scheme", "http")
        host = get("HTTP_X_FORWARDED_HOST") or get("HTTP_HOST")
        if not host:
            host, port = get("SERVER_NAME", "127.0.0.1"), get("SERVER_PORT")
            if port and port != ("80" if scheme == "http" else "443"):
                host += f":{port}"
        return SplitResult(scheme, host, quote(self.fullpath), self.query_string, "")

    @property
    def url(self) -> str:
        """The whole URL."""
        return self.urlparts.geturl()

    def path_shift(self, shift: int = 1) -> None:
        """Move segments from the path to the prefix, or back if `shift` is negative."""
        script, path = path_shift(self.environ.get("SCRIPT_NAME", "/"), self.path, shift)
        self["SCRIPT_NAME"], self["PATH_INFO"] = script, path

    # ------------------------------------------------------------ headers

    @DictProperty("environ", "bottle.request.headers", read_only=True)
    def headers(self) -> WSGIHeaderDict:
        """The headers: case-insensitive."""
        return WSGIHeaderDict(self.environ)

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header's value, or `default`."""
        return self.headers.get(name, default)

    @property
    def content_type(self) -> str:
        """The `Content-Type` in lower case, or ``""``."""
        return (self.sent("content-type") or "").lower()

    @property
    def content_length(self) -> int:
        """The announced length of the body in bytes, or -1."""
        return read_length(self.sent("content-length"))

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks that the server has not joined."""
        return "chunked" in self.environ.get("HTTP_TRANSFER_ENCODING", "").lower()

    @property
    def remote_route(self) -> List[str]:
        """The addresses that the request came through; those of `X-Forwarded-For` can be forged."""
        sent = self.environ.get("HTTP_X_FORWARDED_FOR")
        if sent:
            return [address.strip() for address in sent.split(",")]
        remote = self.environ.get("REMOTE_ADDR")
        return [remote] if remote else []

    @property
    def remote_addr(self) -> Optional[str]:
        """The client's address, the first of `remote_route`, or None."""
        return next(iter(self.remote_route), None)

    @property
    def is_xhr(self) -> bool:
        """Whether the request says that a script sent it (`X-Requested-With`)."""
        return bool(self.environ.get("HTTP_X_REQUESTED_WITH", "").lower() == "xmlhttprequest")

    @property
    def is_ajax(self) -> bool:
        """The same as `is_xhr`."""
        return self.is_xhr

    @property
    def auth(self) -> Optional[Tuple[str, Optional[str]]]:
        """User and password of Basic authentication; the server's user without a password; or None."""
        basic = parse_auth(self.environ.get("HTTP_AUTHORIZATION", ""))
        if basic:
            return basic
        user = self.environ.get("REMOTE_USER")
        return (user, None) if user else None

    @DictProperty("_storage", "bottle.request.cookies", read_only=True)
    def cookies(self) -> FormsDict:
        """The cookies as they were sent."""
        return FormsDict.of(_cookies(self.sent("cookie") or ""))

    def get_cookie(
        self, key: str, default: Any = None, secret: Optional[Secret] = None, digestmod: Digest = DEFAULT_DIGEST
    ) -> Any:
        """Return a cookie's value; with a `secret` only if it was signed with it."""
        value = self.cookies.get(key)
        if not secret:
            return value or default
        found = unsign(key, value, secret, digestmod) if value else None
        return default if found is None else found[0]

    # ------------------------------------------------------------ values

    @DictProperty("_storage", "bottle.request.query", read_only=True)
    def query(self) -> FormsDict:
        """The query's values."""
        storage = self._storage
        connection = storage.get(UNFILLED)
        if connection is None:
            pairs = parse_query(storage.get("QUERY_STRING", ""))
        else:
            most = connection.compiled_route.limits.max_query_pairs
            pairs = split_query(connection.scope.get("query_string", b""), most)
        found = storage["bottle.get"] = FormsDict.of(pairs)
        return found

    GET = query

    @DictProperty("_storage", "bottle.request.post", read_only=True)
    def POST(self) -> FormsDict:
        """The form's values and files."""
        return form_of(self)

    @DictProperty("_storage", "bottle.request.forms", read_only=True)
    def forms(self) -> FormsDict:
        """The form's values without files."""
        return self.POST.only(str)

    @DictProperty("_storage", "bottle.request.files", read_only=True)
    def files(self) -> FormsDict:
        """The form's files as `FileUpload`."""
        return self.POST.only(FileUpload)

    @DictProperty("_storage", "bottle.request.params", read_only=True)
    def params(self) -> FormsDict:
        """The values of query and form together; the form's win."""
        return FormsDict.of([*self.query.allitems(), *self.forms.allitems()])

    @DictProperty("_storage", "bottle.request.json", read_only=True)
    def json(self) -> Any:
        """The body as JSON, or None if its type is not JSON or it is empty.

        A media type of a plugin is read in the same way.

        Raises:
            HTTPError: It is not valid JSON (400), or larger than `MEMFILE_MAX` (413).
        """
        connection = self._storage.get(CONNECTION)
        if connection is not None and connection.media_type is not None:  # one of a plugin
            return loaded(connection)
        kind = self.content_type.partition(";")[0].strip()
        body = self._small_body() if kind in ("application/json", "application/json-rpc") else b""
        if not body:
            return None
        try:
            return request_loads(body)
        except InvalidBody as error:
            raise HTTPError(400, "Invalid JSON", exception=error) from None

    @DictProperty("_storage", "bottle.request.body", read_only=True)
    def _body(self) -> IO[bytes]:
        storage, most = self._storage, self.MEMFILE_MAX
        connection = storage.get(UNFILLED)
        if connection is not None:
            return body_of(connection)
        body: IO[bytes] = io.BytesIO()
        size = 0
        for part in read_body(storage, most):
            if size <= most < size + len(part) and isinstance(body, io.BytesIO):
                small, body = body, NamedTemporaryFile("w+b")
                body.write(small.getvalue())
            body.write(part)
            size += len(part)
        storage["wsgi.input"] = body
        body.seek(0)
        return body

    @property
    def body(self) -> IO[bytes]:
        """The body as a file, each time from its start: in memory, or a temporary file."""
        body = self._body
        body.seek(0)
        return body

    def _small_body(self) -> bytes:
        most, announced = self.MEMFILE_MAX, self.content_length
        data = b"" if announced > most else self.body.read(most + 1)
        if announced > most or len(data) > most:
            raise HTTPError(413, f"The body is over {most} bytes.")
        return data

    # ------------------------------------------------------------ as a dictionary

    def copy(self) -> BaseRequest:
        """Return a request with a copy of the environment."""
        return BaseRequest(self.environ.copy())

    def get(self, value: str, default: Any = None) -> Any:
        """Return a variable of the environment, or `default`."""
        return self.environ.get(value, default)

    def keys(self) -> Any:
        """Return the names of the environment's variables."""
        return self.environ.keys()

    def __getitem__(self, key: str) -> Any:
        return self.environ[key]

    def __delitem__(self, key: str) -> None:
        self[key] = ""
        del self.environ[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.environ)

    def __len__(self) -> int:
        return len(self.environ)

    def __setitem__(self, key: str, value: Any) -> None:
        """Set a variable of the environment, and forget what was computed of it.

        Raises:
            KeyError: The environment can only be read.
        """
        if self.environ.get("bottle.request.readonly"):
            raise KeyError("The environment of this request can only be read.")
        self.environ[key] = value
        dependent = ("headers", "cookies") if key.startswith("HTTP_") else _DEPENDENT.get(key, ())
        for name in dependent:
            self.environ.pop("bottle.request." + name, None)

    # ------------------------------------------------------------ further attributes

    if not TYPE_CHECKING:  # type checkers would take each misspelt name for one

        def __getattr__(self, name: str) -> Any:
            try:
                value = self.environ[_EXTRA + name]
            except KeyError:
                raise AttributeError(f"The request has no attribute {name!r}.") from None
            return value.__get__(self) if hasattr(value, "__get__") else value

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "environ":
            object.__setattr__(self, name, value)
        elif hasattr(self, name):
            raise AttributeError(f"The request has an attribute {name!r} already.")
        else:
            self.environ[_EXTRA + name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self.environ[_EXTRA + name]
        except KeyError:
            raise AttributeError(f"The request has no attribute {name!r}.") from None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.method} {self.url}>"


def _cookies(header: str) -> List[Tuple[str, str]]:
    """Return the cookies of a header; of a repeated name the last one."""
    pairs: Dict[str, str] = {}
    if not header:
        return []
    for part in header.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if equals and name:
            pairs[name] = _unquoted(value) if value[:1] == '"' else value
    return list(pairs.items())


def _unquoted(value: str) -> str:
    """Return a quoted value as it was set; a broken one as it is."""
    return parse_cookies("a=" + value.encode("utf-8", "surrogateescape").decode("latin-1"))["a"]


Request = BaseRequest
