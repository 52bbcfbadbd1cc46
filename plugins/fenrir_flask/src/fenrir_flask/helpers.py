"""Functions that handlers call: URLs, redirects, errors, responses, files, flashed messages."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from html import escape
from typing import Any, Callable, List, Match, NoReturn, Optional, Sequence, Tuple, Union
from urllib.parse import quote

import fenrir_core
from fenrir_core import Connection, RedirectResponse, current, current_connection
from fenrir_core.authoring import SAFE_IN_PATH, check_callable
from fenrir_core.authoring import send_file as send_file
from fenrir_core.authoring import send_from_directory as send_from_directory

from .exceptions import ResponseError, http_error
from .proxies import session
from .response import Response
from .return_values import to_flask
from .state import State

_NO = ("0", "false", "no")
_FLASHES = "_flashes"
_AFTER = "fenrir_flask.after"
# COMPAT: Werkzeug 3 leaves "#" in a fragment, and these characters in a query
_SAFE_IN_FRAGMENT = SAFE_IN_PATH + "?%#"
_SAFE_IN_QUERY = {f"%{ord(char):02X}": char for char in "!$'()*,/:;?@"}
_find_safe = re.compile("|".join(_SAFE_IN_QUERY))


def url_for(
    endpoint: str,
    *,
    _anchor: Optional[str] = None,
    _method: Optional[str] = None,
    _scheme: Optional[str] = None,
    _external: Optional[bool] = None,
    **values: Any,
) -> str:
    """Return the URL of a route, by the route's name.

    Args:
        endpoint: The route's name. ``".name"`` is a route of the current blueprint.
        _anchor: The fragment, which follows "#".
        _method: Accepted for compatibility; a name is the same for all methods.
        _scheme: ``http`` or ``https`` for an absolute URL.
        _external: Whether the URL has scheme and host; by default only outside of a request.
        **values: Path parameters. Others become the query; None is left out.

    Returns:
        The path with the app's mount prefix, or the absolute URL.

    Raises:
        CannotBuildURL: There is no such route, or a value is missing or not accepted by its converter.
        ValueError: `_scheme` was given with `_external=False`.
        RuntimeError: The setting `server_name` is missing, outside of a request.
    """
    del _method
    if _scheme is not None and _external is False:
        raise ValueError("_scheme is for absolute URLs: leave out _external=False.")
    connection = current_connection("url_for()")
    is_request = connection.scope["type"] in ("http", "websocket")
    external = (_scheme is not None or not is_request) if _external is None else _external
    app = connection.app
    if endpoint.startswith("."):
        group = connection.route.group
        endpoint = f"{group[-1]}{endpoint}" if group else endpoint[1:]
    url = _path(app, endpoint, values)
    root = connection.root_path.rstrip("/") if is_request else app.settings["application_root"].rstrip("/")
    if root:
        url = quote(root, SAFE_IN_PATH) + url
    if external:
        url = _origin(connection, app, is_request, _scheme) + url
    return url if _anchor is None else f"{url}#{quote(_anchor, _SAFE_IN_FRAGMENT)}"


def _path(app: Any, endpoint: str, values: Any) -> str:
    state = app.store(State)
    if state.url_defaults:
        scopes = endpoint.split(".")[:-1]
        names = {".".join(scopes[: count + 1]) for count in range(len(scopes))}
        for hook in state.url_defaults:
            if hook.scope is None or hook.scope in names:
                hook.function(endpoint, values)
    try:
        url: str = app.url_path(endpoint, **values)
        if "%" not in url:
            return url
        path, mark, query = url.partition("?")
        return f"{path}{mark}{_find_safe.sub(_unquoted, query)}"
    except fenrir_core.CannotBuildURL as error:
        for handler in state.url_build_error_handlers:
            url = handler(error, endpoint, values)
            if url is not None:
                return str(url)
        raise


def _unquoted(found: Match[str]) -> str:
    return _SAFE_IN_QUERY[found.group()]


def _origin(connection: Connection, app: Any, is_request: bool, scheme: Optional[str]) -> str:
    if is_request:
        own = {"ws": "http", "wss": "https"}.get(connection.scheme, connection.scheme)
        return f"{scheme or own}://{connection.host}"
    host = app.settings["server_name"]
    if not host:
        raise RuntimeError(
            "url_for() outside of a request needs the setting `server_name`, for example 'example.org'; see also "
            "`preferred_url_scheme`."
        )
    return f"{scheme or app.settings['preferred_url_scheme']}://{host}"


def redirect(location: str, code: int = 302, Response: Any = Response) -> Any:
    """Return a response that redirects the client to another URL.

    Args:
        location: An absolute URL or a path; characters not allowed in URLs are percent-encoded.
        code: 301, 302, 303, 307 or 308.
        Response: The class of the response.

    Raises:
        ValueError: The code is not that of a redirect.
        InvalidHeader: The location contains a control character.
    """
    safe = RedirectResponse(location, code).headers["location"]
    page = f'<!doctype html>\n<title>Redirecting</title>\n<p>Go to <a href="{escape(safe)}">{escape(safe)}</a>.\n'
    return Response(page, status=code, headers=[("location", safe)])


def abort(code: Union[int, Any], *args: Any, **kwargs: Any) -> NoReturn:
    """Raise an HTTP error, or end the request with a response.

    Args:
        code: A status from 400, or a response.
        *args: A description for the client.
        **kwargs: `description`, `headers`.

    Raises:
        HTTPError: Always; error handlers for its status or class apply.
        LookupError: There is no such error status.
    """
    if not isinstance(code, (int, str)):
        raise ResponseError(_as_response(code))
    description = args[0] if args else kwargs.pop("description", kwargs.pop("detail", None))
    response = kwargs.pop("response", None)
    if response is not None:
        raise ResponseError(_as_response(response))
    raise http_error(int(code), description, kwargs.pop("headers", None))


def _as_response(value: Any) -> fenrir_core.Response:
    """Return a response of ours; one of another framework is converted."""
    return value if isinstance(value, fenrir_core.Response) else to_flask(current_connection("abort()"), value)


def make_response(*args: Any) -> Response:
    """Return a response made of what a handler may return, for example to add headers.

    Args:
        *args: None for an empty response, one value, or body, status and headers.
    """
    if not args:
        return Response()
    return to_flask(current_connection("make_response()"), args[0] if len(args) == 1 else args)


def flash(message: str, category: str = "message") -> None:
    """Store a message in the session for the next page; see `get_flashed_messages`."""
    session[_FLASHES] = [*session.get(_FLASHES, []), (category, message)]


def get_flashed_messages(
    with_categories: bool = False, category_filter: Sequence[str] = ()
) -> Union[List[str], List[Tuple[str, str]]]:
    """Return the flashed messages and remove them from the session; the same ones for the rest of the request.

    Args:
        with_categories: Whether to return `(category, message)` pairs.
        category_filter: Categories to return; all by default.
    """
    state = current_connection("get_flashed_messages()").state
    if "fenrir_flask.flashes" not in state:
        state["fenrir_flask.flashes"] = session.pop(_FLASHES) if _FLASHES in session else []
    pairs = [(category, text) for category, text in state["fenrir_flask.flashes"]]
    if category_filter:
        pairs = [pair for pair in pairs if pair[0] in category_filter]
    return pairs if with_categories else [text for _, text in pairs]


def after_this_request(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Call `function(response)` before the response of this request is sent; also usable as a decorator.

    The function must not block. It may change the response in place.

    Raises:
        BuildError: It is no function.
    """
    check_callable(function, "after_this_request")
    connection = current_connection("after_this_request()")
    functions = connection.state.get(_AFTER)
    if functions is None:
        functions = connection.state[_AFTER] = []

        def call_all(response: Any) -> None:
            for step in functions:
                step(Response.force_type(response))

        connection.on_response_start(call_all, first=True)  # before the session is saved: it may change
    functions.append(function)
    return function


def stream_with_context(generator_or_function: Any) -> Any:
    """Return the argument: the request context is always kept while a stream is sent."""
    return generator_or_function


def has_request_context() -> bool:
    """Return whether the code runs inside a request."""
    connection = current.get(None)
    return connection is not None and connection.scope["type"] in ("http", "websocket")


def has_app_context() -> bool:
    """Return whether the code runs inside a request or an app context."""
    return current.get(None) is not None


def get_debug_flag() -> bool:
    """Return whether debug mode is asked for by the environment variable ``FLASK_DEBUG``."""
    value = os.environ.get("FLASK_DEBUG")
    return bool(value and value.lower() not in _NO)


def get_load_dotenv(default: bool = True) -> bool:
    """Return whether files with variables are read: not if ``FLASK_SKIP_DOTENV`` is set.

    Args:
        default: The answer where it is not set.
    """
    value = os.environ.get("FLASK_SKIP_DOTENV")
    return value.lower() in _NO if value else default


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """Return a macro or variable that a template exports.

    Raises:
        AttributeError: The template exports none of that name.
    """
    app: Any = current_connection("get_template_attribute()").app
    return getattr(app.jinja_env.get_template(template_name).module, attribute)


def get_root_path(import_name: str) -> str:
    """Return the directory of a module or package, or the working directory for code that has none.

    Raises:
        RuntimeError: It is a namespace package, whose directory is not known.
    """
    module = sys.modules.get(import_name)
    file = getattr(module, "__file__", None)
    if file is None:
        try:
            spec = importlib.util.find_spec(import_name)
        except (ImportError, ValueError):
            spec = None
        if spec is None or spec.loader is None:
            return os.getcwd()
        loader: Any = spec.loader
        if hasattr(loader, "get_filename"):
            file = loader.get_filename(import_name)
        else:
            __import__(import_name)
            file = getattr(sys.modules[import_name], "__file__", None)
    if file is None:
        raise RuntimeError(
            f"The directory of {import_name!r} can't be found: it is a namespace package, or its loader does not tell. "
            "Pass `root_path`."
        )
    return os.path.dirname(os.path.abspath(file))
