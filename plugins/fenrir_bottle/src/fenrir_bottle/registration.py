"""Routes as a Bottle app registers them, and the endpoints that the kernel calls for them."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, TypeVar

from fenrir_core import EMPTY, App, Response, current_connection
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import ANY_METHODS, params_of, stand_in

from .exceptions import HTTPResponse
from .hooks import finish, run_after_failure, run_before
from .state import State

Callback = Callable[..., Any]
V = TypeVar("V")
#: The methods of a route for ``ANY``; HEAD is derived from GET.
ANY = tuple(method for method in ANY_METHODS if method != "HEAD")
#: Types that become a response without a call that may block.
_PLAIN = (str, bytes, dict, type(None))


class Route:
    """A route of a Bottle app, as its plugins see it.

    Args:
        app: The app that it belongs to.
        rule: The path.
        method: An HTTP method in upper case, or ``ANY``.
        callback: The handler.
        name: Its name, if it has one.
        plugins: Plugins of this route alone.
        skiplist: Plugins that are not applied: objects, types, names, or True for all.
        config: The route's other options.
    """

    def __init__(
        self,
        app: App,
        rule: str,
        method: str,
        callback: Callback,
        name: Optional[str] = None,
        plugins: Iterable[Any] = (),
        skiplist: Iterable[Any] = (),
        config: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.app, self.rule, self.method, self.callback, self.name = app, rule, method, callback, name
        self.plugins, self.skiplist = list(plugins), list(skiplist)
        self.config: Dict[str, Any] = dict(config or {})

    @property
    def methods(self) -> Tuple[str, ...]:
        """The HTTP methods that it is registered for."""
        return ANY if self.method == "ANY" else (self.method,)

    @functools.cached_property
    def call(self) -> Callback:
        """The callback with all plugins around it, the app's first plugin outermost."""
        callback = self.callback
        for plugin in reversed([*self.app.store(State).plugins, *self.plugins]):
            name = getattr(plugin, "name", None)
            skipped = True in self.skiplist or plugin in self.skiplist or type(plugin) in self.skiplist
            if skipped or (name and name in self.skiplist):
                continue
            wrapped = plugin.apply(callback, self) if hasattr(plugin, "apply") else plugin(callback)
            if wrapped is not callback:
                functools.update_wrapper(wrapped, callback)
            callback = wrapped
        return callback

    def __repr__(self) -> str:
        return f"<{self.method} {self.rule} -> {getattr(self.callback, '__name__', self.callback)}>"


def apply_plugins(app: App) -> None:
    """Apply the plugins of an app to its routes, before it serves."""
    for route in app.store(State).routes:
        route.call  # noqa: B018 - computed once, at its first use


def forget_calls(app: App) -> None:
    """Have the plugins of an app applied anew to all routes."""
    for route in app.store(State).routes:
        vars(route).pop("call", None)


def endpoint_for(route: Route) -> Callback:
    """Return the endpoint that the kernel calls for a route, with the path's values as keywords.

    Hooks, callback, error handlers and conversion are synchronous code that runs in one thread,
    as in Bottle; a callback that is asynchronous is awaited on the event loop between them.
    """
    endpoint = _async_endpoint(route) if inspect.iscoroutinefunction(route.callback) else _sync_endpoint(route)
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


def _sync_endpoint(route: Route) -> Callback:
    def serve(**values: Any) -> Response:
        connection = current_connection()
        try:
            out: Any = run_before(connection)
            if out is None:
                out = _raised(route.call(**values))
        except HTTPResponse as response:
            out = response
        except Exception as error:
            out = stand_in(connection, error)  # of the real Bottle's exceptions it is one of ours
            if not isinstance(out, HTTPResponse):
                run_after_failure(connection)
                raise
        return finish(connection, out)

    return serve


def _async_endpoint(route: Route) -> Callback:
    async def serve_async(**values: Any) -> Response:
        connection = current_connection()
        run = connection.run_in_thread
        hooks = connection.app.store(State).hooks
        out: Any = await run(run_before, connection) if hooks["before_request"] else None
        if out is None:
            try:
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


def listed(value: Any) -> List[Any]:
    """Return a list, tuple or set as a list, and any other value as the only item of one; None is empty."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def rules_of(function: Callback) -> Tuple[str, ...]:
    """Return paths made of a function's name and parameters; one without each optional parameter."""
    path = "/" + function.__name__.replace("__", "/").lstrip("/")
    rules: List[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty:
            rules.append(path)
        path += f"/<{parameter.name}>"
    return (*rules, path)
