"""The part of the application class that does not serve requests: configuration, rules, templates, error handlers."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any, Dict, Iterable, List, Mapping, Optional, Type, Union, ValuesView

import jinja2
from werkzeug.datastructures import ImmutableDict
from werkzeug.exceptions import Aborter, BadRequest, BadRequestKeyError
from werkzeug.routing import BuildError as RoutingBuildError
from werkzeug.routing import Map, Rule
from werkzeug.utils import cached_property
from werkzeug.utils import redirect as _redirect
from werkzeug.wrappers import Response as WerkzeugResponse

import fenrir_core
from fenrir_core.authoring import F, caller, check_callable, show_asgi

from .._types import Decorated, Function, Passed, Values
from ..app_globals import AppGlobals
from ..config import Config, ConfigAttribute
from ..exceptions import SetupFinished
from ..json.provider import DefaultJSONProvider, JSONProvider, provider_of
from ..logging import create_logger
from ..names import blueprint_path
from ..state import ErrorSpec, Scoped, State, StateAttribute
from ..url_converters import check_arguments, correct_converters
from ..views import methods_of
from .options import Folder, kernel_settings, select_autoescape
from .scaffold import Scaffold, endpoint_from_view_func, find_package, setupmethod


def _timedelta(value: Union[timedelta, int, None]) -> Optional[timedelta]:
    return value if value is None or isinstance(value, timedelta) else timedelta(seconds=value)


class App(Scaffold, fenrir_core.App):  # type: ignore[misc]  # Flask's methods in the place of the kernel's
    """The base of `Flask`: everything but the handling of requests. See there for the arguments."""

    paradigm = "flask"

    # what a subclass may replace
    aborter_class: Type[Aborter] = Aborter
    jinja_environment: Type[jinja2.Environment]
    app_ctx_globals_class: Type[Any] = AppGlobals
    config_class: Type[Config] = Config
    json_provider_class: Type[JSONProvider] = DefaultJSONProvider
    jinja_options: Values = {}
    url_rule_class: Type[Rule] = Rule
    url_map_class: Type[Map] = Map
    test_client_class: Optional[Type[Any]] = None
    test_cli_runner_class: Optional[Type[Any]] = None
    default_config: Mapping[str, Any] = ImmutableDict()
    response_class: Type[WerkzeugResponse]
    #: What each template has.
    _default_template_context: Function

    # configuration
    testing = ConfigAttribute[bool]("TESTING")
    secret_key = ConfigAttribute[Union[str, bytes, None]]("SECRET_KEY")
    permanent_session_lifetime = ConfigAttribute[Optional[timedelta]]("PERMANENT_SESSION_LIFETIME", _timedelta)

    # registrations, which are kept where the hooks of the paradigm find them
    view_functions = StateAttribute[Dict[str, Function]]()
    before_request_funcs = StateAttribute[Scoped]()
    after_request_funcs = StateAttribute[Scoped]()
    teardown_request_funcs = StateAttribute[Scoped]()
    template_context_processors = StateAttribute[Scoped]()
    url_value_preprocessors = StateAttribute[Scoped]()
    url_default_functions = StateAttribute[Scoped]()
    error_handler_spec = StateAttribute[ErrorSpec]()
    url_build_error_handlers = StateAttribute[List[Function]]()
    teardown_appcontext_funcs = StateAttribute[List[Function]]()
    shell_context_processors = StateAttribute[List[Function]]()
    blueprints = StateAttribute[Values]()
    extensions = StateAttribute[Values]()

    def __init__(  # SIZE: the parameters are Flask's
        self,
        import_name: str,
        static_url_path: Optional[str] = None,
        static_folder: Folder = "static",
        static_host: Optional[str] = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: Folder = "templates",
        instance_path: Optional[str] = None,
        instance_relative_config: bool = False,
        root_path: Optional[str] = None,
        **settings: Passed,
    ) -> None:
        own, others = kernel_settings(self.default_config, settings)
        fenrir_core.App.__init__(self, **others)
        Scaffold.__init__(self, import_name, static_folder, static_url_path, template_folder, root_path)
        self.template_context_processors[None].append(self._default_template_context)
        if instance_path is None:
            instance_path = self.auto_find_instance_path()
        elif not os.path.isabs(instance_path):
            raise ValueError("If an instance path is provided it must be absolute. A relative path was given instead.")
        #: The directory of the instance: files that are no part of the code.
        self.instance_path = instance_path
        #: The configuration.
        self.config = self.make_config(instance_relative_config)
        self.config.update(own)
        #: Raises HTTP errors by status; `abort` calls it.
        self.aborter = self.make_aborter()
        #: The rules, in Werkzeug's map.
        self.url_map = self.url_map_class(host_matching=host_matching)
        correct_converters(self.url_map)
        self.subdomain_matching = subdomain_matching
        self._got_first_request = False
        show_asgi(self)
        if self.has_static_folder:
            if bool(static_host) != host_matching:
                raise AssertionError("Invalid static_host/host_matching combination")
            self._add_static_rule(static_host)

    def _add_static_rule(self, static_host: Optional[str]) -> None:
        raise NotImplementedError

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_first_request or self.has_served:
            raise SetupFinished(
                f"The setup method '{f_name}' can no longer be called on the application. It has already handled its "
                "first request, any changes will not be applied consistently. Register everything before it: where the "
                "app is made, or in modules that are imported there."
            )
        if self.is_built:
            self.reopen()

    def check_late(self, what: str, where: str) -> None:
        """Refuse what is registered after the first request, as Flask does.

        Raises:
            SetupFinished: The app has handled a request.
        """
        if self._got_first_request or self.has_served:
            raise SetupFinished(
                f"{where}: {what} can't be added: the app has already handled its first request. Register everything "
                "before it: where the app is made, or in modules that are imported there."
            )
        super().check_late(what, where)

    # ------------------------------------------------------------ names, folders, configuration

    @cached_property
    def name(self) -> str:
        """The name of the app: its module's, or that of the file that was run."""
        if self.import_name == "__main__":
            file = getattr(sys.modules["__main__"], "__file__", None)
            return "__main__" if file is None else os.path.splitext(os.path.basename(file))[0]
        return self.import_name

    @cached_property
    def logger(self) -> Any:
        """The logger of the app's name; it has a handler if nothing else handles its records."""
        return create_logger(self)

    @cached_property
    def jinja_env(self) -> jinja2.Environment:
        """The Jinja2 environment, created at its first use."""
        return self.create_jinja_environment()

    def create_jinja_environment(self) -> jinja2.Environment:
        """Return a new Jinja2 environment."""
        raise NotImplementedError

    @property
    def json(self) -> JSONProvider:
        """The provider that serializes and parses JSON."""
        return provider_of(self)  # type: ignore[arg-type]  # an app with more

    @json.setter
    def json(self, value: JSONProvider) -> None:
        self.store(State).json = value

    def make_config(self, instance_relative: bool = False) -> Config:
        """Return the configuration that the app begins with.

        Args:
            instance_relative: Whether its files are relative to the instance folder.
        """
        defaults = {**self.default_config, "DEBUG": get_debug_flag() or bool(self.settings["debug"])}
        return self.config_class(self.instance_path if instance_relative else self.root_path, defaults)

    def make_aborter(self) -> Aborter:
        """Return what raises HTTP errors by status."""
        return self.aborter_class()

    def auto_find_instance_path(self) -> str:
        """Return the directory of the instance where none was given: beside the module, or below the prefix."""
        prefix, path = find_package(self.import_name)
        if prefix is None:
            return os.path.join(path, "instance")
        return os.path.join(prefix, "var", f"{self.name}-instance")

    def create_global_jinja_loader(self) -> jinja2.BaseLoader:
        """Return the loader of the app's environment: the app's templates, then those of the blueprints."""
        raise NotImplementedError

    def select_jinja_autoescape(self, filename: Optional[str]) -> bool:
        """Return whether values are escaped in a template: in markup files and in strings."""
        return select_autoescape(filename)

    @property
    def debug(self) -> bool:
        """Whether the app is in development mode."""
        return bool(self.config["DEBUG"])

    @debug.setter
    def debug(self, value: bool) -> None:
        self.config["DEBUG"] = value
        self.settings["debug"] = bool(value)
        if self.config["TEMPLATES_AUTO_RELOAD"] is None:
            self.jinja_env.auto_reload = value

    # ------------------------------------------------------------ registration

    def register_blueprint(self, blueprint: Any, **options: Passed) -> None:
        """Register a blueprint.

        Args:
            blueprint: The blueprint.
            **options: `url_prefix`, `subdomain`, `url_defaults` and `name` in the place of its own; others are for
                what it has recorded.

        Raises:
            ValueError: There is a blueprint of this name.
        """
        self.check_late(f"the blueprint {getattr(blueprint, 'name', blueprint)!r}", caller()[0])
        self._check_setup_finished("register_blueprint")
        blueprint.register(self, options)

    def iter_blueprints(self) -> ValuesView[Any]:
        """Return the registered blueprints in order."""
        return self.blueprints.values()

    def _add_url_rule(self, rule: str, endpoint: Optional[str], view_func: Optional[Function], options: Values) -> None:
        self.check_late(f"the rule {rule!r}", caller()[0])
        self._check_setup_finished("add_url_rule")
        name = endpoint_from_view_func(view_func) if endpoint is None else endpoint
        if view_func is not None:
            check_callable(view_func, f"rule {rule!r}")
        methods = set(methods_of(view_func, options.pop("methods", None)))
        required = {item.upper() for item in getattr(view_func, "required_methods", ())}
        provide_automatic_options = options.pop("provide_automatic_options", None)
        if provide_automatic_options is None:
            provide_automatic_options = getattr(view_func, "provide_automatic_options", None)
        if provide_automatic_options is None:
            provide_automatic_options = "OPTIONS" not in methods and self.config["PROVIDE_AUTOMATIC_OPTIONS"]
        if provide_automatic_options:
            required.add("OPTIONS")
        check_arguments(rule)
        own = {key: options.pop(key) for key in list(options) if key not in RULE_OPTIONS}
        made = self.url_rule_class(rule, methods=methods | required, endpoint=name, **options)
        made.provide_automatic_options = bool(provide_automatic_options)  # type: ignore[attr-defined]  # as Flask
        made.route_options = own  # type: ignore[attr-defined]  # see `registration.rules`
        self.url_map.add(made)
        if view_func is not None:
            known = self.view_functions.get(name)
            if known is not None and known != view_func:
                raise AssertionError(
                    f"View function mapping is overwriting an existing endpoint function: {name}. Give one of the two "
                    "views another `endpoint`."
                )
            self.view_functions[name] = view_func

    def _template_function(self, place: str, name: Decorated) -> Function:
        """Return a decorator with or without parentheses that adds a function to the environment."""
        if callable(name):
            getattr(self, f"add_{place}")(name)
            return name

        def decorate(f: F) -> F:
            getattr(self, f"add_{place}")(f, name=name)
            return f

        return decorate

    @setupmethod
    def template_filter(self, name: Decorated = None) -> Function:
        """Register the decorated function as a template filter, under its own or another name."""
        return self._template_function("template_filter", name)

    @setupmethod
    def add_template_filter(self, f: Function, name: Optional[str] = None) -> None:
        """Register `f` as a template filter."""
        check_callable(f, "template filter")
        self.jinja_env.filters[name or f.__name__] = f

    @setupmethod
    def template_test(self, name: Decorated = None) -> Function:
        """Register the decorated function as a template test, under its own or another name."""
        return self._template_function("template_test", name)

    @setupmethod
    def add_template_test(self, f: Function, name: Optional[str] = None) -> None:
        """Register `f` as a template test."""
        check_callable(f, "template test")
        self.jinja_env.tests[name or f.__name__] = f

    @setupmethod
    def template_global(self, name: Decorated = None) -> Function:
        """Register the decorated function as a template global, under its own or another name."""
        return self._template_function("template_global", name)

    @setupmethod
    def add_template_global(self, f: Function, name: Optional[str] = None) -> None:
        """Register `f` as a template global."""
        check_callable(f, "template global")
        self.jinja_env.globals[name or f.__name__] = f

    @setupmethod
    def teardown_appcontext(self, f: F) -> F:
        """Call the decorated function at the end of each request and each app context."""
        check_callable(f, "teardown_appcontext")
        self.teardown_appcontext_funcs.append(f)
        return f

    @setupmethod
    def shell_context_processor(self, f: F) -> F:
        """Add the dict that the decorated function returns to the names of the shell."""
        check_callable(f, "shell_context_processor")
        self.shell_context_processors.append(f)
        return f

    # ------------------------------------------------------------ errors and URLs

    def _find_error_handler(self, e: BaseException, blueprints: Iterable[str]) -> Optional[Function]:
        """Return the handler of an error: by status before class, the nearest blueprint before the app."""
        kind, code = self._get_exc_class_and_code(type(e))
        names = (*blueprints, None)
        for status in (code, None) if code is not None else (None,):
            for name in names:
                handlers = self.error_handler_spec[name][status]
                for base in kind.__mro__ if handlers else ():
                    if base in handlers:
                        return handlers[base]
        return None

    def trap_http_exception(self, e: Exception) -> bool:
        """Return whether an HTTP error is handled as other exceptions are: `TRAP_HTTP_EXCEPTIONS` and its kin."""
        if self.config["TRAP_HTTP_EXCEPTIONS"]:
            return True
        traps = self.config["TRAP_BAD_REQUEST_ERRORS"]
        if traps is None and self.debug and isinstance(e, BadRequestKeyError):
            return True  # a missing key of a form is likely to be a slip of the author's
        return bool(traps) and isinstance(e, BadRequest)

    def should_ignore_error(self, error: Optional[BaseException]) -> bool:
        """Return whether teardown functions are not told of an error; made to be overridden."""
        return False

    def redirect(self, location: str, code: int = 302) -> WerkzeugResponse:
        """Return a response that redirects the client to another URL."""
        return _redirect(location, code=code, Response=self.response_class)

    def inject_url_defaults(self, endpoint: str, values: Values) -> None:
        """Have the functions of `url_defaults` extend the values of a URL."""
        names: Iterable[Optional[str]] = (None,)
        if "." in endpoint:
            names = (None, *reversed(blueprint_path(endpoint.rpartition(".")[0])))
        for name in names:
            for function in self.url_default_functions.get(name, ()):
                function(endpoint, values)

    def handle_url_build_error(self, error: RoutingBuildError, endpoint: str, values: Values) -> str:
        """Return the URL that a function of `url_build_error_handlers` has for one that can't be built, or raise."""
        for handler in self.url_build_error_handlers:
            try:
                found: Optional[str] = handler(error, endpoint, values)
            except RoutingBuildError as raised:
                error = raised
            else:
                if found is not None:
                    return found
        raise error


#: The options of a rule that are Werkzeug's; others are route options.
RULE_OPTIONS = frozenset(
    "defaults subdomain build_only strict_slashes merge_slashes redirect_to alias host websocket".split()
)


def get_debug_flag() -> bool:
    """Return whether the environment variable FLASK_DEBUG asks for development mode."""
    value = os.environ.get("FLASK_DEBUG")
    return bool(value and value.lower() not in {"0", "false", "no"})
