"""The methods of an app that serve it, as far as an ASGI app can."""

from __future__ import annotations

import signal
from typing import Any, ClassVar, NoReturn, Optional, Set, Tuple

from fenrir_core.authoring import F, run_app

from .exceptions import SanicException
from .helpers import _default
from .models.futures import FutureCommand
from .run_options import REFUSED, run_options
from .values import AnyCallable, Values

_NO_SERVER = "Sanic's own server is not here: serve the app with app.run(), `fenrir run` or any other ASGI server."


class ServerMethods:
    """The methods that serve an app through `fenrir run`, and those that only Sanic's own server could have."""

    state: Any
    #: Accepted as in Sanic: the server decides how processes start.
    start_method: ClassVar[Any] = _default
    START_METHOD_SET: ClassVar[bool] = False
    sock = certloader_class = inspector_class = None
    go_fast = False
    websocket_enabled = True
    #: What `command` has kept; sanic-ext puts its own set in its place.
    _future_commands: Set[FutureCommand]

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
        app: Any = self
        run_app(app, host or "127.0.0.1", 8000 if port is None else port, refused=REFUSED, **run_options(options))

    def prepare(self, host: Optional[str] = None, port: Optional[int] = None, **options: Any) -> None:
        """Keep what `serve` is to serve with; the arguments are those of `run`."""
        self.__dict__["_prepared"] = {"host": host, "port": port, **options}

    def serve(self, primary: Any = None, **options: Any) -> None:
        """Serve the app as `prepare` has said; see `run`."""
        self.run(**self.__dict__.get("_prepared", {}))

    serve_single = serve

    async def _websocket_handler(self, handler: AnyCallable, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a WebSocket handler; nothing here does. COMPAT: sanic-ext looks for handlers that are wrapped in it."""
        return await handler(request, *args, **kwargs)

    async def create_server(self, *args: Any, **options: Any) -> NoReturn:
        """Raise an error: an ASGI server serves the app.

        Raises:
            SanicException: Always.
        """
        raise SanicException(_NO_SERVER)

    def stop(self, terminate: bool = True, unregister: bool = False) -> None:
        """Stop the server that serves the app in this process, as SIGTERM does.

        Args:
            terminate: Accepted as in Sanic.
            unregister: Whether the app's name is given up.
        """
        if unregister:
            type(self).unregister_app(self)  # type: ignore[attr-defined]
        if self.state.is_started and not self.state.is_stopping:
            self.state.is_stopping = True
            signal.raise_signal(signal.SIGTERM)

    def setup_loop(self) -> None:
        """Do nothing: the server makes the loop."""

    def motd(self, *args: Any, **options: Any) -> None:
        """Do nothing: the server says what it serves."""

    def get_motd_data(self, *args: Any, **options: Any) -> Tuple[Values, Values]:
        """Return nothing to say."""
        return {}, {}

    @property
    def serve_location(self) -> str:
        """Where the app is served, if it is known."""
        return self.get_server_location(self.__dict__.get("_prepared"))

    @staticmethod
    def get_server_location(server_settings: Optional[Values] = None) -> str:
        """Return the URL of a server with these settings."""
        if not server_settings:
            return ""
        scheme = "https" if server_settings.get("ssl") else "http"
        return f"{scheme}://{server_settings.get('host') or '127.0.0.1'}:{server_settings.get('port') or 8000}"

    @staticmethod
    def get_address(
        host: Optional[str], port: Optional[int], version: Any = None, auto_tls: bool = False
    ) -> Tuple[str, int]:
        """Return the address with its defaults."""
        return host or "127.0.0.1", 8000 if port is None else port

    @classmethod
    def should_auto_reload(cls) -> bool:
        """Return False: `fenrir run --reload` reloads."""
        return False

    def set_serving(self, serving: bool) -> None:
        """Take note of whether the app serves."""
        self.state.is_running = serving

    def ack(self) -> None:
        """Do nothing: there is no worker manager to tell."""

    def refresh(self, passthru: Optional[Values] = None) -> Any:
        """Return the app."""
        return self

    @property
    def inspector(self) -> NoReturn:
        """There is none.

        Raises:
            SanicException: Always.
        """
        raise SanicException(_NO_SERVER)

    @property
    def manager(self) -> NoReturn:
        """There is none.

        Raises:
            SanicException: Always.
        """
        raise SanicException(_NO_SERVER)

    @property
    def m(self) -> NoReturn:
        """There is no multiplexer.

        Raises:
            SanicException: Always.
        """
        raise SanicException(_NO_SERVER)

    @property
    def reload_dirs(self) -> Any:
        """The directories that were named for reloading."""
        return self.state.reload_dirs

    @property
    def auto_reload(self) -> bool:
        """Whether the server reloads the app."""
        return bool(self.state.auto_reload)

    def make_coffee(self, *args: Any, **options: Any) -> None:
        """Serve the app; see `run`."""
        self.state.coffee = True
        self.run(*args, **options)

    def command(self, maybe_func: Optional[AnyCallable] = None, *, name: str = "") -> AnyCallable:
        """Keep a function that Sanic's command line could call; `fenrir` has commands of its own."""

        def decorate(function: F) -> F:
            self._future_commands.add(FutureCommand(name or function.__name__, function))
            return function

        return decorate if maybe_func is None else decorate(maybe_func)
