"""The application class `Flask`: Flask's constructor and rules, with no other paradigm loaded."""

from __future__ import annotations

import json as jsonlib
import logging
import os
import sys
from datetime import timedelta
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Union
from urllib.parse import urlencode

import jinja2

from fenrir_core import App, BuildError
from fenrir_core.authoring import F, RequestContext, refuse_bare, run_app

from . import hybrid_methods, registration
from .config import Config, config_of
from .ctx import AppContext
from .exceptions import SetupFinished
from .helpers import url_for
from .json.provider import DefaultJSONProvider, JSONProvider, provider_of
from .response import Response
from .run_options import REFUSED, run_options
from .sessions import SessionInterface
from .state import State
from .templating import Environment, environment_of


class Flask(App):
    """An application in Flask's style alone.

    Args:
        import_name: The name of the module that creates it: ``__name__``.
        static_url_path: The URL prefix of static files; the folder's name by default.
        static_folder: The folder with the static files, relative to `root_path`, or None.
        template_folder: The folder with the templates, relative to `root_path`.
        root_path: The directory that folders are relative to; the module's own by default.
        **settings: Settings by name, as for `fenrir_core.App`. Flask's other arguments are refused by name.

    Views return str or bytes (HTML), dict or list (JSON), iterators (streamed), responses, or
    tuples with status and headers. HTTP errors are HTML pages. A request without the trailing
    slash of a rule is redirected.

    Raises:
        BuildError: An argument is not supported, or a setting is unknown or has a wrong value.
    """

    paradigm = "flask"
    json_provider_class = DefaultJSONProvider
    response_class = Response
    jinja_environment = Environment
    jinja_options: Mapping[str, Any] = {}

    def __init__(
        self,
        import_name: str,
        static_url_path: Optional[str] = None,
        static_folder: Optional[str] = "static",
        *,
        template_folder: Optional[str] = "templates",
        root_path: Optional[str] = None,
        **settings: Any,
    ) -> None:
        for name in ("static_host", "host_matching", "subdomain_matching", "instance_path", "instance_relative_config"):
            if settings.pop(name, None):
                raise BuildError(f"Flask({import_name!r}): {name} is not supported.")
        settings.setdefault("session_cookie_samesite", None)
        super().__init__(
            static_url_path=static_url_path, static_folder=static_folder, template_folder=template_folder, **settings
        )
        self.import_name = import_name
        self.root_path = root_path or registration.root_path_of(import_name)
        self.name = _stem() if import_name == "__main__" else import_name
        self.logger = logging.getLogger(self.name)

    # ------------------------------------------------------------ configuration

    @property
    def config(self) -> Config:
        """The configuration: the settings by Flask's names, and the application's own keys."""
        return config_of(self)

    @property
    def secret_key(self) -> Union[str, bytes, None]:
        """The key that signs the session cookie."""
        return self.settings["secret_key"]  # type: ignore[no-any-return]

    @secret_key.setter
    def secret_key(self, value: Union[str, bytes, None]) -> None:
        self.settings["secret_key"] = value

    @property
    def permanent_session_lifetime(self) -> timedelta:
        """How long a permanent session lasts."""
        return self.settings["permanent_session_lifetime"]  # type: ignore[no-any-return]

    @permanent_session_lifetime.setter
    def permanent_session_lifetime(self, value: Union[timedelta, int]) -> None:
        self.settings["permanent_session_lifetime"] = value

    @property
    def debug(self) -> bool:
        """Whether the app is in development mode."""
        return bool(self.settings["debug"])

    @debug.setter
    def debug(self, value: bool) -> None:
        self.settings["debug"] = value

    @property
    def raises_unhandled(self) -> bool:  # type: ignore[override]  # Flask decides by its configuration
        """Whether an unhandled error is raised to the server: `PROPAGATE_EXCEPTIONS`, else in tests and debug mode."""
        propagates = self.config.get("PROPAGATE_EXCEPTIONS")
        return self.testing or self.debug if propagates is None else bool(propagates)

    @property
    def testing(self) -> bool:
        """Whether the app is under test: the configuration key TESTING."""
        return bool(self.config.get("TESTING", False))

    @testing.setter
    def testing(self, value: bool) -> None:
        self.config["TESTING"] = value

    @property
    def session_interface(self) -> Optional[SessionInterface]:
        """The interface that opens and saves sessions, or None for the signed cookie."""
        return hybrid_methods.get_session_interface(self)

    @session_interface.setter
    def session_interface(self, value: Optional[SessionInterface]) -> None:
        hybrid_methods.set_session_interface(self, value)

    @property
    def json(self) -> JSONProvider:
        """The provider that serializes and parses JSON."""
        return provider_of(self)

    @json.setter
    def json(self, value: JSONProvider) -> None:
        self.store(State).json = value

    @property
    def jinja_env(self) -> jinja2.Environment:
        """The Jinja2 environment, created at its first use."""
        return environment_of(self)

    @property
    def static_folder(self) -> Optional[str]:
        """The absolute path of the static folder, or None."""
        folder = self.settings["static_folder"]
        return None if folder is None else os.path.join(self.root_path, folder)

    @property
    def template_folder(self) -> Optional[str]:
        """The template folder, as it was set."""
        return self.settings["template_folder"]  # type: ignore[no-any-return]

    @property
    def blueprints(self) -> Dict[str, Any]:
        """The registered blueprints by full name."""
        return self.store(State).blueprints

    @property
    def extensions(self) -> Dict[str, Any]:
        """The state of extensions, by name."""
        return self.store(State).extensions

    @property
    def url_build_error_handlers(self) -> List[Callable[..., Any]]:
        """Functions `(error, endpoint, values)` that may return a URL when `url_for` can't build one."""
        return self.store(State).url_build_error_handlers

    # ------------------------------------------------------------ registration

    def route(  # type: ignore[override]
        self,
        rule: str,
        methods: Optional[Iterable[str]] = None,
        *,
        endpoint: Optional[str] = None,
        name: Optional[str] = None,
        **options: Any,
    ) -> Callable[[F], F]:
        """Register the decorated view for a rule; see `add_url_rule`."""
        refuse_bare(rule, 'route("/path"), @app.get("/path") and so on')

        def decorate(view: F) -> F:
            self.add_url_rule(rule, endpoint or name, view, methods=methods, **options)
            return view

        return decorate

    add_url_rule = registration.add_url_rule
    errorhandler = registration.errorhandler
    exception = registration.exception
    register_error_handler = registration.register_error_handler
    register_blueprint = registration.register_blueprint
    before_request = registration.before_request
    after_request = registration.after_request
    teardown_request = registration.teardown_request
    teardown_appcontext = registration.teardown_appcontext
    url_value_preprocessor = registration.url_value_preprocessor
    url_defaults = registration.url_defaults
    context_processor = registration.context_processor
    template_filter = registration.template_filter
    template_test = registration.template_test
    template_global = registration.template_global
    add_template_filter = registration.add_template_filter
    add_template_test = registration.add_template_test
    add_template_global = registration.add_template_global

    def check_late(self, what: str, where: str) -> None:
        """Refuse what is registered after the first request, as Flask does.

        Raises:
            SetupFinished: The app has handled a request.
        """
        if self.has_served:
            raise SetupFinished(
                f"{where}: {what} can't be added: the app has already handled its first request. Register everything "
                "before it: where the app is made, or in modules that are imported there."
            )
        super().check_late(what, where)

    # ------------------------------------------------------------ contexts

    def app_context(self) -> AppContext:
        """Return a context manager for code outside of requests, where `current_app`, `g` and `url_for` work."""
        return AppContext(self)

    def test_request_context(
        self,
        path: str = "/",
        method: str = "GET",
        *,
        query_string: Union[str, Mapping[str, Any], None] = None,
        headers: Optional[Mapping[str, str]] = None,
        data: Union[bytes, str, Mapping[str, Any], None] = None,
        json: Any = None,
        content_type: Optional[str] = None,
    ) -> RequestContext:
        """Return a context manager with a request that no client sent, for tests and scripts.

        Args:
            path: The path, with a query after "?".
            method: The method.
            query_string: The query, as text or a mapping, if `path` has none.
            headers: Extra headers.
            data: The body: bytes, text, or a mapping that becomes a form.
            json: A value that becomes a JSON body.
            content_type: The media type of the body.
        """
        if query_string:
            query = query_string if isinstance(query_string, str) else urlencode(query_string, doseq=True)
            path = f"{path}?{query}"
        body, kind = _body(data, json)
        kind = content_type or kind
        sent = {**({"content-type": kind} if kind else {}), **(headers or {})}
        return self.request_context(path, method, headers=sent, body=body)

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Build the URL of a route, in a request or an app context; see `fenrir_flask.url_for`."""
        return url_for(endpoint, **values)

    def run(
        self,
        host: Optional[str] = None,
        port: Optional[int] = None,
        debug: Optional[bool] = None,
        load_dotenv: bool = True,
        **options: Any,
    ) -> None:
        """Serve the app in this process until SIGTERM or Ctrl+C; needs fenrir-cli.

        Args:
            host: Where to listen; by default as `SERVER_NAME` says, else this machine alone.
            port: The port; by default as `SERVER_NAME` says, else 5000.
            debug: Whether browsers get pages about errors, and the app is loaded anew after each change.
            load_dotenv: Accepted as in Flask without python-dotenv: no file is read, unless `env_file` names one.
            **options: `use_reloader`, `processes`, `ssl_context` (two file names), `threaded` (true), and the options
                of `fenrir run`, with underscores.

        Raises:
            BuildError: fenrir-cli is not installed, or an option can't be honoured.
            SystemExit: It can't be served; the message is on stderr.
        """
        if debug is not None:
            self.debug = bool(debug)
        name, _, number = (self.config.get("SERVER_NAME") or "").partition(":")
        port = int(number or 5000) if port is None else port
        run_app(self, host or name or "127.0.0.1", port, refused=REFUSED, debug=self.debug, **run_options(options))

    def __repr__(self) -> str:
        return f"<Flask {self.name!r}>"


def _stem() -> str:
    file = getattr(sys.modules["__main__"], "__file__", None)
    return os.path.splitext(os.path.basename(file))[0] if file else "__main__"


def _body(data: Any, json: Any) -> Any:
    if json is not None:
        return jsonlib.dumps(json).encode(), "application/json"
    if isinstance(data, Mapping):
        return urlencode(data, doseq=True).encode(), "application/x-www-form-urlencoded"
    return (data.encode() if isinstance(data, str) else data or b""), None
