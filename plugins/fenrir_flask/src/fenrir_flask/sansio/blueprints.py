"""Blueprints: groups of views and hooks that are registered in an app under a prefix."""

from __future__ import annotations

import functools
from typing import Any, Callable, List, Optional, Tuple, Type, Union

from fenrir_core import Route
from fenrir_core.authoring import F, check_callable, refuse_bare

from .._types import Decorated, Function, Passed, SomeApp, Values
from ..exceptions import RegistrationError
from ..names import static_view
from ..state import Scoped, State, group_of
from .options import Folder
from .scaffold import Scaffold, endpoint_from_view_func, setupmethod

Deferred = Callable[["BlueprintSetupState"], None]
_UNSET: Any = object()


class BlueprintSetupState:
    """One registration of a blueprint, passed to the functions of `Blueprint.record`.

    Attributes:
        blueprint, app: What is registered, and where.
        options: The keywords of `register_blueprint`.
        first_registration: Whether the app has not registered the blueprint before.
        name, name_prefix: The name of this registration, and the full name of the blueprint above it.
        url_prefix, subdomain: Of its rules; None for those of the app.
        url_defaults: Values of its rules.
    """

    def __init__(self, blueprint: Blueprint, app: SomeApp, options: Values, first_registration: bool) -> None:
        self.blueprint, self.app, self.options = blueprint, app, options
        self.first_registration = first_registration
        subdomain = options.get("subdomain")
        self.subdomain: Optional[str] = blueprint.subdomain if subdomain is None else subdomain
        prefix = options.get("url_prefix")
        self.url_prefix: Optional[str] = blueprint.url_prefix if prefix is None else prefix
        self.name: str = options.get("name", blueprint.name)
        self.name_prefix: str = options.get("name_prefix", "")
        self.url_defaults: Values = {**blueprint.url_values_defaults, **(options.get("url_defaults") or {})}
        self.nonblocking: bool = blueprint.nonblocking or options.get("nonblocking", False)

    @property
    def full_name(self) -> str:
        """The name, below those of the blueprints above."""
        return f"{self.name_prefix}.{self.name}".lstrip(".")

    def add_url_rule(
        self, rule: str, endpoint: Optional[str] = None, view_func: Optional[Function] = None, **options: Passed
    ) -> None:
        """Register a rule under the blueprint's prefix and name."""
        if self.url_prefix is not None:
            joined = "/".join((self.url_prefix.rstrip("/"), rule.lstrip("/")))
            rule = joined if rule else self.url_prefix
        if self.subdomain is not None:
            options.setdefault("subdomain", self.subdomain)
        name = endpoint_from_view_func(view_func) if endpoint is None else endpoint
        defaults = self.url_defaults
        if "defaults" in options:
            defaults = {**defaults, **(options.pop("defaults") or {})}
        if self.nonblocking:
            options.setdefault("nonblocking", True)
        full = f"{self.full_name}.{name}"
        sink: Optional[Callable[[Route], None]] = self.options.get("sink")
        if sink is None and self.app.paradigm == "flask":
            self.app.add_url_rule(rule, full, view_func, defaults=defaults, **options)
            return
        from ..registration.routes import make_rules

        path = rule if rule.startswith("/") else f"/{rule}"
        for route in make_rules(self.app, path, full, view_func, {**options, "defaults": defaults}, group_of(full)):
            (sink or self.app.register)(route)


class Blueprint(Scaffold):
    """A group of views, hooks, error handlers and templates, for `app.register_blueprint`.

    Args:
        name: The name, without dots: the first part of the endpoints of its views.
        import_name: The name of the module that creates it: ``__name__``.
        static_folder: The folder with its static files, relative to `root_path`.
        static_url_path: The URL prefix of static files, below its own prefix.
        template_folder: The folder with its templates, searched after the app's.
        url_prefix: The URL prefix of its rules.
        subdomain: The subdomain of its rules.
        url_defaults: Fixed values for parameters of its views.
        root_path: The directory that folders are relative to; the module's own by default.
        cli_group: The name of the group of its commands; None for none, its own name by default.
        nonblocking: Whether none of its views blocks, nor those of blueprints inside it: they run on the event loop.

    Raises:
        RegistrationError: The name is empty or contains a dot (a ValueError).
    """

    _got_registered_once = False
    #: The group of its commands.
    cli: Any

    def __init__(  # SIZE: the parameters are Flask's
        self,
        name: str,
        import_name: str,
        static_folder: Folder = None,
        static_url_path: Optional[str] = None,
        template_folder: Folder = None,
        url_prefix: Optional[str] = None,
        subdomain: Optional[str] = None,
        url_defaults: Optional[Values] = None,
        root_path: Optional[str] = None,
        cli_group: Optional[str] = _UNSET,
        *,
        nonblocking: bool = False,
    ) -> None:
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        if not name:
            raise RegistrationError("'name' may not be empty: it is the first part of the blueprint's endpoints.")
        if "." in name:
            raise RegistrationError(
                f"'name' may not contain a dot '.' character, which separates the names of nested blueprints: {name!r}."
            )
        self.name, self.url_prefix, self.subdomain = name, url_prefix, subdomain
        self.url_values_defaults: Values = dict(url_defaults or {})
        self.cli_group, self.nonblocking = cli_group, nonblocking
        self.deferred_functions: List[Deferred] = []
        self._blueprints: List[Tuple[Blueprint, Values]] = []

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_registered_once:
            raise AssertionError(
                f"The setup method '{f_name}' can no longer be called on the blueprint '{self.name}'. It has already "
                "been registered at least once, any changes will not be applied consistently. Do all setup before it "
                "is registered."
            )

    # ------------------------------------------------------------ registering in an app

    @setupmethod
    def record(self, func: Deferred) -> None:
        """Call `func` with the `BlueprintSetupState` at each registration of the blueprint."""
        check_callable(func, "record")
        self.deferred_functions.append(func)

    @setupmethod
    def record_once(self, func: Deferred) -> None:
        """Call `func` with the `BlueprintSetupState` at the first registration in an app."""
        check_callable(func, "record_once")

        def once(state: BlueprintSetupState) -> None:
            if state.first_registration:
                func(state)

        self.record(functools.update_wrapper(once, func))

    def make_setup_state(self, app: SomeApp, options: Values, first_registration: bool = False) -> BlueprintSetupState:
        """Return the state of a registration; made to be overridden."""
        return BlueprintSetupState(self, app, options, first_registration)

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: Passed) -> None:
        """Nest another blueprint in this one; its name and prefix are appended to this one's.

        Raises:
            RegistrationError: It is this blueprint itself.
        """
        if blueprint is self:
            raise RegistrationError("Cannot register a blueprint on itself")
        self._blueprints.append((blueprint, options))

    def register(self, app: SomeApp, options: Values) -> None:
        """Register everything in an app; see `App.register_blueprint`.

        Raises:
            RegistrationError: The app has a blueprint of this name.
        """
        with app.registering(f"the blueprint {self.name!r}"):
            self._register(app, options)

    def _register(self, app: SomeApp, options: Values) -> None:
        store: State = app.store(State)
        own = options.get("name", self.name)
        name = f"{options.get('name_prefix', '')}.{own}".lstrip(".")
        if name in store.blueprints:
            same = store.blueprints[name] is self
            raise RegistrationError(
                f"The name '{own}' is already registered for {'this' if same else 'a different'} blueprint"
                f"{'' if name == own else f' {name!r}'}. Use 'name=' to provide a unique name."
            )
        first = not any(item is self for item in store.blueprints.values())
        store.blueprints[name] = self
        self._got_registered_once = True
        state = self.make_setup_state(app, options, first)
        store.prefixes[name] = (state.url_prefix or "").rstrip("/")
        if self.has_static_folder and app.paradigm == "flask" and "sink" not in options:
            view = static_view(lambda: self)
            state.add_url_rule(f"{self.static_url_path}/<path:filename>", "static", view)
        self._merge(store, name)
        for deferred in self.deferred_functions:
            deferred(state)
        self._add_commands(app, options, name)
        for nested, own_options in self._blueprints:
            nested.register(app, _nested_options(state, own_options, nested))

    def _merge(self, store: State, name: str) -> None:
        """Add the functions of the blueprint to those of the app, under the name of the registration."""
        places: Tuple[Tuple[Scoped, Scoped], ...] = (
            (self.before_request_funcs, store.before_request_funcs),
            (self.after_request_funcs, store.after_request_funcs),
            (self.teardown_request_funcs, store.teardown_request_funcs),
            (self.url_default_functions, store.url_default_functions),
            (self.url_value_preprocessors, store.url_value_preprocessors),
            (self.template_context_processors, store.template_context_processors),
        )
        for ours, theirs in places:
            for key, functions in ours.items():
                theirs[name if key is None else f"{name}.{key}"].extend(functions)
        for key, statuses in self.error_handler_spec.items():
            place = store.error_handler_spec[name if key is None else f"{name}.{key}"]
            for code, handlers in statuses.items():
                place[code].update(handlers)
        store.view_functions.update(self.view_functions)

    def _add_commands(self, app: SomeApp, options: Values, name: str) -> None:
        if "cli" not in vars(self) or not self.cli.commands or not hasattr(app, "cli"):
            return
        group = options.get("cli_group", self.cli_group)
        if group is None:
            app.cli.commands.update(self.cli.commands)
            return
        self.cli.name = name if group is _UNSET else group
        app.cli.add_command(self.cli)

    # ------------------------------------------------------------ rules

    def _add_url_rule(self, rule: str, endpoint: Optional[str], view_func: Optional[Function], options: Values) -> None:
        self._check_setup_finished("add_url_rule")
        if endpoint and "." in endpoint:
            raise RegistrationError(f"'endpoint' may not contain a dot '.' character: {endpoint!r}.")
        if view_func is not None:
            check_callable(view_func, f"rule {rule!r}")
            if "." in getattr(view_func, "__name__", ""):
                raise RegistrationError("'view_func' name may not contain a dot '.' character.")
        self.record(lambda state: state.add_url_rule(rule, endpoint, view_func, **options))

    # ------------------------------------------------------------ hooks of the whole app

    def _for_app(self, place: str, f: F) -> F:
        check_callable(f, place)

        def add(state: BlueprintSetupState) -> None:
            getattr(state.app.store(State), place).setdefault(None, []).append(f)

        self.record_once(add)
        return f

    @setupmethod
    def before_app_request(self, f: F) -> F:
        """Call the decorated function before every request of the app."""
        return self._for_app("before_request_funcs", f)

    @setupmethod
    def after_app_request(self, f: F) -> F:
        """Call the decorated function with every response of the app."""
        return self._for_app("after_request_funcs", f)

    @setupmethod
    def teardown_app_request(self, f: F) -> F:
        """Call the decorated function at the end of every request of the app."""
        return self._for_app("teardown_request_funcs", f)

    @setupmethod
    def app_context_processor(self, f: F) -> F:
        """Add variables to every template of the app."""
        return self._for_app("template_context_processors", f)

    @setupmethod
    def app_url_value_preprocessor(self, f: F) -> F:
        """Call the decorated function with the endpoint and the values of the path of every request."""
        return self._for_app("url_value_preprocessors", f)

    @setupmethod
    def app_url_defaults(self, f: F) -> F:
        """Call the decorated function with the endpoint and the values of every URL that is built."""
        return self._for_app("url_default_functions", f)

    @setupmethod
    def app_errorhandler(self, code: Union[Type[BaseException], int]) -> Callable[[F], F]:
        """Register the decorated function as the error handler of a class or status for the whole app."""
        refuse_bare(code, "app_errorhandler(404)", object)

        def decorate(f: F) -> F:
            check_callable(f, "error handler")
            self.record_once(lambda state: state.app.errorhandler(code)(f))
            return f

        return decorate

    # ------------------------------------------------------------ templates of the whole app

    def _template_function(self, place: str, name: Decorated) -> Function:
        def add(f: Function, given: Optional[str] = None) -> Function:
            check_callable(f, f"template {place[:-1]}")

            def register(state: BlueprintSetupState) -> None:
                getattr(state.app.jinja_env, place)[given or f.__name__] = f

            self.record_once(register)
            return f

        return add(name) if callable(name) else lambda f: add(f, name)

    @setupmethod
    def app_template_filter(self, name: Decorated = None) -> Function:
        """Register the decorated function as a filter of the app's templates."""
        return self._template_function("filters", name)

    @setupmethod
    def add_app_template_filter(self, f: Function, name: Optional[str] = None) -> None:
        """Register `f` as a filter of the app's templates."""
        self._template_function("filters", name)(f)

    @setupmethod
    def app_template_test(self, name: Decorated = None) -> Function:
        """Register the decorated function as a test of the app's templates."""
        return self._template_function("tests", name)

    @setupmethod
    def add_app_template_test(self, f: Function, name: Optional[str] = None) -> None:
        """Register `f` as a test of the app's templates."""
        self._template_function("tests", name)(f)

    @setupmethod
    def app_template_global(self, name: Decorated = None) -> Function:
        """Register the decorated function as a global of the app's templates."""
        return self._template_function("globals", name)

    @setupmethod
    def add_app_template_global(self, f: Function, name: Optional[str] = None) -> None:
        """Register `f` as a global of the app's templates."""
        self._template_function("globals", name)(f)


def _nested_options(state: BlueprintSetupState, given: Values, nested: Blueprint) -> Values:
    """Return the options of a blueprint inside another: its prefix, subdomain and name follow those of the outer."""
    options = dict(given)
    own_subdomain = options.get("subdomain")
    own_subdomain = nested.subdomain if own_subdomain is None else own_subdomain
    if state.subdomain is not None and own_subdomain is not None:
        options["subdomain"] = f"{own_subdomain}.{state.subdomain}"
    elif own_subdomain is not None or state.subdomain is not None:
        options["subdomain"] = own_subdomain if own_subdomain is not None else state.subdomain
    own_prefix = options.get("url_prefix")
    own_prefix = nested.url_prefix if own_prefix is None else own_prefix
    if state.url_prefix is not None and own_prefix is not None:
        options["url_prefix"] = f"{state.url_prefix.rstrip('/')}/{own_prefix.lstrip('/')}"
    elif own_prefix is not None or state.url_prefix is not None:
        options["url_prefix"] = own_prefix if own_prefix is not None else state.url_prefix
    options["name_prefix"] = state.full_name
    if "sink" in state.options:
        options["sink"] = state.options["sink"]
    if state.nonblocking:
        options["nonblocking"] = True
    return options
