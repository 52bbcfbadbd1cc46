"""Made-up ASGI scopes and WSGI environments, and requests made of them."""

from __future__ import annotations

import io
import random
import socket
import sys
import time
import warnings
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, TextIO, Tuple, Type, Union

from .. import asgi
from ..constants import SINGLETON_HEADERS
from ..options import RequestOptions
from ..request import Request
from ..util import uri
from ..util.deprecation import DeprecatedWarning
from ..util.mediatypes import parse_header
from .events import ASGIRequestEventEmitter

DEFAULT_HOST = "falconframework.org"
DEFAULT_UA = "falcon-client/4.4.0"
HeaderArg = Union[Mapping[str, str], Iterable[Tuple[str, str]]]
_VERSIONS = {"2": "2", "2.0": "2", "1.1": "1.1", "1.0": "1.0", "1": "1.0"}
_ORDER = random.Random()


def header_pairs(headers: Optional[HeaderArg]) -> List[Tuple[str, str]]:
    """Return headers as pairs of text, names in lower case."""
    if headers is None:
        return []
    pairs = headers.items() if hasattr(headers, "items") else headers
    return [(str(name).lower(), "" if value is None else str(value).strip()) for name, value in pairs]


def _version(text: str) -> str:
    if text not in _VERSIONS:
        raise ValueError(f"{text!r} is no version of HTTP: pass one of {', '.join(_VERSIONS)}.")
    return _VERSIONS[text]


def _port(scheme: Optional[str], port: Optional[int]) -> int:
    return int(port) if port is not None else 80 if scheme in (None, "http", "ws") else 443


def _host(host: str, port: int, scheme: Optional[str]) -> str:
    usual = 443 if scheme in ("https", "wss") else 80
    return host if port == usual else f"{host}:{port}"


def _cookie(cookies: Any) -> str:
    return "; ".join(f"{name}={getattr(cookie, 'value', cookie)}" for name, cookie in cookies.items())


def _root(root_path: Optional[str]) -> Optional[str]:
    return root_path if not root_path or root_path.startswith("/") else f"/{root_path}"


def create_scope(
    path: str = "/",
    query_string: str = "",
    method: str = "GET",
    headers: Optional[HeaderArg] = None,
    host: str = DEFAULT_HOST,
    scheme: Optional[str] = None,
    port: Optional[int] = None,
    http_version: str = "1.1",
    remote_addr: Optional[str] = None,
    root_path: Optional[str] = None,
    content_length: Optional[int] = None,
    include_server: bool = True,
    cookies: Any = None,
) -> Dict[str, Any]:
    """Return the ASGI scope of an HTTP request.

    Args:
        path: The path, percent-encoded or not.
        query_string: Without "?".
        method, headers, host, scheme, port, http_version, root_path: Parts of the request.
        remote_addr: The client's address; None for a scope without `client`.
        content_length: The value of `Content-Length`.
        include_server: Whether the scope has `server`.
        cookies: The cookies of the header `Cookie`, a mapping.

    Raises:
        ValueError: An argument can't be part of a request.
    """
    return _scope("http", path, query_string, method, headers, (host, scheme, port), http_version, remote_addr,
                  root_path, content_length, include_server, cookies, "2.1")  # fmt: skip


def create_scope_ws(
    path: str = "/",
    query_string: str = "",
    headers: Optional[HeaderArg] = None,
    host: str = DEFAULT_HOST,
    scheme: Optional[str] = None,
    port: Optional[int] = None,
    http_version: str = "1.1",
    remote_addr: Optional[str] = None,
    root_path: Optional[str] = None,
    include_server: bool = True,
    subprotocols: Optional[Iterable[str]] = None,
    spec_version: str = "2.1",
) -> Dict[str, Any]:
    """Return the ASGI scope of a WebSocket; see `create_scope`.

    Args:
        path, query_string, headers, host, scheme, port, http_version, remote_addr, root_path, include_server: As there.
        subprotocols: What the client offers.
        spec_version: The version of the ASGI specification.
    """
    scope = _scope("websocket", path, query_string, "GET", headers, (host, scheme or "ws", port), http_version,
                   remote_addr, root_path, None, include_server, None, spec_version)  # fmt: skip
    del scope["method"]
    if subprotocols:
        scope["subprotocols"] = list(subprotocols)
    return scope


def _scope(
    kind: str,
    path: str,
    query_string: str,
    method: str,
    headers: Optional[HeaderArg],
    address: Tuple[str, Optional[str], Optional[int]],
    http_version: str,
    remote_addr: Optional[str],
    root_path: Optional[str],
    content_length: Optional[int],
    include_server: bool,
    cookies: Any,
    spec_version: str,
) -> Dict[str, Any]:
    host, scheme, port = address
    if query_string and query_string.startswith("?"):
        raise ValueError("query_string should not start with '?'")
    if scheme not in (None, "http", "https", "ws", "wss"):
        raise ValueError("scheme must be either 'http', 'https', 'ws', or 'wss'")
    number = _port(scheme, port)
    pairs = header_pairs(headers)
    names = {name for name, _ in pairs}
    if "user-agent" not in names:
        pairs.append(("user-agent", DEFAULT_UA))
    if content_length is not None and "content-length" not in names:
        pairs.append(("content-length", str(content_length)))
    if "host" not in names and (http_version != "1.0" or include_server):
        pairs.append(("host", _host(host, number, scheme)))
    if cookies is not None and "cookie" not in names and method.upper() != "OPTIONS":
        pairs.append(("cookie", _cookie(cookies)))
    scope: Dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "http_version": _version(http_version),
        "method": method.upper(),
        "path": uri.decode(path, unquote_plus=False),
        "raw_path": path.encode(),
        "query_string": (query_string or "").encode(),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
    }
    if root_path is not None:
        scope["root_path"] = _root(root_path)
    if scheme is not None:
        scope["scheme"] = scheme
    if remote_addr is not None:
        scope["client"] = (remote_addr, 65133)
    if include_server:
        scope["server"] = (host, number)
    return scope


def create_environ(
    path: str = "/",
    query_string: str = "",
    http_version: str = "1.1",
    scheme: str = "http",
    host: str = DEFAULT_HOST,
    port: Optional[int] = None,
    headers: Optional[HeaderArg] = None,
    app: Optional[str] = None,
    body: Union[str, bytes] = b"",
    method: str = "GET",
    wsgierrors: Optional[TextIO] = None,
    file_wrapper: Optional[Callable[..., Any]] = None,
    remote_addr: Optional[str] = None,
    root_path: Optional[str] = None,
    cookies: Any = None,
) -> Dict[str, Any]:
    """Return the WSGI environment of a request; see `create_scope`.

    Args:
        path, query_string, http_version, scheme, host, port, headers, method, remote_addr, root_path, cookies: As
            there.
        app: The former name of `root_path`.
        body: The request's body; text is encoded as UTF-8.
        wsgierrors: The stream of errors.
        file_wrapper: The server's `wsgi.file_wrapper`.
    """
    if query_string and query_string.startswith("?"):
        raise ValueError("query_string should not start with '?'")
    version = _version(http_version)
    data = body.encode() if isinstance(body, str) else body
    number = _port(scheme, port)
    environ = _base(version, method, path, query_string, (host, scheme, number))
    environ["SCRIPT_NAME"] = _root(root_path or app) or ""
    environ["wsgi.input"], environ["wsgi.errors"] = io.BytesIO(data), wsgierrors or sys.stderr
    if file_wrapper is not None:
        environ["wsgi.file_wrapper"] = file_wrapper
    if remote_addr is not None:
        environ["REMOTE_ADDR"] = remote_addr
    environ["HTTP_HOST"] = _host(host, number, scheme)
    if data:
        environ["CONTENT_LENGTH"] = str(len(data))
    if cookies is not None and method.upper() != "OPTIONS":
        environ["HTTP_COOKIE"] = _cookie(cookies)
    _add_headers(environ, headers)
    environ.setdefault("HTTP_USER_AGENT", DEFAULT_UA)
    return environ


def _base(version: str, method: str, path: str, query: str, address: Tuple[str, str, int]) -> Dict[str, Any]:
    host, scheme, port = address
    return {
        "SERVER_PROTOCOL": f"HTTP/{version}",
        "SERVER_SOFTWARE": "gunicorn/0.17.0",
        "REQUEST_METHOD": method,
        "PATH_INFO": uri.decode(path, unquote_plus=False).encode("utf-8").decode("latin-1"),
        "QUERY_STRING": query,
        "REMOTE_PORT": "65133",
        "RAW_URI": path,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _add_headers(environ: Dict[str, Any], headers: Optional[HeaderArg]) -> None:
    seen = set()
    for name, value in header_pairs(headers):
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        repeated = key in seen and name not in SINGLETON_HEADERS
        environ[key] = f"{environ[key]},{value}" if repeated else value
        seen.add(key)


def create_req(options: Optional[RequestOptions] = None, **kwargs: Any) -> Request:
    """Return a request made of `create_environ`.

    Args:
        options: How it is read.
        **kwargs: The arguments of `create_environ`.
    """
    return Request(create_environ(**kwargs), options=options)


def create_asgi_req(
    body: Optional[bytes] = None,
    req_type: Optional[Type[asgi.Request]] = None,
    options: Optional[RequestOptions] = None,
    **kwargs: Any,
) -> asgi.Request:
    """Return a request made of `create_scope`.

    Args:
        body: The request's body.
        req_type: The class; `falcon.asgi.Request` by default.
        options: How it is read.
        **kwargs: The arguments of `create_scope`.
    """
    kind = req_type or asgi.Request
    data = body or b""
    emitter = ASGIRequestEventEmitter(data, disconnect_at=time.time() + 300)
    return kind(create_scope(**{"content_length": len(data) or None, **kwargs}), emitter, options=options)


def get_encoding_from_headers(headers: Mapping[str, str]) -> Optional[str]:
    """Return the character encoding by `Content-Type`: ISO-8859-1 for text without a charset, else None."""
    content_type = headers.get("content-type")
    if not content_type:
        return None
    kind, params = parse_header(content_type)
    if "charset" in params:
        return params["charset"].strip("'\"")
    return "ISO-8859-1" if "text" in kind else None


def get_unused_port() -> int:
    """Return the number of a TCP port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("", 0))
        return int(sock.getsockname()[1])


def rand_string(min: int, max: int) -> str:
    """Return random ASCII text with at least `min` and at most `max` characters."""
    return "".join(chr(_ORDER.randint(ord(" "), ord("~"))) for _ in range(_ORDER.randint(min, max)))


@contextmanager
def redirected(stdout: TextIO = sys.stdout, stderr: TextIO = sys.stderr) -> Iterator[None]:
    """Redirect the standard output and error streams for the block."""
    warnings.warn(
        "redirected() is deprecated. Please use contextlib.redirect_stdout and contextlib.redirect_stderr instead.",
        DeprecatedWarning,
        3,
    )
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = stdout, stderr
    try:
        yield
    finally:
        sys.stderr, sys.stdout = kept[1], kept[0]


def closed_wsgi_iterable(iterable: Iterable[bytes]) -> Iterable[bytes]:
    """Return an iterator of a WSGI response that calls its `close` at the end."""
    iterator = iter(iterable)
    try:
        first: Tuple[bytes, ...] = (next(iterator),)  # the response has begun when its first part is there
    except StopIteration:
        first = ()

    def parts() -> Iterator[bytes]:
        try:
            yield from first
            yield from iterator
        finally:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()

    return parts()
