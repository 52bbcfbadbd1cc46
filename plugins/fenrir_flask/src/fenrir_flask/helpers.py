"""Functions that handlers call: URLs, redirects, errors, responses, files, flashed messages."""

from __future__ import annotations

import functools
import os
import re
from typing import Any, Iterable, Iterator, List, Match, NoReturn, Optional, Tuple, Type, Union
from urllib.parse import quote

import werkzeug.utils
from werkzeug.exceptions import abort as default_aborter

import fenrir_core
from fenrir_core import current, current_connection
from fenrir_core.authoring import SAFE_IN_PATH

from ._types import Passed, ReturnValue, SomeApp, SomeResponse, Values
from .conversion import to_werkzeug
from .ctx import AppContext, ContextConnection
from .ctx import after_this_request as after_this_request
from .ctx import copy_current_request_context as copy_current_request_context
from .ctx import has_app_context as has_app_context
from .ctx import has_request_context as has_request_context
from .files import send_file as send_file
from .files import send_from_directory as send_from_directory
from .json.provider import response_class_of
from .proxies import session
from .response import Response as OwnResponse
from .return_values import make_werkzeug
from .sansio.app import get_debug_flag as get_debug_flag
from .sansio.scaffold import get_root_path as get_root_path
from .signals import message_flashed
from .state import State, group_of, scopes_of

_FLASHES = "_flashes"
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
    **values: Passed,
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
    connection = current_connection("url_for()")
    own: SomeApp = connection.app  # type: ignore[assignment]  # an app with more
    if own.paradigm == "flask":
        return own.url_for(  # type: ignore[no-any-return]
            endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values
        )
    del _method
    if _scheme is not None and _external is False:
        raise ValueError("_scheme is for absolute URLs: leave out _external=False.")
    is_request = connection.scope["type"] in ("http", "websocket")
    external = (_scheme is not None or not is_request) if _external is None else _external
    app = connection.app
    if endpoint.startswith("."):
        group = connection.route.group
        endpoint = f"{group[-1]}{endpoint}" if group else endpoint[1:]
    url = _path(app, endpoint, values)  # type: ignore[arg-type]  # an app with more
    root = connection.root_path.rstrip("/") if is_request else app.settings["application_root"].rstrip("/")
    if root:
        url = quote(root, SAFE_IN_PATH) + url
    if external:
        url = _origin(connection, app, is_request, _scheme) + url  # type: ignore[arg-type]  # an app with more
    return url if _anchor is None else f"{url}#{quote(_anchor, _SAFE_IN_FRAGMENT)}"


def _path(app: SomeApp, endpoint: str, values: Values) -> str:
    state = app.store(State)
    if state.url_default_functions:
        for scope in scopes_of(group_of(endpoint)):
            for function in state.url_default_functions.get(scope, ()):
                function(endpoint, values)
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


def _origin(connection: fenrir_core.Connection, app: SomeApp, is_request: bool, scheme: Optional[str]) -> str:
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


def redirect(location: str, code: int = 302, Response: Optional[Type[SomeResponse]] = None) -> SomeResponse:
    """Return a response that redirects the client to another URL.

    Args:
        location: An absolute URL or a path; characters not allowed in URLs are percent-encoded.
        code: 301, 302, 303, 307 or 308.
        Response: The class of the response; by default the app's.
    """
    maker = getattr(_current_app(), "redirect", None) if Response is None else None
    if maker is not None:
        made: SomeResponse = maker(location, code=code)
        return made
    return werkzeug.utils.redirect(location, code, Response or OwnResponse)


def abort(code: Union[int, SomeResponse, fenrir_core.Response], *args: Passed, **kwargs: Passed) -> NoReturn:
    """Raise an HTTP error, or end the request with a response.

    Args:
        code: A status from 400, or a response.
        *args: A description for the client, and a response.
        **kwargs: `description`, `response`.

    Raises:
        werkzeug.exceptions.HTTPException: Always; error handlers for its status or class apply.
        LookupError: There is no such error status.
    """
    aborter = getattr(_current_app(), "aborter", None) or default_aborter
    if isinstance(code, fenrir_core.Response):
        code = to_werkzeug(code)
    aborter(code, *args, **kwargs)
    raise AssertionError("an aborter raises")


def _current_app() -> Optional[SomeApp]:
    connection = current.get(None)
    return None if connection is None else connection.app  # type: ignore[return-value]  # an app with more


def make_response(*args: ReturnValue) -> SomeResponse:
    """Return a response made of what a view may return, for example to add headers.

    Args:
        *args: None for an empty response, one value, or body, status and headers.
    """
    app: SomeApp = current_connection("make_response()").app  # type: ignore[assignment]  # an app with more
    if not args:
        return response_class_of(app)()
    value = args[0] if len(args) == 1 else args
    maker = getattr(app, "make_response", None)
    return make_werkzeug(app, value) if maker is None else maker(value)


def flash(message: str, category: str = "message") -> None:
    """Store a message in the session for the next page; see `get_flashed_messages`."""
    session[_FLASHES] = [*session.get(_FLASHES, []), (category, message)]
    app = _current_app()
    if message_flashed.receivers:
        wrap = getattr(app, "ensure_sync", None)
        message_flashed.send(app, _async_wrapper=wrap, message=message, category=category)


def get_flashed_messages(
    with_categories: bool = False, category_filter: Iterable[str] = ()
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


def stream_with_context(generator_or_function: Any) -> Any:
    """Return a generator that runs in the context of the current request, also after the view has returned.

    Where a server of ASGI serves the app that is so in any case.

    Args:
        generator_or_function: A generator, or as a decorator a generator function.
    """
    if callable(generator_or_function) and not hasattr(generator_or_function, "__next__"):

        @functools.wraps(generator_or_function)
        def decorate(*args: Passed, **kwargs: Passed) -> Any:
            return stream_with_context(generator_or_function(*args, **kwargs))

        return decorate
    connection = current.get(None)
    if connection is None:
        raise RuntimeError(
            "'stream_with_context' can only be used when a request context is active, such as in a view function."
        )
    if not isinstance(connection, ContextConnection):
        return generator_or_function
    return _in_context(connection.context, iter(generator_or_function))


def _in_context(context: AppContext, chunks: Any) -> Any:
    def generate() -> Iterator[Any]:
        with context:
            yield None  # enters the context now, while the request lasts
            try:
                yield from chunks
            finally:
                getattr(chunks, "close", bool)()

    made = generate()
    next(made)
    return made


def get_load_dotenv(default: bool = True) -> bool:
    """Return whether files with variables are read: not if FLASK_SKIP_DOTENV is set."""
    value = os.environ.get("FLASK_SKIP_DOTENV")
    return value.lower() in ("0", "false", "no") if value else default


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """Return a macro or variable that a template exports.

    Raises:
        AttributeError: The template exports none of that name.
    """
    app: SomeApp = current_connection("get_template_attribute()").app  # type: ignore[assignment]  # an app with more
    return getattr(app.jinja_env.get_template(template_name).module, attribute)
