"""The application class `Flask`: Flask's constructor and rules, with no other paradigm loaded."""

from __future__ import annotations

import functools
import os
import sys
import weakref
from datetime import timedelta
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Awaitable, List, Mapping, Optional, Type, Union

import jinja2
from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import Rule as Rule

from fenrir_core import current
from fenrir_core.authoring import FormLimits, mark_coroutine_function, run_app, targets_of
from fenrir_wsgi import WSGICallable, as_wsgi

from . import resources
from ._types import Passed, SomeResponse, Stored, Values
from .ctx import AppContext, current_context
from .error_handling import REDIRECT
from .globals import default_template_context, g
from .names import static_view
from .request import Request
from .response import Response
from .run_options import REFUSED, run_options
from .serving import TESTED, has_hooks, is_guarded, reason, request_signals
from .sessions import DEFAULT_INTERFACE, SessionInterface
from .slashes import merged, with_one_slash_in_front
from .templating import DispatchingJinjaLoader, Environment, environment_for
from .url_building import URLs
from .urls import builders_of

if TYPE_CHECKING:
    from .testing import FlaskClient, FlaskCliRunner

_DEFAULTS: Mapping[str, Stored] = MappingProxyType(
    {
        "DEBUG": None,
        "TESTING": False,
        "PROPAGATE_EXCEPTIONS": None,
        "SECRET_KEY": None,
        "SECRET_KEY_FALLBACKS": None,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
        "USE_X_SENDFILE": False,
        "TRUSTED_HOSTS": None,
        "SERVER_NAME": None,
        "APPLICATION_ROOT": "/",
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": None,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": False,
        "SESSION_COOKIE_PARTITIONED": False,
        "SESSION_COOKIE_SAMESITE": None,
        "SESSION_REFRESH_EACH_REQUEST": True,
        "MAX_CONTENT_LENGTH": None,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 1_000,
        "SEND_FILE_MAX_AGE_DEFAULT": None,
        "TRAP_BAD_REQUEST_ERRORS": None,
        "TRAP_HTTP_EXCEPTIONS": False,
        "EXPLAIN_TEMPLATE_LOADING": False,
        "PREFERRED_URL_SCHEME": "http",
        "TEMPLATES_AUTO_RELOAD": None,
        "MAX_COOKIE_SIZE": 4093,
        "PROVIDE_AUTOMATIC_OPTIONS": True,
    }
)


class Flask(URLs):
    """An application in Flask's style alone.

    It is an ASGI application and a WSGI application at once: servers of either kind take it.

    Args:
        import_name: The name of the module that creates it: ``__name__``.
        static_url_path: The URL prefix of static files; the folder's name by default.
        static_folder: The folder with the static files, relative to `root_path`, or None.
        static_host: The host of the static files, with `host_matching`.
        host_matching: Whether rules have a host.
        subdomain_matching: Whether rules may have a subdomain of `SERVER_NAME`.
        template_folder: The folder with the templates, relative to `root_path`.
        instance_path: The absolute path of the instance folder; by default beside the module or package.
        instance_relative_config: Whether files of the configuration are relative to the instance folder.
        root_path: The directory that folders are relative to; the module's own by default.
        **settings: Settings of the kernel, as for `fenrir_core.App`, such as ``nonblocking=True``; keys of the
            configuration in lower case, such as ``secret_key=…``.

    Views return str or bytes (HTML), dict or list (JSON), iterators (streamed), responses, or
    tuples with status and headers. HTTP errors are HTML pages. A request without the trailing
    slash of a rule is redirected.

    Raises:
        BuildError: A setting is unknown or has a wrong value.
    """

    default_config = ImmutableDict(_DEFAULTS)
    request_class: Type[Request] = Request
    response_class: Type[Response] = Response
    _default_template_context = staticmethod(default_template_context)
    jinja_environment = Environment
    session_interface: SessionInterface = DEFAULT_INTERFACE

    @functools.cached_property
    def cli(self) -> Any:
        """The group of its commands."""
        from .cli import AppGroup

        group = AppGroup()
        group.name = self.name
        return group

    def _add_static_rule(self, static_host: Optional[str]) -> None:
        view = static_view(weakref.ref(self))
        self.add_url_rule(f"{self.static_url_path}/<path:filename>", "static", view, host=static_host)

    # ------------------------------------------------------------ serving

    def __call__(self, scope: Any, receive: Any, send: Any = None) -> Union[Awaitable[None], Any]:
        """Serve a connection (ASGI 3.0), or a request (WSGI: the environment and `start_response`)."""
        if send is None:
            if not isinstance(scope, dict):
                raise TypeError(
                    f"{self!r} was called with {scope!r:.60}, which is neither a scope of ASGI nor an environment of "
                    "WSGI. Granian is told which protocol to speak: granian --interface asgi."
                )
            return self._serve_wsgi(scope, receive)
        if request_signals.connections != self._connections_seen:
            self._follow_signals()
        return super().__call__(scope, receive, send)

    mark_coroutine_function(__call__)

    #: What serves requests of a WSGI server where plugins guard them; None before the first request.
    _bridge: Optional[WSGICallable] = None
    _is_guarded: Optional[bool] = None

    def _serve_wsgi(self, environ: Values, start_response: Any) -> Any:
        """Serve a WSGI request by the app's own methods, or with all that plugins add where they guard it."""
        if self._is_guarded is None:
            self._is_guarded = is_guarded(self)  # type: ignore[arg-type]  # as above
        if not self._is_guarded or TESTED in environ:
            return self.wsgi_app(environ, start_response)
        if self._bridge is None:
            self._bridge = as_wsgi(self)
        return self._bridge(environ, start_response)

    def _no_match(self, found: Any, router: Any, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        location = found.redirect
        if "//" in scope["path"] and scope["type"] == "http" and not found.allowed:
            inner = with_one_slash_in_front(scope)
            if inner is not None:
                return self._serve(inner, receive, send)
            if location is None and found.mount is None:
                found = merged(self.url_map, scope, found)
                location = found.redirect
        if location is not None and not found.allowed and found.mount is None and has_hooks(self):  # type: ignore[arg-type]  # an app with more
            # COMPAT: the functions around requests run where a slash is missing, too
            scope = {**scope, REDIRECT: self.redirect_location(location, scope)}
            return self.answer(404, scope, receive, send)
        return super()._no_match(found, router, scope, receive, send)

    #: Why requests of a server of ASGI are served by the methods of the app; None if they are by compiled routes.
    walk: Optional[str] = None
    _has_signals = False
    _connections_seen = 0

    def _follow_signals(self) -> None:
        """Have the app built anew where signals have receivers now, or have none any more."""
        self._connections_seen = request_signals.connections
        before = self._has_signals
        self._has_signals = request_signals.have_receivers(self)  # type: ignore[arg-type]  # an app with more
        if before is not self._has_signals and self.is_built:
            self.reopen()

    @property
    def raises_unhandled(self) -> bool:  # type: ignore[override]  # Flask decides by its configuration
        """Whether an unhandled error is raised to the server: `PROPAGATE_EXCEPTIONS`, else in tests and debug mode."""
        propagates = self.config["PROPAGATE_EXCEPTIONS"]
        return bool(self.testing or self.debug) if propagates is None else bool(propagates)

    def build(self) -> None:
        """Check everything that was registered, compile it and freeze it; once.

        Raises:
            BuildError: Something is put together wrongly.
        """
        if not self.is_built:
            self.walk = reason(self)  # type: ignore[arg-type]  # an app with more
            self.settings["debug"] = self.debug
            self.settings["derive_options"] = bool(self.config["PROVIDE_AUTOMATIC_OPTIONS"])
            limit = self.config["MAX_CONTENT_LENGTH"]
            if limit is not None:
                self.settings["max_body"] = limit
            self._url_builders = None if self.walk else builders_of(self.url_map)
            super().build()
            for target in targets_of(self):
                target.form_limits = self._form_limits()

    def _form_limits(self) -> FormLimits:
        """Return what a form may contain where compiled routes read it."""
        parts, size = self.config["MAX_FORM_PARTS"], self.config["MAX_FORM_MEMORY_SIZE"]
        parts, size = (sys.maxsize if limit is None else int(limit) for limit in (parts, size))
        return FormLimits(parts, parts, size, only_multipart=True)

    # ------------------------------------------------------------ files and templates

    def get_send_file_max_age(self, filename: Optional[str]) -> Optional[int]:
        """Return how many seconds browsers may keep a file, or None: `SEND_FILE_MAX_AGE_DEFAULT`."""
        return resources.max_age_of(filename)

    def send_static_file(self, filename: str) -> SomeResponse:
        """Return the response with a file of the static folder.

        Raises:
            RuntimeError: There is no static folder.
            NotFound: There is no such file.
        """
        return resources.static_file(self, filename)

    def open_resource(self, resource: str, mode: str = "rb", encoding: Optional[str] = None) -> IO[Any]:
        """Open a file relative to `root_path` for reading."""
        return resources.open_file(self.root_path, resource, mode, encoding)

    def open_instance_resource(self, resource: str, mode: str = "rb", encoding: Optional[str] = "utf-8") -> IO[Any]:
        """Open a file of the instance folder."""
        path = os.path.join(self.instance_path, resource)
        return open(path, mode) if "b" in mode else open(path, mode, encoding=encoding)

    def create_global_jinja_loader(self) -> jinja2.BaseLoader:
        """Return the loader of the app's environment: the app's templates, then those of the blueprints."""
        return DispatchingJinjaLoader(self)  # type: ignore[arg-type]  # an app with more

    def create_jinja_environment(self) -> jinja2.Environment:
        """Return a new Jinja2 environment with Flask's globals."""
        return environment_for(self)  # type: ignore[arg-type]  # an app with more

    def update_template_context(self, context: Any, *args: Passed) -> None:
        """Add what context processors return to the variables of a template; those that it has are kept.

        Args:
            context: The variables, a dict.
            *args: The variables, where the context of the request comes before.
        """
        variables: Values = args[-1] if args else context
        names: List[Optional[str]] = [None]
        connection = current.get(None)
        if connection is not None:
            context = current_context("templates")
            if context.has_request:
                names.extend(reversed(context.request.blueprints))
        given = dict(variables)
        for name in names:
            for function in self.template_context_processors.get(name, ()):
                variables.update(self.ensure_sync(function)())
        variables.update(given)

    def make_shell_context(self) -> Values:
        """Return the names of the shell."""
        found: Values = {"app": self, "g": g}
        for function in self.shell_context_processors:
            found.update(function())
        return found

    # ------------------------------------------------------------ contexts and tests

    def app_context(self) -> AppContext:
        """Return a context manager for code outside of requests, where `current_app`, `g` and `url_for` work."""
        return AppContext(self)  # type: ignore[arg-type]  # an app with more

    def test_request_context(self, *args: Passed, **kwargs: Passed) -> AppContext:
        """Return a context manager with a request that no client sent, for tests and scripts.

        Args:
            *args, **kwargs: As for `werkzeug.test.EnvironBuilder`: the path, `method`, `query_string`, `headers`,
                `data`, `json`, `content_type`, …; further `base_url`, `subdomain` and `url_scheme`.
        """
        from .testing import EnvironBuilder

        builder = EnvironBuilder(self, *args, **kwargs)
        try:
            return self.request_context(builder.get_environ())  # type: ignore[no-any-return]
        finally:
            builder.close()

    def test_client(self, use_cookies: bool = True, **kwargs: Passed) -> FlaskClient:
        """Return a client of the app for tests."""
        kind = self.test_client_class
        if kind is None:
            from .testing import FlaskClient as kind
        return kind(self, self.response_class, use_cookies=use_cookies, **kwargs)  # type: ignore[misc,no-any-return]

    def test_cli_runner(self, **kwargs: Passed) -> FlaskCliRunner:
        """Return a runner of the app's commands for tests."""
        kind = self.test_cli_runner_class
        if kind is None:
            from .testing import FlaskCliRunner as kind
        return kind(self, **kwargs)  # type: ignore[misc,no-any-return]

    # ------------------------------------------------------------ the development server

    def run(
        self,
        host: Optional[str] = None,
        port: Optional[int] = None,
        debug: Optional[bool] = None,
        load_dotenv: bool = True,
        **options: Passed,
    ) -> None:
        """Serve the app in this process until SIGTERM or Ctrl+C; needs fenrir-cli.

        Args:
            host: Where to listen; by default as `SERVER_NAME` says, else this machine alone.
            port: The port; by default as `SERVER_NAME` says, else 5000.
            debug: Whether browsers get pages about errors, and the app is loaded anew after each change.
            load_dotenv: Accepted as in Flask without python-dotenv: no file is read, unless `env_file` names one.
            **options: Options of `fenrir run` with underscores; of Werkzeug's server `use_reloader`, `processes`,
                `ssl_context` with the names of two files.

        Raises:
            BuildError: fenrir-cli is missing, or an option can't be honoured.
        """
        if debug is not None:
            self.debug = bool(debug)
        name, _, number = (self.config.get("SERVER_NAME") or "").partition(":")
        port = int(number or 5000) if port is None else port
        run_app(self, host or name or "127.0.0.1", port, refused=REFUSED, debug=self.debug, **run_options(options))
