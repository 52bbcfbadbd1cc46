"""The functions that handlers call: URLs, redirects, errors, responses, flashed messages."""

from __future__ import annotations

from html import escape
from typing import Any, Callable, List, NoReturn, Optional, Sequence, Tuple, Union
from urllib.parse import quote

import fenrir_core
from fenrir_core import Connection, NoRequest, RedirectResponse, current_connection
from fenrir_core.authoring import send_file as send_file
from fenrir_core.authoring import send_from_directory as send_from_directory

from .exceptions import ResponseError, http_error
from .proxies import session
from .response import Response
from .return_values import to_flask
from .state import State

_FLASHES = "_flashes"
_AFTER = "fenrir_flask.after"


def url_for(
    endpoint: str,
    *,
    _anchor: Optional[str] = None,
    _method: Optional[str] = None,
    _scheme: Optional[str] = None,
    _external: Optional[bool] = None,
    **values: Any,
) -> str:
    """Build the URL of a route by its name.

    Args:
        endpoint: The route's name. ``".name"`` is a route of the current blueprint.
        _anchor: What follows "#".
        _method: For Flask's sake; names are the same for all methods.
        _scheme: ``http`` or ``https`` for an absolute URL.
        _external: Whether scheme and host are given; by default only outside of a request.
        **values: Path parameters; others become the query, None is left out.

    Returns:
        The path with the app's mount prefix, or the absolute URL.

    Raises:
        CannotBuildURL: There is no such route, or a value is missing or does not fit.
        ValueError: `_scheme` was given with `_external=False`.
        RuntimeError: Outside of a request the setting `server_name` is missing.
    """
    del _method
    if _scheme is not None and _external is False:
        raise ValueError("_scheme makes the URL absolute: leave out _external=False.")
    connection = current_connection("url_for()")
    is_request = connection.scope["type"] in ("http", "websocket")
    external = (_scheme is not None or not is_request) if _external is None else _external
    app = connection.app
    if endpoint.startswith("."):
        group = connection.route.group
        endpoint = f"{group[-1]}{endpoint}" if group else endpoint[1:]
    url = _path(app, endpoint, values)
    root = connection.root_path.rstrip("/") if is_request else app.settings["application_root"].rstrip("/")
    url = quote(root, safe="/:@!$&'()*+,;=~") + url
    if external:
        url = _origin(connection, app, is_request, _scheme) + url
    return url if _anchor is None else f"{url}#{quote(_anchor, safe='/:@!$&()*+,;=~?%')}"


def _path(app: Any, endpoint: str, values: Any) -> str:
    state = app.store(State)
    scopes = endpoint.split(".")[:-1]
    names = {".".join(scopes[: count + 1]) for count in range(len(scopes))}
    for hook in state.url_defaults:
        if hook.scope is None or hook.scope in names:
            hook.function(endpoint, values)
    try:
        return app.url_path(endpoint, **values)  # type: ignore[no-any-return]
    except fenrir_core.CannotBuildURL as error:
        for handler in state.url_build_error_handlers:
            url = handler(error, endpoint, values)
            if url is not None:
                return str(url)
        raise


def _origin(connection: Connection, app: Any, is_request: bool, scheme: Optional[str]) -> str:
    if is_request:
        own = {"ws": "http", "wss": "https"}.get(connection.scheme, connection.scheme)
        return f"{scheme or own}://{connection.host}"
    host = app.settings["server_name"]
    if not host:
        raise RuntimeError(
            "url_for() outside of a request needs to know the host: set the setting `server_name`, for example "
            "'example.org', and `preferred_url_scheme`."
        )
    return f"{scheme or app.settings['preferred_url_scheme']}://{host}"


def redirect(location: str, code: int = 302, Response: Any = Response) -> Any:
    """Send the client to another URL.

    Args:
        location: An absolute URL or a path; what a URL can't hold is percent-encoded.
        code: 301, 302, 303, 307 or 308.
        Response: The class of the response.

    Raises:
        ValueError: The code is no redirect.
        InvalidHeader: The location holds a control character.
    """
    safe = RedirectResponse(location, code).headers["location"]
    page = f'<!doctype html>\n<title>Redirecting</title>\n<p>Go to <a href="{escape(safe)}">{escape(safe)}</a>.\n'
    return Response(page, status=code, headers=[("location", safe)])


def abort(code: Union[int, Any], *args: Any, **kwargs: Any) -> NoReturn:
    """End the request with an HTTP error, or with a response.

    Args:
        code: A status from 400 on, or a response.
        *args: A description for the client.
        **kwargs: `description`, `headers`.

    Raises:
        HTTPError: Always; handlers for its status or class answer it.
        LookupError: There is no such status.
    """
    if isinstance(code, fenrir_core.Response):
        raise ResponseError(code)
    description = args[0] if args else kwargs.pop("description", kwargs.pop("detail", None))
    response = kwargs.pop("response", None)
    if response is not None:
        raise ResponseError(response)
    raise http_error(int(code), description, kwargs.pop("headers", None))


def make_response(*args: Any) -> Response:
    """Make of what a handler may return a response, to change it.

    Args:
        *args: Nothing for an empty response; one value; or body, status and headers.
    """
    if not args:
        return Response()
    return to_flask(current_connection("make_response()"), args[0] if len(args) == 1 else args)


def flash(message: str, category: str = "message") -> None:
    """Keep a message in the session for the next page; see `get_flashed_messages`."""
    session[_FLASHES] = [*session.get(_FLASHES, []), (category, message)]


def get_flashed_messages(
    with_categories: bool = False, category_filter: Sequence[str] = ()
) -> Union[List[str], List[Tuple[str, str]]]:
    """Take the messages out of the session; the same answer for the rest of the request.

    Args:
        with_categories: Whether to give `(category, message)` pairs.
        category_filter: Only these categories.
    """
    state = current_connection("get_flashed_messages()").state
    if "fenrir_flask.flashes" not in state:
        state["fenrir_flask.flashes"] = session.pop(_FLASHES) if _FLASHES in session else []
    pairs = [(category, text) for category, text in state["fenrir_flask.flashes"]]
    if category_filter:
        pairs = [pair for pair in pairs if pair[0] in category_filter]
    return pairs if with_categories else [text for _, text in pairs]


def after_this_request(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Call `function(response)` before the response of this request is sent; use it as a decorator too.

    The function must not block; it may change the response in place.
    """
    connection = current_connection("after_this_request()")
    functions = connection.state.get(_AFTER)
    if functions is None:
        functions = connection.state[_AFTER] = []

        def call_all(response: Any) -> None:
            for step in functions:
                step(Response.force_type(response))

        connection.on_response_start(call_all, first=True)  # the functions may change the session, which is saved then
    functions.append(function)
    return function


def stream_with_context(generator_or_function: Any) -> Any:
    """Keep the request's context while a stream is sent: here that is always so."""
    return generator_or_function


def has_request_context() -> bool:
    """Return whether the code runs inside a request."""
    try:
        return current_connection().scope["type"] in ("http", "websocket")
    except NoRequest:
        return False


def has_app_context() -> bool:
    """Return whether the code runs inside a request or an app's scope."""
    try:
        current_connection()
    except NoRequest:
        return False
    return True
