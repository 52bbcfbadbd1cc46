"""Sanic's own application: only this paradigm, with Sanic's rules."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterable, Optional
from urllib.parse import quote

from fenrir_core import App, BuildError, CannotBuildURL
from fenrir_core.authoring import run_app

from . import error_handling, hooks, listeners, registration, tasks
from .config import Config
from .exceptions import URLBuildError
from .registration import Decorators, Registration
from .run_options import REFUSED, run_options
from .state import State
from .supervised_tasks import SupervisedTasks

_is_name = re.compile(r"[a-zA-Z_][a-zA-Z0-9_\-]*").fullmatch


class Sanic(Decorators, App):  # type: ignore[misc]
    """An ASGI application with Sanic's methods and rules.

    A handler takes the request first and returns a response; errors are answered with Sanic's
    error pages; ``/x/`` is ``/x`` unless `strict_slashes` is true.

    Args:
        name: Letters, digits, ``_`` and ``-``; precedes the names of routes.
        config: The configuration; a `Config` by default.
        ctx: An object for the app's own use; a namespace by default.
        env_prefix: The prefix of the environment variables that `config` reads.
        request_class: A subclass of `Request` for all requests.
        strict_slashes: Whether ``/x/`` is another path than ``/x``.
        log_config, configure_logging: Accepted as in Sanic; logging is not changed.
        dumps, loads: Accepted as in Sanic; pass them to `json()` and `load_json()` instead.
        **settings: As of `fenrir_core.App`.

    Raises:
        BuildError: The name can't be used.
    """

    paradigm = "sanic"
    raises_unhandled = False

    def __init__(
        self,
        name: str,
        config: Optional[Config] = None,
        ctx: Any = None,
        env_prefix: Optional[str] = "SANIC_",
        request_class: Any = None,
        strict_slashes: bool = False,
        log_config: Any = None,
        configure_logging: bool = True,
        dumps: Optional[Callable[..., Any]] = None,
        loads: Optional[Callable[..., Any]] = None,
        **settings: Any,
    ) -> None:
        if not isinstance(name, str) or _is_name(name) is None:
            raise BuildError(f"The app's name {name!r} must be letters, digits, '_' and '-', no digit first.")
        self.name = name
        self.config: Config = config if config is not None else Config(env_prefix=env_prefix)
        given: Dict[str, Any] = {
            "trailing_slash": "strict" if strict_slashes else "accept",
            "max_body": self.config.get("REQUEST_MAX_SIZE"),
            **settings,
        }
        super().__init__(**given)
        self.ctx: Any = ctx if ctx is not None else SimpleNamespace()
        self.strict_slashes = strict_slashes
        if request_class is not None:
            self.store(State).request_class = request_class

    def __repr__(self) -> str:
        return f"Sanic(name={self.name!r})"

    def _add(self, item: Registration) -> None:
        registration.add_route(self, replace(item, name=f"{self.name}.{item.name}"))

    def _middleware(self, function: Callable[..., Any], kind: str, priority: int) -> None:
        hooks.register_middleware(self, function, kind, priority=priority)

    def _listener(self, function: Callable[..., Any], phase: str, priority: int) -> None:
        listeners.register_listener(self, function, phase, priority=priority)

    def _exception(self, function: Callable[..., Any], kinds: Iterable[Any]) -> None:
        error_handling.register(self, function, kinds)

    def blueprint(self, blueprint: Any, **options: Any) -> None:
        """Register a blueprint, a group or a list of them; see `fenrir_sanic.registration.blueprint`."""
        registration.blueprint(self, blueprint, **options)

    @property
    def blueprints(self) -> Dict[str, Any]:
        """The blueprints by name."""
        return dict(self.store(State).blueprints)

    @property
    def debug(self) -> bool:
        """Whether the app runs in development mode."""
        return bool(self.settings["debug"])

    add_task = tasks.add_task
    get_task = tasks.get_task
    cancel_task = tasks.cancel_task
    purge_tasks = tasks.purge_tasks

    @property
    def tasks(self) -> SupervisedTasks:
        """The supervised tasks."""
        return tasks.tasks_of(self)

    def run(self, host: Optional[str] = None, port: Optional[int] = None, **options: Any) -> None:
        """Serve the app in this process until SIGTERM or Ctrl+C; needs fenrir-cli.

        Args:
            host: Where to listen; this machine alone by default.
            port: The port; 8000 by default.
            **options: `debug`, `auto_reload`, `dev` (both of them), `workers`, `access_log`, `ssl` (a mapping of `cert`
                and `key`, two file names), `unix`, `single_process`, and the options of `fenrir run`, with underscores.

        Raises:
            BuildError: fenrir-cli is not installed, or an option can't be honoured.
            SystemExit: It can't be served; the message is on stderr.
        """
        run_app(self, host or "127.0.0.1", 8000 if port is None else port, refused=REFUSED, **run_options(options))

    def url_for(self, view_name: str, **values: Any) -> str:
        """Build the URL of a route by its name, with or without the app's.

        Args:
            view_name: ``handler`` or ``blueprint.handler``, both also with the app's name in front.
            **values: Path values; the others become the query. `_anchor`, `_external`,
                `_scheme` and `_server` set further parts of the URL.

        Raises:
            URLBuildError: No route of this name takes these values.
        """
        anchor, server = values.pop("_anchor", ""), values.pop("_server", None) or self.config.get("SERVER_NAME")
        external, scheme = values.pop("_external", False), values.pop("_scheme", "")
        names = [view_name, f"{self.name}.{view_name}", view_name.partition(".")[2]]
        name = next((item for item in names if self.has_route(item)), view_name)
        try:
            path = self.url_path(name, **values)
        except (CannotBuildURL, ValueError) as error:
            raise URLBuildError(str(error)) from error
        if external or scheme:
            if not server:
                raise URLBuildError("An external URL needs `_server`, or SERVER_NAME in the configuration.")
            host = server.partition("://")[2] or server
            path = f"{scheme or server.partition('://')[0] if '://' in server else scheme or 'http'}://{host}{path}"
        return f"{path}#{quote(anchor)}" if anchor else path
