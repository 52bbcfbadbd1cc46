"""The endpoints that the kernel calls for Bottle's routes."""

from __future__ import annotations

import inspect
import re
from typing import Any, Match, Optional, TypeVar

from fenrir_core import EMPTY, Connection, Response, current_connection
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import params_of, stand_in

from .environment import UNFILLED, environ_of
from .exceptions import HTTPError, HTTPResponse
from .hooks import finish, run_after_failure, run_before
from .interfaces import BottleLike
from .proxies import current_environ, fresh_response
from .return_values import to_response
from .router import Router
from .routes import Callback, Route, is_async
from .state import State

#: The parameter that holds the error of a rule's filter that refused a value.
REFUSED = "bottle refused"
_BRACES = re.compile(r"\{([a-zA-Z_]\w*)((?::[a-zA-Z_]+)?)\}").sub
_TYPE_FIRST = re.compile(r"<([a-zA-Z_]\w*):([a-zA-Z_]\w*)>").sub

V = TypeVar("V")
#: Types that become a response without a call that may block.
_PLAIN = (str, bytes, dict, type(None))


def endpoint_for(app: BottleLike, route: Route) -> Callback:
    """Return the endpoint that the kernel calls for a route, with the path's values as keywords.

    Hooks, callback, error handlers and conversion are synchronous code that runs in one thread,
    as in Bottle; a callback that is asynchronous is awaited on the event loop between them.
    """
    state = app.store(State)
    endpoint = _async_endpoint(state, route) if is_async(route.callback) else _sync_endpoint(state, route)
    # what decorators have left on the callback is read from the endpoint, but for its parameters
    vars(endpoint).update(getattr(route.callback, "__dict__", {}))
    vars(endpoint).pop("__wrapped__", None)
    vars(endpoint).update(bottle_route=route, __signature__=_signature(route.callback))
    return endpoint


def _signature(callback: Callback) -> inspect.Signature:
    """Return the signature of an endpoint: annotated parameters, which a kernel plugin may fill, and path values.

    They have a default here, so that what no plugin fills is left to Bottle's own plugins.
    """
    values = inspect.Parameter("values", inspect.Parameter.VAR_KEYWORD)
    try:
        params = params_of(callback, CoreRoute("/", callback), frozenset())
    except ValueError:  # a builtin, or a class in C
        return inspect.Signature([values])
    named = (values.POSITIONAL_OR_KEYWORD, values.KEYWORD_ONLY)
    annotated = [
        inspect.Parameter(item.name, values.KEYWORD_ONLY, default=None, annotation=item.annotation)
        for item in params
        if item.kind in named and item.annotation is not EMPTY and item.name != values.name
    ]
    return inspect.Signature([*annotated, values])


def _raised(value: V) -> V:
    """Return a value; raise an error of another framework or paradigm that was returned."""
    if isinstance(value, Exception) and not isinstance(value, HTTPResponse):
        raise value
    return value


def _sync_endpoint(state: State, route: Route) -> Callback:
    before, after = state.hooks["before_request"], state.hooks["after_request"]

    def serve(**values: Any) -> Response:
        connection = current_connection()
        if before or after:
            return _serve_hooked(connection, route, values)
        try:
            if REFUSED in values:
                raise values[REFUSED]
            out = _raised(route.call(**values))
        except HTTPResponse as response:
            out = response
        except Exception as error:
            out = stand_in(connection, error)  # of the real Bottle's exceptions it is one of ours
            if not isinstance(out, HTTPResponse):
                raise
        return to_response(connection, connection.facade(fresh_response), out)

    return serve


def _serve_hooked(connection: Connection, route: Route, values: Any) -> Response:
    """Run the hooks around a route; before hooks may send the request to another one."""
    try:
        out: Any = run_before(connection)
        if out is None:
            if REFUSED in values:
                raise values[REFUSED]
            again = _routed(connection)
            out = route.call(**values) if again is None else again.call(**current_environ()["route.url_args"])
    except HTTPResponse as response:
        out = response
    except Exception as error:
        out = stand_in(connection, error)
        if not isinstance(out, HTTPResponse):
            run_after_failure(connection)
            raise
    return finish(connection, out)


def _routed(connection: Connection) -> Optional[Route]:
    """Return the route that serves the request now if a hook has changed method or path; None otherwise.

    Raises:
        HTTPError: No route does.
    """
    environ = connection.facade(environ_of)
    if UNFILLED in environ:
        return None
    now = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if now == (environ["bottle.path"], connection.scope["method"]):
        return None
    app: Any = connection.app
    route, values = app.router.match(environ)
    environ["bottle.route"] = environ["route.handle"] = route
    environ["route.url_args"] = values
    return route  # type: ignore[no-any-return]


def serve_again(connection: Connection) -> Optional[Response]:
    """Serve a request that had no route, if its hooks have changed method or path so that it has one now."""
    try:
        route = _routed(connection)
        if route is None:
            return None
        out: Any = route.call(**current_environ()["route.url_args"])
    except HTTPError as error:
        out = error
    except HTTPResponse as response:
        out = response
    return finish(connection, out)


def _async_endpoint(state: State, route: Route) -> Callback:
    async def serve_async(**values: Any) -> Response:
        connection = current_connection()
        run = connection.run_in_thread
        hooks = state.hooks
        out: Any = await run(run_before, connection) if hooks["before_request"] else None
        if out is None:
            try:
                if REFUSED in values:
                    raise values[REFUSED]
                out = _raised(await route.call(**values))
            except HTTPResponse as response:
                out = response
            except Exception as error:
                out = stand_in(connection, error)
                if not isinstance(out, HTTPResponse):
                    await run(run_after_failure, connection)
                    raise
        if type(out) in _PLAIN and not hooks["after_request"]:
            return finish(connection, out)
        return await run(finish, connection, out)

    return serve_async


def own_syntax(rule: str, router: Router) -> str:
    """Return a rule whose wildcards may be in the syntax of the other paradigms, in that of Bottle.

    These are ``{name}``, ``{name:filter}`` and ``<filter:name>``.
    """

    def turned(match: Match[str]) -> str:
        first, second = match.groups()
        return f"<{second}:{first}>" if first in router.filters and second not in router.filters else match[0]

    return _TYPE_FIRST(turned, _BRACES(r"<\1\2>", rule))


def template_of(rule: str, router: Router) -> str:
    """Return a rule as a template of the kernel, which describes the route; Bottle's own router reads the rule."""
    text, count = "", 0
    for token in router.tokens(rule):
        if token.filter is None:
            text += token.text.replace("{", "%7B").replace("}", "%7D").replace("<", "%3C").replace(">", "%3E")
            continue
        count += 1
        kind = f":{token.filter}" if token.filter in ("int", "float", "path") else ""
        text += f"{{{token.text or f'anon{count}'}{kind}}}"
    return "/" + text.lstrip("/")
