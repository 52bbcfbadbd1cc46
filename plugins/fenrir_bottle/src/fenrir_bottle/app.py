"""Bottle's app class."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any, Callable, ClassVar, Dict, Iterable, List, Optional, Set, Tuple, Union, cast

from fenrir_core import App, BuildError
from fenrir_core import Route as KernelRoute
from fenrir_core.authoring import F, caller, check_callable, mark_coroutine_function, refuse_bare, show_asgi, where_is
from fenrir_wsgi import Environ, StartResponse, WSGICallable, as_wsgi, mount_wsgi

from . import serving
from ._flags import flags
from .config import ConfigDict
from .converters import filters_of
from .error_pages import default_error_handler
from .loading import load
from .mounting import Mounting
from .plugin_list import PluginList
from .plugins import JSONPlugin, TemplatePlugin
from .proxies import request
from .registration import endpoint_for, own_syntax, template_of
from .resources import ResourceManager
from .router import Router
from .routes import Callback, Route
from .signatures import decorator
from .state import HOOKS, State
from .structures import Values
from .texts import makelist, yieldroutes

Rules = Union[str, List[str], Callback, None]
#: The methods that the kernel knows of for a route of ANY; Bottle's router serves every other one too.
_ANY = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")


class Bottle(Mounting, App):
    """An app that is written as with Bottle: an ASGI application and a WSGI application in one.

    Args:
        catchall: Whether an exception of a handler becomes a response, instead of being raised to the server.
        autojson: Whether dictionaries become JSON.
        **settings: As of `fenrir_core.App`.
    """

    paradigm = "bottle"
    #: The page of an error that has no handler; a subclass, or an app, may have another function of the `HTTPError`.
    default_error_handler: Any = default_error_handler
    plugins: PluginList  # type: ignore[assignment]  # Bottle's name for its own
    #: The stack that `with app:` puts the app on.
    #: The template plugin.
    tpl: Any
    default_apps: ClassVar[List[Bottle]]

    def __init__(self, catchall: bool = True, autojson: bool = True, **settings: Any) -> None:
        # OPTIONS is a method like others, in Bottle
        super().__init__(**{"derive_options": False, **settings})
        state = self.store(State)
        self._user_attributes: Set[str] = set()
        self._kernel_routes: Dict[Tuple[str, str], KernelRoute] = {}
        self._is_plain: Optional[bool] = None
        self._wsgi: Optional[WSGICallable] = None
        self._mounts: List[Bottle] = []
        #: The configuration; ``catchall`` is its best known key.
        self.config = ConfigDict()
        self.config._add_change_listener(functools.partial(self.trigger_hook, "config"))
        self.config["catchall"] = catchall
        self.resources = ResourceManager()
        self.router = Router()
        self.router.filters = {**filters_of(self), **self.router.filters}
        self.error_handler = state.error_handlers
        self.plugins = PluginList(state.plugins, self.plugins)
        self.install(JSONPlugin())
        self.install(TemplatePlugin())
        self.config["json.enable"] = autojson
        show_asgi(self)

    # ------------------------------------------------------------ attributes

    @property
    def routes(self) -> List[Route]:  # type: ignore[override]
        """The routes in order of registration."""
        return self.store(State).routes

    @property
    def catchall(self) -> bool:
        """Whether an exception of a handler becomes a response, instead of being raised to the server."""
        return self.store(State).catchall

    @catchall.setter
    def catchall(self, catchall: bool) -> None:
        self.config["catchall"] = catchall

    @property
    def raises_unhandled(self) -> bool:  # type: ignore[override]
        """Whether an error that nobody handled is raised to the server."""
        return not self.store(State).catchall

    @property
    def _hooks(self) -> Dict[str, List[Callback]]:
        return self.store(State).hooks

    def __setattr__(self, name: str, value: Any) -> None:
        own: Optional[Set[str]] = self.__dict__.get("_user_attributes")
        if own is not None and not name.startswith("_") and "tpl" in self.__dict__:
            # COMPAT: in bottle an attribute can be set once, so that plugins don't overwrite each other's
            if name in own:
                raise AttributeError(f"The app has an attribute {name!r} already. Do two plugins set it?")
            if name not in self.__dict__ and not hasattr(type(self), name):
                own.add(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._user_attributes.discard(name)
        object.__delattr__(self, name)

    def __enter__(self) -> Bottle:
        """Make this the default app."""
        self.default_apps.append(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.default_apps.pop()

    # ------------------------------------------------------------ routes

    @decorator
    def route(  # type: ignore[override]
        self,
        path: Rules = None,
        method: Union[str, Iterable[str]] = "GET",
        callback: Union[Callback, str, None] = None,
        name: Optional[str] = None,
        apply: Any = None,
        skip: Any = None,
        methods: Union[str, Iterable[str], None] = None,
        **config: Any,
    ) -> Any:
        """Register a callback for a rule; a decorator unless `callback` is passed.

        Args:
            path: A rule or several; made of the callback's name and parameters if None.
            method: A method or several; ``ANY`` for all.
            callback: The handler, or a target for `load`.
            name: For `get_url`.
            apply: Plugins for this route alone.
            skip: Plugins that are not applied: objects, types, names, or True for all.
            methods: Another word for `method`, as the other classes have it.
            **config: Options for plugins, kept in the route's `config`; `nonblocking=True` runs the callback on
                the event loop.
        """
        if callable(path):
            path, callback = None, path

        def decorate(function: Union[Callback, str]) -> Callback:
            found = _loaded(function)
            check_callable(found, f"route {path!r}")
            for rule in [own_syntax(rule, self.router) for rule in makelist(path)] or yieldroutes(found):
                for verb in makelist(methods or method):
                    around = makelist(apply), makelist(skip)
                    self.add_route(Route(self, rule, verb.upper(), found, name, *around, **config))
            return found

        return decorate(callback) if callback else decorate

    def add_route(self, route: Route) -> None:
        """Add a route object; also after the start, and in the place of one with the same rule and method."""
        with self.registering(f"the route {route.rule!r}", where_is(route.callback), keeps_routes=True):
            self.routes.append(route)
            self.router.add(route.rule, route.method, route, name=route.name)
            if route.method != "PROXY":
                self._describe(route)
        if flags.debug:
            route.prepare()

    def _describe(self, route: Route) -> None:
        """Register a route with the kernel, which compiles it; Bottle's router finds it."""
        self._is_plain = None
        methods = _ANY if route.method == "ANY" else (route.method,)
        options: Values = {"nonblocking": True} if route.config.get("nonblocking") else {}
        endpoint = endpoint_for(self, route)
        template = template_of(route.rule, self.router)
        made = self.make_route(template, endpoint, methods, name=route.name, unrouted=True, **options)
        label = route.name or str(getattr(route.callback, "__name__", ""))
        made = replace(made, where=where_is(route.callback) or caller()[0], name=label)
        before = self._kernel_routes.get((route.method, route.rule))
        if before is not None:
            self.registered.remove(before)
        self._kernel_routes[route.method, route.rule] = made
        self.register(made)

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

    def match(self, environ: Environ) -> Tuple[Route, Values]:
        """Return the route for a request and the values of its wildcards.

        Raises:
            HTTPError: There is none (404, 405).
        """
        return self.router.match(environ)

    def get_url(self, routename: str, **kargs: Any) -> str:
        """Return the path of a route, with the prefix; values that it has no wildcard for become the query."""
        prefix = request.environ.get("SCRIPT_NAME", "").strip("/")
        # browsers take a backslash for a slash, so that "/\\" would begin a host, too
        path = self.router.build(routename, **kargs).lstrip("/").replace("\\", "%5C")
        return f"/{prefix}/{path}" if prefix else f"/{path}"

    def reset(self, route: Union[Route, int, None] = None) -> None:
        """Have the plugins of one route, given itself or by its place, or of all routes applied again."""
        routes = self.routes if route is None else [route if isinstance(route, Route) else self.routes[route]]
        for each in routes:
            each.reset()
            if flags.debug:
                each.prepare()
        self.trigger_hook("app_reset")

    def close(self) -> None:
        """Close all plugins."""
        for plugin in self.store(State).plugins:
            getattr(plugin, "close", bool)()

    def run(self, **kwargs: Any) -> None:
        """Start a server; see `run`."""
        load(f"{__package__}.running").run(self, **kwargs)

    # ------------------------------------------------------------ errors, hooks, plugins

    def error(self, code: int = 500, callback: Union[Callback, str, None] = None) -> Callable[[F], F]:
        """Register an error handler for a status; a decorator unless `callback` is passed.

        Args:
            code: The status.
            callback: Called with the `HTTPError`; returns what a handler may return.
        """
        refuse_bare(code, "error(404)")

        def decorate(function: F) -> F:
            found = _loaded(function)
            check_callable(found, f"error {code}")
            self.error_handler[int(code)] = found
            return function

        return decorate(cast(Any, callback)) if callback else decorate

    def hook(self, name: str) -> Callable[[F], F]:
        """Register the decorated function for a hook; see `add_hook`."""
        refuse_bare(name, 'hook("before_request")')

        def decorate(function: F) -> F:
            self.add_hook(name, function)
            return function

        return decorate

    def add_hook(self, name: str, func: Callback) -> None:
        """Add a hook: ``before_request``, ``after_request``, ``app_reset`` or ``config``.

        After hooks run last one first, also after errors.

        Raises:
            BuildError: There is no hook of that name.
        """
        if name not in HOOKS:
            raise BuildError(f"{where_is(func)}: there is no hook {name!r}. There are: {', '.join(HOOKS)}.")
        check_callable(func, f"hook {name!r}")
        functions = self._hooks[name]
        functions.insert(0 if name == "after_request" else len(functions), func)

    def remove_hook(self, name: str, func: Callback) -> bool:
        """Remove a hook, and return whether it was registered."""
        functions = self._hooks.get(name, [])
        found = func in functions
        if found:
            functions.remove(func)
        return found

    def trigger_hook(self, __name: str, *args: Any, **kwargs: Any) -> List[Any]:
        """Call the functions of a hook, and return what they return."""
        if __name == "config" and args[1] == "catchall":
            self.store(State).catchall = bool(args[2])
        return [function(*args, **kwargs) for function in self._hooks[__name][:]]

    def install(self, plugin: Any) -> Any:
        """Apply a plugin to all routes, also those that are registered later.

        Args:
            plugin: A decorator, or an object with `apply(callback, route)`; its `setup(app)` is
                called now.

        Raises:
            TypeError: It is neither.
        """
        if hasattr(plugin, "setup"):
            plugin.setup(self)
        if not callable(plugin) and not hasattr(plugin, "apply"):
            raise TypeError(
                f"{caller()[0]}: the plugin {plugin!r} is not a decorator and has no apply(callback, route)."
            )
        self.plugins.append(plugin)
        self.reset()
        return plugin

    def uninstall(self, plugin: Any) -> List[Any]:
        """Remove plugins, by object, type or name, or all of them with True; return those removed."""
        own = self.plugins
        gone = [
            each
            for each in reversed(own)
            if plugin is True or plugin is each or plugin is type(each) or getattr(each, "name", True) == plugin
        ]
        for each in gone:
            own.remove(each)
            getattr(each, "close", bool)()
        if gone:
            self.reset()
        return gone

    # ------------------------------------------------------------ serving

    @mark_coroutine_function
    def __call__(self, scope: Any, receive: Any = None, send: Any = None) -> Any:
        """Serve a request: of ASGI with three arguments, of WSGI with two (`environ` and `start_response`).

        One argument, a scope, gives the callable for the other two, as in ASGI 2: servers that don't see the mark of a
        coroutine function expect that.

        Raises:
            TypeError: The server speaks neither of them.
        """
        if send is not None:
            return super().__call__(scope, receive, send)
        if receive is None:
            return functools.partial(self, scope)
        if not isinstance(scope, dict):  # PEP 3333: "a builtin Python dictionary"
            raise TypeError(
                f"The server called the app with a {type(scope).__name__}, which is of neither ASGI nor WSGI. "
                "Granian: name the protocol, with --interface asgi or --interface wsgi."
            )
        if self._is_plain is None:
            self._is_plain = not serving.needs_asgi(self)
        if self._is_plain:
            return self.wsgi(scope, receive)
        if self._wsgi is None:
            self._wsgi = as_wsgi(self)
        return self._wsgi(scope, receive)

    def wsgi(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request of WSGI in this thread."""
        return serving.serve(self, environ, start_response)

    def mount_wsgi(self, *arguments: Any, **options: Any) -> None:
        """Mount a WSGI application under a prefix; see `fenrir_wsgi.mount_wsgi`."""
        mount_wsgi(self, *arguments, **options)


def _loaded(function: Union[Callback, str]) -> Callback:
    """Return a callback, or the one that a target such as ``package.module:function`` names."""
    found: Any = load(function) if isinstance(function, str) and ":" in function else function
    return found  # type: ignore[no-any-return]
