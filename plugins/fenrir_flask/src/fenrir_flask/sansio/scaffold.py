"""What applications and blueprints have in common: registration of views, hooks and error handlers."""

from __future__ import annotations

import functools
import importlib.util
import os
import pathlib
import sys
from importlib.machinery import ModuleSpec
from typing import Any, Callable, Dict, Iterable, Optional, Tuple, Type, TypeVar, Union, cast

import jinja2
from werkzeug.exceptions import HTTPException, default_exceptions

from fenrir_core.authoring import ErrorFunction, F, caller, check_callable, refuse_bare

from .._types import Function, Passed, ReturnValue, Values
from ..exceptions import SetupFinished
from ..state import error_spec, scoped_functions
from .options import Folder

M = TypeVar("M", bound=Function)


def setupmethod(f: M) -> M:
    """Have a method refused once the app has handled a request."""

    @functools.wraps(f)
    def checked(self: Scaffold, *args: Passed, **kwargs: Passed) -> ReturnValue:
        try:
            self._check_setup_finished(f.__name__)
        except SetupFinished as error:
            subject = repr(args[0]) if args else ""
            raise SetupFinished(f"{caller()[0]}: {f.__name__}({subject}): {error}") from None
        value: ReturnValue = f(self, *args, **kwargs)
        return value

    return cast(M, checked)


class Scaffold:
    """The common part of `Flask` and `Blueprint`.

    Args:
        import_name: The name of the module that creates it: ``__name__``.
        static_folder: The folder with static files, relative to `root_path`, or None.
        static_url_path: Their URL prefix; the folder's name by default.
        template_folder: The folder with templates, relative to `root_path`, or None.
        root_path: The directory that folders are relative to; the module's own by default.
    """

    _static_folder: Optional[str] = None
    _static_url_path: Optional[str] = None
    name: str

    def __init__(
        self,
        import_name: str,
        static_folder: Folder = None,
        static_url_path: Optional[str] = None,
        template_folder: Folder = None,
        root_path: Optional[str] = None,
    ) -> None:
        self.import_name = import_name
        self.static_folder = static_folder
        self.static_url_path = static_url_path
        self.template_folder = template_folder
        self.root_path = get_root_path(import_name) if root_path is None else root_path
        self.view_functions: Dict[str, Function] = {}
        self.error_handler_spec = error_spec()
        self.before_request_funcs = scoped_functions()
        self.after_request_funcs = scoped_functions()
        self.teardown_request_funcs = scoped_functions()
        self.template_context_processors = scoped_functions()
        self.url_value_preprocessors = scoped_functions()
        self.url_default_functions = scoped_functions()

    def _check_setup_finished(self, f_name: str) -> None:
        """Raise where nothing may be registered any more."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    # ------------------------------------------------------------ folders

    @property
    def static_folder(self) -> Optional[str]:
        """The absolute path of the static folder, or None."""
        folder = self._static_folder
        return None if folder is None else os.path.join(self.root_path, folder)

    @static_folder.setter
    def static_folder(self, value: Folder) -> None:
        self._static_folder = None if value is None else os.fspath(value).rstrip(r"\/")

    @property
    def has_static_folder(self) -> bool:
        """Whether there is a static folder."""
        return self.static_folder is not None

    @property
    def static_url_path(self) -> Optional[str]:
        """The URL prefix of static files, or None."""
        if self._static_url_path is not None:
            return self._static_url_path
        folder = self.static_folder
        return None if folder is None else f"/{os.path.basename(folder)}".rstrip("/")

    @static_url_path.setter
    def static_url_path(self, value: Optional[str]) -> None:
        self._static_url_path = None if value is None else value.rstrip("/")

    @functools.cached_property
    def jinja_loader(self) -> Optional[jinja2.BaseLoader]:
        """The loader of its own templates, or None without a folder."""
        if self.template_folder is None:
            return None
        return jinja2.FileSystemLoader(os.path.join(self.root_path, self.template_folder))

    # ------------------------------------------------------------ routes

    def _method_route(self, method: str, rule: str, options: Values) -> Callable[[F], F]:
        if "methods" in options:
            raise TypeError("Use the 'route' decorator to use the 'methods' argument.")
        return self.route(rule, methods=[method], **options)

    @setupmethod
    def get(self, rule: str, **options: Passed) -> Callable[[F], F]:
        """Register the decorated view for GET; see `route`."""
        return self._method_route("GET", rule, options)

    @setupmethod
    def post(self, rule: str, **options: Passed) -> Callable[[F], F]:
        """Register the decorated view for POST; see `route`."""
        return self._method_route("POST", rule, options)

    @setupmethod
    def put(self, rule: str, **options: Passed) -> Callable[[F], F]:
        """Register the decorated view for PUT; see `route`."""
        return self._method_route("PUT", rule, options)

    @setupmethod
    def delete(self, rule: str, **options: Passed) -> Callable[[F], F]:
        """Register the decorated view for DELETE; see `route`."""
        return self._method_route("DELETE", rule, options)

    @setupmethod
    def patch(self, rule: str, **options: Passed) -> Callable[[F], F]:
        """Register the decorated view for PATCH; see `route`."""
        return self._method_route("PATCH", rule, options)

    @setupmethod
    def route(self, rule: str, **options: Passed) -> Callable[[F], F]:
        """Register the decorated view for a rule; see `add_url_rule`."""
        refuse_bare(rule, 'route("/path"), @app.get("/path") and so on')
        endpoint = options.pop("endpoint", None)

        def decorate(view: F) -> F:
            check_callable(view, f"rule {rule!r}")
            self.add_url_rule(rule, endpoint, view, **options)
            return view

        return decorate

    def add_url_rule(
        self,
        rule: str,
        endpoint: Optional[str] = None,
        view_func: Optional[Function] = None,
        provide_automatic_options: Optional[bool] = None,
        **options: Passed,
    ) -> None:
        """Register a view for a rule, or a rule whose view is registered by `endpoint`.

        Args:
            rule: A path template such as ``/users/<int:user_id>``. If it ends in "/", a request without the slash is
                redirected.
            endpoint: The name for `url_for`; the view's name by default.
            view_func: The view.
            provide_automatic_options: Whether OPTIONS is answered with the allowed methods; by default unless the
                rule has OPTIONS itself.
            **options: `methods`, and those of `werkzeug.routing.Rule`: `defaults`, `subdomain`, `host`,
                `strict_slashes`, `redirect_to`, …; further route options of the kernel and of plugins.

        Raises:
            AssertionError: The endpoint of an app has another view.
            RegistrationError: The endpoint of a blueprint, or the name of its view, contains a dot.
        """
        if provide_automatic_options is not None:
            options["provide_automatic_options"] = provide_automatic_options
        self._add_url_rule(rule, endpoint, view_func, options)

    def _add_url_rule(self, rule: str, endpoint: Optional[str], view_func: Optional[Function], options: Values) -> None:
        """Do what `add_url_rule` says."""
        raise NotImplementedError

    @setupmethod
    def endpoint(self, endpoint: str) -> Callable[[F], F]:
        """Register the decorated function as the view of an endpoint, whose rules are added without a view."""

        def decorate(function: F) -> F:
            self.view_functions[endpoint] = function
            return function

        return decorate

    # ------------------------------------------------------------ hooks

    @setupmethod
    def before_request(self, f: F) -> F:
        """Call the decorated function before each view; a value that it returns becomes the response."""
        check_callable(f, "before_request")
        self.before_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def after_request(self, f: F) -> F:
        """Call the decorated function with each response; it returns the response to send."""
        check_callable(f, "after_request")
        self.after_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def teardown_request(self, f: F) -> F:
        """Call the decorated function at the end of each request, with the unhandled exception or None."""
        check_callable(f, "teardown_request")
        self.teardown_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def context_processor(self, f: F) -> F:
        """Add the dict that the decorated function returns to the variables of each template."""
        check_callable(f, "context_processor")
        self.template_context_processors.setdefault(None, []).append(f)
        return f

    @setupmethod
    def url_value_preprocessor(self, f: F) -> F:
        """Call the decorated function with the endpoint and the values of the path, which it may change."""
        check_callable(f, "url_value_preprocessor")
        self.url_value_preprocessors.setdefault(None, []).append(f)
        return f

    @setupmethod
    def url_defaults(self, f: F) -> F:
        """Call the decorated function with the endpoint and the values of each `url_for`, which it may extend."""
        check_callable(f, "url_defaults")
        self.url_default_functions.setdefault(None, []).append(f)
        return f

    # ------------------------------------------------------------ errors

    @setupmethod
    def errorhandler(self, code_or_exception: Union[Type[BaseException], int]) -> Callable[[F], F]:
        """Register the decorated function as the handler of an exception class or a status."""
        refuse_bare(code_or_exception, "errorhandler(404) or @app.errorhandler(ValueError)", object)

        def decorate(f: F) -> F:
            self.register_error_handler(code_or_exception, f)
            return f

        return decorate

    @setupmethod
    def register_error_handler(self, code_or_exception: Union[Type[BaseException], int], f: Function) -> None:
        """Register `f` as the handler of an exception class or a status; it is called with the error.

        Raises:
            ValueError: The status has no error class.
            TypeError: It is neither an exception class nor a status.
        """
        check_callable(f, "error handler")
        ErrorFunction(f, ("error",))  # refuses parameters that nothing can fill
        kind, code = self._get_exc_class_and_code(code_or_exception)
        self.error_handler_spec[None][code][kind] = f

    @setupmethod
    def exception(self, *exceptions: Any) -> Callable[[F], F]:
        """Register the decorated function as the handler of exception classes.

        Args:
            *exceptions: Exception classes, or lists or sets of them.
        """
        from ..registration.hooks import exception_classes

        classes = exception_classes(exceptions)

        def decorate(function: F) -> F:
            for matches in classes:
                self.register_error_handler(matches, function)
            return function

        return decorate

    @staticmethod
    def _get_exc_class_and_code(
        exc_class_or_code: Union[Type[BaseException], int],
    ) -> Tuple[Type[BaseException], Optional[int]]:
        """Return the class and, for HTTP errors, the status of what a handler is registered for."""
        kind: object = exc_class_or_code
        if isinstance(exc_class_or_code, int):
            try:
                kind = default_exceptions[exc_class_or_code]
            except KeyError:
                raise ValueError(
                    f"'{exc_class_or_code}' is not a recognized HTTP error code. Use a subclass of HTTPException with "
                    "that code instead."
                ) from None
        if isinstance(kind, BaseException):
            raise TypeError(f"{kind!r} is an instance, not a class. Handlers can only be registered for classes.")
        if not isinstance(kind, type) or not issubclass(kind, BaseException):
            raise ValueError(f"'{getattr(kind, '__name__', kind)}' is not a subclass of Exception.")
        return kind, kind.code if issubclass(kind, HTTPException) else None


def endpoint_from_view_func(view_func: Optional[Function]) -> str:
    """Return the endpoint that a view has by default: its name."""
    assert view_func is not None, "expected view func if endpoint is not provided."
    return str(view_func.__name__)


#: The name under which extensions import it.
_endpoint_from_view_func = endpoint_from_view_func


def get_root_path(import_name: str) -> str:
    """Return the directory of a module, or the working directory where there is none.

    Raises:
        RuntimeError: It is a namespace package, which has no directory of its own.
    """
    module = sys.modules.get(import_name)
    file: Optional[str] = getattr(module, "__file__", None)
    if file is not None:
        return os.path.dirname(os.path.abspath(file))
    try:
        spec = importlib.util.find_spec(import_name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or (spec.origin is None and spec.submodule_search_locations is None):
        return os.getcwd()
    if spec.loader is not None and hasattr(spec.loader, "get_filename"):
        return os.path.dirname(os.path.abspath(str(spec.loader.get_filename(import_name))))
    if spec.origin and spec.has_location:
        return os.path.dirname(os.path.abspath(spec.origin))
    raise RuntimeError(
        f"No root path can be found for the provided module {import_name!r}. It is a namespace package: give the "
        "directory explicitly, root_path=…"
    )


def find_package(import_name: str) -> Tuple[Optional[str], str]:
    """Return the prefix that a package is installed under, or None, and the directory that contains it."""
    root, _, _ = import_name.partition(".")
    try:
        spec = importlib.util.find_spec(root)
    except (ImportError, ValueError):
        spec = None
    directory = _directory_of(spec, import_name)
    for prefix in (sys.prefix, sys.base_prefix):
        if pathlib.PurePath(prefix) in pathlib.PurePath(directory).parents:
            return prefix, directory
    parent, folder = os.path.split(directory)
    if folder.lower() == "site-packages":
        above, name = os.path.split(parent)
        if name.lower() == "lib":
            return above, directory
        if os.path.basename(above).lower() == "lib":
            return os.path.dirname(above), directory
        return parent, directory
    return None, directory


def _directory_of(spec: Optional[ModuleSpec], import_name: str) -> str:
    if spec is None:
        return os.getcwd()
    if spec.origin in (None, "namespace"):
        return _namespace_directory(spec, import_name)
    if spec.submodule_search_locations:
        return os.path.dirname(os.path.dirname(os.path.abspath(spec.origin)))
    return os.path.dirname(os.path.abspath(spec.origin))


def _namespace_directory(spec: ModuleSpec, import_name: str) -> str:
    locations: Iterable[str] = spec.submodule_search_locations or [os.getcwd()]
    chosen = next(iter(locations))
    try:
        inner = importlib.util.find_spec(import_name)
    except (ImportError, ValueError):
        inner = None
    places = list(inner.submodule_search_locations or ()) if inner is not None else []
    if places:
        package = pathlib.Path(places[0])
        chosen = next((item for item in locations if pathlib.Path(item) in [package, *package.parents]), chosen)
    elif inner is not None and inner.origin:
        file = pathlib.Path(inner.origin)
        chosen = next((item for item in locations if pathlib.Path(item) in file.parents), chosen)
    return os.path.dirname(chosen)
