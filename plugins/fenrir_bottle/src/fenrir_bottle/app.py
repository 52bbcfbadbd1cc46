"""Bottle's app class."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any, Callable, Dict, Iterable, List, Optional, Union

from fenrir_core import App, BuildError
from fenrir_core.authoring import F, caller, check_callable, refuse_bare, unwrap_callable, where_is
from fenrir_wsgi import mount_wsgi

from .registration import Callback, Route, endpoint_for, forget_calls, listed, rules_of
from .running import run
from .signatures import decorator
from .state import HOOKS, State


class Bottle(App):
    """An app that is written as with Bottle; no other paradigm is loaded.

    Args:
        **settings: As of `fenrir_core.App`.
    """

    paradigm = "bottle"
    raises_unhandled = False

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        #: Values for the app's own use.
        self.config: Dict[str, Any] = {}

    # ------------------------------------------------------------ routes

    @decorator
    def route(  # type: ignore[override]
        self,
        path: Union[str, List[str], Callback, None] = None,
        method: Union[str, Iterable[str]] = "GET",
        callback: Optional[Callback] = None,
        name: Optional[str] = None,
        apply: Any = None,
        skip: Any = None,
        methods: Union[str, Iterable[str], None] = None,
        **config: Any,
    ) -> Any:
        """Register a callback for a path; a decorator unless `callback` is passed.

        Args:
            path: A template or several; made of the callback's name and parameters if None.
            method: A method or several; ``ANY`` for all.
            callback: The handler.
            name: For `get_url`.
            apply: Plugins for this route alone.
            skip: Plugins that are not applied: objects, types, names, or True for all.
            methods: Another word for `method`, as the other classes have it.
            **config: Options for plugins, kept in the route's `config`.
        """
        if callable(path):
            path, callback = None, path

        def decorate(function: Callback) -> Callback:
            check_callable(function, f"route {path!r}")
            with self.registering(f"the route {path!r}", where_is(function), keeps_routes=True):
                for rule in listed(path) or rules_of(function):
                    for verb in listed(methods or method):
                        verb = verb.upper()
                        self.add_route(Route(self, rule, verb, function, name, listed(apply), listed(skip), config))
            return function

        return decorate(callback) if callback else decorate

    def add_route(self, route: Route) -> None:
        """Add a route object."""
        made = self.make_route(route.rule, endpoint_for(route), route.methods, name=route.name)
        label = route.name or str(getattr(route.callback, "__name__", ""))
        with self.registering(f"the route {route.rule!r}", keeps_routes=True):
            self.register(replace(made, where=where_is(route.callback) or caller()[0], name=label))
            self.store(State).routes.append(route)

    @decorator
    def get(self, path: Any = None, method: str = "GET", **options: Any) -> Any:
        """Register a callback for GET; see `route`."""
        return self.route(path, method, **options)

    @decorator
    def post(self, path: Any = None, method: str = "POST", **options: Any) -> Any:
        """Register a callback for POST; see `route`."""
        return self.route(path, method, **options)

    @decorator
    def put(self, path: Any = None, method: str = "PUT", **options: Any) -> Any:
        """Register a callback for PUT; see `route`."""
        return self.route(path, method, **options)

    @decorator
    def delete(self, path: Any = None, method: str = "DELETE", **options: Any) -> Any:
        """Register a callback for DELETE; see `route`."""
        return self.route(path, method, **options)

    @decorator
    def patch(self, path: Any = None, method: str = "PATCH", **options: Any) -> Any:
        """Register a callback for PATCH; see `route`."""
        return self.route(path, method, **options)

    def get_url(self, name: str, **values: Any) -> str:
        """Return the path of a named route; values that it has no wildcard for become the query."""
        return self.url_path(name, **values)

    # ------------------------------------------------------------ errors, hooks, plugins

    def error(self, code: int = 500, callback: Optional[Callback] = None) -> Callable[[F], F]:
        """Register an error handler for a status; a decorator unless `callback` is passed.

        Args:
            code: The status.
            callback: Called with the `HTTPError`; returns what a handler may return.
        """
        refuse_bare(code, "error(404)")

        def decorate(function: F) -> F:
            check_callable(function, f"error {code}")
            with self.registering(f"the error handler of {code!r}", where_is(function)):
                self.store(State).error_handlers[int(code)] = function
            return function

        return decorate(callback) if callback else decorate

    def hook(self, name: str) -> Callable[[F], F]:
        """Register the decorated function for ``before_request`` or ``after_request``."""
        refuse_bare(name, 'hook("before_request")')

        def decorate(function: F) -> F:
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
        check_callable(function, f"hook {name!r}")
        with self.registering(f"the hook {name!r}", where_is(function)):
            self.store(State).hooks[name].append(function)

    def remove_hook(self, name: str, function: Callback) -> bool:
        """Remove a hook, and return whether it was registered."""
        hooks = self.store(State).hooks.get(name, [])
        found = function in hooks
        if found:
            hooks.remove(function)
        return found

    def install(self, plugin: Any) -> Any:
        """Apply a plugin to all routes, also those that are registered later.

        Args:
            plugin: A decorator, or an object with `apply(callback, route)`; its `setup(app)` is
                called now.

        Raises:
            BuildError: It is neither.
        """
        if hasattr(plugin, "setup"):
            plugin.setup(self)
        if not callable(plugin) and not hasattr(plugin, "apply"):
            raise BuildError(
                f"{caller()[0]}: the plugin {plugin!r} is not a decorator and has no apply(callback, route)."
            )
        with self.registering(f"the plugin {plugin!r}"):
            self.store(State).plugins.append(plugin)
            forget_calls(self)
        return plugin

    def uninstall(self, plugin: Any) -> List[Any]:
        """Remove plugins, by object, type or name, or all of them with True; return those removed."""
        plugins = self.store(State).plugins
        gone = [item for item in plugins if plugin is True or plugin in (item, type(item), getattr(item, "name", item))]
        with self.registering("the removal of plugins"):
            for item in gone:
                plugins.remove(item)
                getattr(item, "close", bool)()
            forget_calls(self)
        return gone

    def run(self, **options: Any) -> None:
        """Serve the app in this process until SIGTERM or Ctrl+C; see `fenrir_bottle.run`."""
        run(self, **options)

    # ------------------------------------------------------------ other apps

    def mount(self, prefix: str, app: Any, name: str = "") -> None:
        """Mount another app under a prefix: a Fenrir app, any ASGI app, or any WSGI application."""
        if isinstance(app, App) or inspect.iscoroutinefunction(unwrap_callable(app)):
            super().mount(prefix, app, name)
        else:
            mount_wsgi(self, app, prefix, name=name)

    def mount_wsgi(self, *arguments: Any, **options: Any) -> None:
        """Mount a WSGI application under a prefix; see `fenrir_wsgi.mount_wsgi`."""
        mount_wsgi(self, *arguments, **options)

    def merge(self, routes: Union[Bottle, Iterable[Route]]) -> None:
        """Add the routes of another app, or routes themselves, under this app's hooks and plugins."""
        if isinstance(routes, Bottle):
            routes = routes.store(State).routes
        with self.amend():
            for route in [*routes]:
                verb, rule, skip = route.method, route.rule, route.skiplist
                self.add_route(Route(self, rule, verb, route.callback, route.name, route.plugins, skip, route.config))
