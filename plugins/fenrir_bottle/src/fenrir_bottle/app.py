"""Bottle's app class."""

from __future__ import annotations

import functools
import inspect
from dataclasses import replace
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

from fenrir_core import App, BuildError
from fenrir_core.authoring import caller, unwrap_callable, where_is
from fenrir_wsgi import mount_wsgi

from .return_values import HOOKS, BottleState, endpoint_for

Callback = Callable[..., Any]
#: What a route for any method answers, beside the derived HEAD.
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Route:
    """A route of a Bottle app: what its plugins look at.

    Args:
        app: The app that it belongs to.
        rule: The path.
        method: An HTTP method in upper case, or ``ANY``.
        callback: The handler.
        name: Its name, if it has one.
        plugins: Plugins of this route alone.
        skiplist: Plugins that it does without: objects, types, names, or True for all.
        config: What else the route was given.
    """

    def __init__(
        self,
        app: Bottle,
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

    @functools.cached_property
    def call(self) -> Callback:
        """The callback with all plugins around it, the app's first plugin outermost."""
        callback = self.callback
        for plugin in reversed([*self.app.store(BottleState).plugins, *self.plugins]):
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


class Bottle(App):
    """An app that is written as with Bottle; only that paradigm is loaded.

    Args:
        **settings: As of `fenrir_core.App`.
    """

    paradigm = "bottle"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        #: Whatever the app's author wants to keep.
        self.config: Dict[str, Any] = {}

    # ------------------------------------------------------------ routes

    def route(  # type: ignore[override]
        self,
        path: Union[str, List[str], Callback, None] = None,
        method: Union[str, Iterable[str]] = "GET",
        callback: Optional[Callback] = None,
        name: Optional[str] = None,
        apply: Any = None,
        skip: Any = None,
        **config: Any,
    ) -> Any:
        """Register a callback for a path; a decorator unless `callback` is given.

        Args:
            path: A template or several; made of the callback's name and parameters if None.
            method: A method or several; ``ANY`` for all.
            callback: The handler.
            name: For `get_url`.
            apply: Plugins for this route alone.
            skip: Plugins that it does without: objects, types, names, or True for all.
            **config: Kept in the route's `config`, for plugins.
        """
        if callable(path):
            path, callback = None, path

        def decorate(function: Callback) -> Callback:
            for rule in _listed(path) or _rules_of(function):
                for verb in _listed(method):
                    verb = verb.upper()
                    self.add_route(Route(self, rule, verb, function, name, _listed(apply), _listed(skip), config))
            return function

        return decorate(callback) if callback else decorate

    def add_route(self, route: Route) -> None:
        """Add a route object."""
        state = self.store(BottleState)
        methods = _ANY if route.method == "ANY" else (route.method,)
        made = self.make_route(route.rule, endpoint_for(route), methods, name=route.name)
        label = route.name or str(getattr(route.callback, "__name__", ""))
        self.register(replace(made, where=where_is(route.callback) or caller()[0], name=label))
        state.routes.append(route)

    def get(self, path: Any = None, method: str = "GET", **options: Any) -> Any:
        """Register for GET; see `route`."""
        return self.route(path, method, **options)

    def post(self, path: Any = None, method: str = "POST", **options: Any) -> Any:
        """Register for POST; see `route`."""
        return self.route(path, method, **options)

    def put(self, path: Any = None, method: str = "PUT", **options: Any) -> Any:
        """Register for PUT; see `route`."""
        return self.route(path, method, **options)

    def delete(self, path: Any = None, method: str = "DELETE", **options: Any) -> Any:
        """Register for DELETE; see `route`."""
        return self.route(path, method, **options)

    def patch(self, path: Any = None, method: str = "PATCH", **options: Any) -> Any:
        """Register for PATCH; see `route`."""
        return self.route(path, method, **options)

    def get_url(self, name: str, **values: Any) -> str:
        """Return the path of a named route; values that it has no wildcard for become the query."""
        return self.url_path(name, **values)

    # ------------------------------------------------------------ errors, hooks, plugins

    def error(self, code: int = 500, callback: Optional[Callback] = None) -> Any:
        """Register a handler for a status, called with the `HTTPError`; a decorator unless `callback` is given."""

        def decorate(function: Callback) -> Callback:
            self.store(BottleState).error_handlers[int(code)] = function
            return function

        return decorate(callback) if callback else decorate

    def hook(self, name: str) -> Callable[[Callback], Callback]:
        """Register the decorated function for ``before_request`` or ``after_request``."""

        def decorate(function: Callback) -> Callback:
            self.add_hook(name, function)
            return function

        return decorate

    def add_hook(self, name: str, function: Callback) -> None:
        """Add a hook. After hooks run last one first, also after errors.

        Raises:
            BuildError: There is no hook of that name.
        """
        if name not in HOOKS:
            raise BuildError(f"{where_is(function)}: there is no hook {name!r}. There are: {', '.join(HOOKS)}.")
        self.store(BottleState).hooks[name].append(function)

    def remove_hook(self, name: str, function: Callback) -> bool:
        """Remove a hook; say whether it was there."""
        hooks = self.store(BottleState).hooks.get(name, [])
        found = function in hooks
        if found:
            hooks.remove(function)
        return found

    def install(self, plugin: Any) -> Any:
        """Put a plugin around all routes, also those that follow.

        Args:
            plugin: A decorator, or an object with `apply(callback, route)`; its `setup(app)` is
                called now.

        Raises:
            BuildError: It is neither.
        """
        if hasattr(plugin, "setup"):
            plugin.setup(self)
        if not callable(plugin) and not hasattr(plugin, "apply"):
            raise BuildError(f"{caller()[0]}: the plugin {plugin!r} is no decorator and has no apply(callback, route).")
        self.store(BottleState).plugins.append(plugin)
        return plugin

    def uninstall(self, plugin: Any) -> List[Any]:
        """Take plugins away, by object, type or name, or with True all; give them."""
        plugins = self.store(BottleState).plugins
        gone = [item for item in plugins if plugin is True or plugin in (item, type(item), getattr(item, "name", item))]
        for item in gone:
            plugins.remove(item)
            getattr(item, "close", bool)()
        return gone

    # ------------------------------------------------------------ other apps

    def mount(self, prefix: str, app: Any, name: str = "") -> None:
        """Put another app under a prefix: a Fenrir app, any ASGI app, or any WSGI application."""
        if isinstance(app, App) or inspect.iscoroutinefunction(unwrap_callable(app)):
            super().mount(prefix, app, name)
        else:
            mount_wsgi(self, app, prefix, name=name)

    def mount_wsgi(self, *arguments: Any, **options: Any) -> None:
        """Put a WSGI application under a prefix; see `fenrir_wsgi.mount_wsgi`."""
        mount_wsgi(self, *arguments, **options)

    def merge(self, routes: Union[Bottle, Iterable[Route]]) -> None:
        """Add the routes of another app, or routes themselves; this app's hooks and plugins hold for them."""
        if isinstance(routes, Bottle):
            routes = routes.store(BottleState).routes
        for route in [*routes]:
            verb, rule, skip = route.method, route.rule, route.skiplist
            self.add_route(Route(self, rule, verb, route.callback, route.name, route.plugins, skip, route.config))


def _listed(value: Any) -> List[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def _rules_of(function: Callback) -> Tuple[str, ...]:
    """Make paths of a function's name and parameters; one without each optional parameter."""
    path = "/" + function.__name__.replace("__", "/").lstrip("/")
    rules: List[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty:
            rules.append(path)
        path += f"/<{parameter.name}>"
    return (*rules, path)
