"""Blueprints: groups of routes and hooks that are registered in an app under a URL prefix."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from fenrir_core import App, BuildError, Route
from fenrir_core.authoring import F, check_callable, refuse_bare

from ..state import Hook, State
from . import hooks
from .routes import make_rules

Deferred = Callable[["BlueprintSetupState"], None]


class BlueprintSetupState:
    """One registration of a blueprint, passed to the functions of `Blueprint.record`.

    Attributes:
        blueprint, app: What is registered, and where.
        options: The keywords of `register_blueprint`.
        first_registration: Whether the app has not registered the blueprint before.
        name: The full name, which starts with the parents' names.
        url_prefix: The full prefix, which starts with the parents' prefixes, without trailing slash.
        group: The full names of the parents and the blueprint, outermost first.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        app: App,
        options: Dict[str, Any],
        first_registration: bool,
        parent: Optional[BlueprintSetupState] = None,
        sink: Optional[Callable[[Route], None]] = None,
    ) -> None:
        self.blueprint, self.app, self.options = blueprint, app, options
        self.first_registration = first_registration
        own = options.get("name", blueprint.name)
        prefix = options.get("url_prefix", blueprint.url_prefix) or ""
        self.name: str = f"{parent.name}.{own}" if parent else own
        above = parent.url_prefix if parent else ""
        self.url_prefix: str = above + ("/" + prefix.strip("/") if prefix.strip("/") else "")
        self.sink: Callable[[Route], None] = sink or (parent.sink if parent else app.register)
        self.nonblocking: bool = blueprint.nonblocking or (parent is not None and parent.nonblocking)
        self.group: Tuple[str, ...] = (*(parent.group if parent else ()), self.name)
        self.url_defaults = {**blueprint.url_values_defaults, **options.get("url_defaults", {})}

    def add_url_rule(
        self,
        rule: str,
        endpoint: Optional[str] = None,
        view_func: Optional[Callable[..., Any]] = None,
        **options: Any,
    ) -> None:
        """Register a rule under the blueprint's prefix and name."""
        name = endpoint or getattr(view_func, "__name__", "")
        if self.nonblocking:
            options.setdefault("nonblocking", True)
        options["defaults"] = {**self.url_defaults, **(options.get("defaults") or {})}
        path = self.url_prefix + (rule if rule.startswith("/") or not rule else f"/{rule}")
        for route in make_rules(self.app, path or "/", f"{self.name}.{name}", view_func, options, self.group):
            self.sink(route)


class Blueprint:
    """A group of routes, hooks, error handlers and templates, for `app.register_blueprint`.

    Args:
        name: The name, without dots: the first part of the names of its routes.
        import_name: The name of the module that creates it: ``__name__``.
        static_folder: The folder with its static files, relative to `root_path`.
        static_url_path: The URL prefix of static files, below its own prefix.
        template_folder: The folder with its templates, searched after the app's.
        url_prefix: The URL prefix of its routes.
        subdomain: Not supported.
        url_defaults: Fixed values for parameters of its views.
        root_path: The directory that folders are relative to; the module's own by default.
        cli_group: Accepted for compatibility.
        nonblocking: Whether none of its views blocks, nor those of blueprints inside it: they run on the event loop.

    Raises:
        BuildError: The name is empty or contains a dot.
    """

    def __init__(  # SIZE: the parameters are Flask's
        self,
        name: str,
        import_name: str,
        static_folder: Optional[str] = None,
        static_url_path: Optional[str] = None,
        template_folder: Optional[str] = None,
        url_prefix: Optional[str] = None,
        subdomain: Optional[str] = None,
        url_defaults: Optional[Dict[str, Any]] = None,
        root_path: Optional[str] = None,
        cli_group: Any = None,
        *,
        nonblocking: bool = False,
    ) -> None:
        if not name or "." in name:
            raise BuildError(
                f"The blueprint name {name!r} must not be empty nor contain a dot, which separates the names of nested "
                "blueprints."
            )
        if subdomain is not None:
            raise BuildError(f"The blueprint {name!r} has a subdomain, which is not supported.")
        self.name, self.import_name = name, import_name
        self.static_folder, self.static_url_path = static_folder, static_url_path
        self.template_folder, self.url_prefix = template_folder, url_prefix
        self.url_values_defaults = dict(url_defaults or {})
        self.root_path = root_path or root_path_of(import_name)
        self.cli_group, self.nonblocking = cli_group, nonblocking
        self._deferred: List[Deferred] = []
        self._nested: List[Tuple[Blueprint, Dict[str, Any]]] = []

    # ------------------------------------------------------------ registering in an app

    def record(self, func: Deferred) -> None:
        """Call `func` with the `BlueprintSetupState` at each registration of the blueprint."""
        check_callable(func, "record")
        self._deferred.append(func)

    def record_once(self, func: Deferred) -> None:
        """Call `func` with the `BlueprintSetupState` at the first registration in an app."""
        check_callable(func, "record_once")
        self.record(lambda state: func(state) if state.first_registration else None)

    def register(
        self,
        app: App,
        options: Dict[str, Any],
        parent: Optional[BlueprintSetupState] = None,
        sink: Optional[Callable[[Route], None]] = None,
    ) -> None:
        """Register everything in an app; see `register_blueprint`.

        Raises:
            BuildError: The app has a blueprint of this name.
        """
        with app.registering(f"the blueprint {self.name!r}"):
            known: Dict[str, Any] = app.store(State).blueprints
            state = BlueprintSetupState(self, app, options, self not in known.values(), parent, sink)
            if state.name in known:
                raise BuildError(
                    f"There is already a blueprint {state.name!r}. Register this one under another name: "
                    f"register_blueprint(…, name='other')."
                )
            known[state.name] = self
            app.store(State).prefixes[state.name] = state.url_prefix
            for function in self._deferred:
                function(state)
            for nested, nested_options in self._nested:
                nested.register(app, nested_options, state)

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Nest another blueprint in this one; its name and prefix are appended to this one's.

        Raises:
            BuildError: It is this blueprint itself.
        """
        if blueprint is self:
            raise BuildError(f"The blueprint {self.name!r} can't be registered in itself.")
        self._nested.append((blueprint, options))

    # ------------------------------------------------------------ routes

    def add_url_rule(
        self,
        rule: str,
        endpoint: Optional[str] = None,
        view_func: Optional[Callable[..., Any]] = None,
        provide_automatic_options: Optional[bool] = None,
        **options: Any,
    ) -> None:
        """Register a view for a rule; see `Flask.add_url_rule`.

        Raises:
            BuildError: The endpoint contains a dot.
        """
        del provide_automatic_options
        if view_func is not None:
            check_callable(view_func, f"rule {rule!r}")
        if endpoint and "." in endpoint:
            raise BuildError(f"The endpoint {endpoint!r} of the blueprint {self.name!r} must not contain a dot.")
        self.record(lambda state: state.add_url_rule(rule, endpoint, view_func, **options))

    def route(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated view for a rule; see `add_url_rule`."""
        refuse_bare(rule, 'route("/path"), @app.get("/path") and so on')

        def decorate(view: F) -> F:
            self.add_url_rule(rule, options.pop("endpoint", None), view, **options)
            return view

        return decorate

    def get(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated view for GET."""
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated view for POST."""
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated view for PUT."""
        return self.route(rule, methods=["PUT"], **options)

    def patch(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated view for PATCH."""
        return self.route(rule, methods=["PATCH"], **options)

    def delete(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated view for DELETE."""
        return self.route(rule, methods=["DELETE"], **options)

    # ------------------------------------------------------------ hooks of its own routes

    def _hook(self, place: str, function: F, everywhere: bool = False) -> F:
        check_callable(function, place)

        def add(state: BlueprintSetupState) -> None:
            if not everywhere or state.first_registration:
                getattr(state.app.store(State), place).append(Hook(function, None if everywhere else state.name))

        self.record(add)
        return function

    def before_request(self, f: F) -> F:
        """Call the decorated function before the handlers of this blueprint's routes."""
        return self._hook("before", f)

    def after_request(self, f: F) -> F:
        """Call the decorated function with the responses of this blueprint's routes."""
        return self._hook("after", f)

    def teardown_request(self, f: F) -> F:
        """Call the decorated function at the end of this blueprint's requests."""
        return self._hook("teardown", f)

    def context_processor(self, f: F) -> F:
        """Add variables to the templates of this blueprint's routes."""
        return self._hook("context_processors", f)

    def url_value_preprocessor(self, f: F) -> F:
        """Call the decorated function with the endpoint's name and path parameters of this blueprint's requests."""
        return self._hook("url_value_preprocessors", f)

    def url_defaults(self, f: F) -> F:
        """Call the decorated function with the endpoint's name and values of each URL of this blueprint."""
        return self._hook("url_defaults", f)

    def errorhandler(self, code_or_exception: Any) -> Callable[[F], F]:
        """Register the decorated function as the error handler of a class or status for this blueprint's routes."""
        refuse_bare(code_or_exception, "errorhandler(404) or @app.errorhandler(ValueError)", object)

        def decorate(function: F) -> F:
            self.register_error_handler(code_or_exception, function)
            return function

        return decorate

    def exception(self, *exceptions: Any) -> Callable[[F], F]:
        """Register the decorated function as the handler of exception classes for this blueprint's routes.

        Args:
            *exceptions: Exception classes, or lists or sets of them.
        """
        classes = hooks.exception_classes(exceptions)

        def decorate(function: F) -> F:
            for matches in classes:
                self.register_error_handler(matches, function)
            return function

        return decorate

    def register_error_handler(self, code_or_exception: Any, f: Callable[..., Any]) -> None:
        """Register `f` as the error handler of a class or status for this blueprint's routes."""
        check_callable(f, "error handler")
        self.record(lambda state: hooks.add_error_handler(state.app, code_or_exception, f, state.name))

    # ------------------------------------------------------------ hooks of the whole app

    def before_app_request(self, f: F) -> F:
        """Call the decorated function before every request of the app."""
        return self._hook("before", f, everywhere=True)

    def after_app_request(self, f: F) -> F:
        """Call the decorated function with every response of the app."""
        return self._hook("after", f, everywhere=True)

    def teardown_app_request(self, f: F) -> F:
        """Call the decorated function at the end of every request of the app."""
        return self._hook("teardown", f, everywhere=True)

    def app_context_processor(self, f: F) -> F:
        """Add variables to every template of the app."""
        return self._hook("context_processors", f, everywhere=True)

    def app_errorhandler(self, code: Any) -> Callable[[F], F]:
        """Register the decorated function as the error handler of a class or status for the whole app."""
        refuse_bare(code, "app_errorhandler(404)", object)

        def decorate(function: F) -> F:
            check_callable(function, "error handler")
            self.record_once(lambda state: hooks.add_error_handler(state.app, code, function))
            return function

        return decorate

    def app_template_filter(self, name: Any = None) -> Any:
        """Register the decorated function as a filter of the app's templates."""
        return self._template(hooks.template_filter, name)

    def app_template_test(self, name: Any = None) -> Any:
        """Register the decorated function as a test of the app's templates."""
        return self._template(hooks.template_test, name)

    def app_template_global(self, name: Any = None) -> Any:
        """Register the decorated function as a global of the app's templates."""
        return self._template(hooks.template_global, name)

    def _template(self, register: Callable[..., Any], name: Any) -> Any:
        def add(function: F, given: Optional[str] = None) -> F:
            check_callable(function, register.__name__)
            self.record_once(lambda state: register(state.app, given)(function))
            return function

        return add(name) if callable(name) else lambda function: add(function, name)

    def __repr__(self) -> str:
        return f"<Blueprint {self.name!r}>"


def register_blueprint(app: App, blueprint: Blueprint, **options: Any) -> None:
    """Register a blueprint: its routes, hooks, error handlers, templates and static files.

    Args:
        app: The app.
        blueprint: The blueprint.
        **options: `url_prefix`, `name` and `url_defaults` to use instead of its own.

    Raises:
        BuildError: The app has a blueprint of that name.
    """
    blueprint.register(app, options)


def root_path_of(import_name: str) -> str:
    """Return the directory of a module by its name, or the working directory if it has no file."""
    module = sys.modules.get(import_name)
    file = getattr(module, "__file__", None)
    return os.path.dirname(os.path.abspath(file)) if file else os.getcwd()


def collect(source: Any, prefix: str, app: App) -> Optional[Iterable[Any]]:
    """Return the routes of a mounted blueprint, or None for anything else."""
    if not isinstance(source, Blueprint):
        return None
    collected = app.store(State).collected
    if (source, prefix) not in collected:  # its hooks are added once, however often the app is built
        routes: List[Route] = []
        own = (source.url_prefix or "").strip("/")
        source.register(app, {"url_prefix": f"{prefix}/{own}"}, sink=routes.append)
        collected[source, prefix] = routes
    return collected[source, prefix]
