"""`run`, and the reloader of `run(reloader=True)`."""

from __future__ import annotations

import _thread
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Iterable, Iterator, Mapping, Optional, Type, Union

from fenrir_core import App
from fenrir_core.authoring import run_app

from ._flags import debug as set_debug
from ._flags import flags
from ._version import __version__
from .default_app import default_app
from .loading import load
from .servers import ServerAdapter, server_names
from .structures import Values


def has_cli() -> bool:
    """Return whether the servers of `fenrir run` are there."""
    return importlib.util.find_spec("fenrir_cli") is not None


_CHILD, _LOCK = "BOTTLE_CHILD", "BOTTLE_LOCKFILE"
_RELOAD = 3


def load_app(target: str) -> Any:
    """Return the app that a target names, or the default app that its module fills.

    While the module is imported, `run` does nothing and another default app is in place.

    Args:
        target: As for `load`.
    """
    before, flags.norun = flags.norun, True
    fresh = default_app.push()
    try:
        found = load(target)
        return found if callable(found) else fresh
    finally:
        default_app.remove(fresh)
        flags.norun = before


def run(
    app: Any = None,
    server: Union[str, Type[ServerAdapter], ServerAdapter, None] = None,
    host: str = "127.0.0.1",
    port: int = 8080,
    interval: float = 1,
    reloader: bool = False,
    quiet: bool = False,
    plugins: Optional[Iterable[Any]] = None,
    debug: Optional[bool] = None,
    config: Optional[Mapping[str, Any]] = None,
    **kargs: Any,
) -> None:
    """Serve an app until SIGTERM or Ctrl+C; in a module that `load_app` imports, do nothing.

    Without a server of WSGI it serves as `fenrir run` does, if fenrir-cli is installed.

    Args:
        app: An app, a WSGI application or a target for `load_app`; the default app if None.
        server: A server of WSGI (a name of `server_names`, an adapter, its class, or a target for `load`), or of ASGI,
            as of `fenrir run --server`.
        host: The address to listen at.
        port: The port.
        interval: How often the reloader of a WSGI server looks, in seconds.
        reloader: Whether to serve the app anew when a file changes.
        quiet: Whether to print nothing of requests.
        plugins: Plugins to install, or targets.
        debug: Whether errors have pages with tracebacks.
        config: Configuration for the app.
        **kargs: Options of the server.

    Raises:
        ValueError: The app is not callable, or there is no such server.
        BuildError: An option can't be honoured.
    """
    if flags.norun:
        return
    is_adapter = server in server_names or not (server is None or isinstance(server, str)) or ":" in str(server)
    needs_adapter = is_adapter or (server is None and not has_cli())
    if (needs_adapter or app is None) and reloader and not os.environ.get(_CHILD):
        _supervise(interval)  # the default app has no name under which another process could load it
        return
    if debug is not None:
        set_debug(debug)
    served = _app(app, plugins or (), config or {})
    if not needs_adapter and isinstance(served, App):
        options = {
            **({} if server is None else {"server": server}),
            **({"access_log": False} if quiet else {}),
            **kargs,
        }
        reload = reloader and app is not None
        with _checked(interval, reloader and not reload):
            run_app(served, host, port, debug=bool(debug), reload=reload, **options)
        return
    adapter = _adapter(server or "wsgiref", host, port, kargs)
    adapter.quiet = adapter.quiet or quiet
    if not adapter.quiet:
        print(f"Bottle (Fenrir {__version__}) on {adapter!r}", file=sys.stderr)
        print(f"Listening on {adapter._listen_url}\nHit Ctrl-C to quit.\n", file=sys.stderr, flush=True)
    with _checked(interval, reloader):
        adapter.run(served)


@contextmanager
def _checked(interval: float, reloader: bool) -> Iterator[None]:
    """Run a server, and end the process if its files change, for `_supervise` to start it again."""
    try:
        if not reloader:
            yield
            return
        checker = FileCheckerThread(os.environ.get(_LOCK, ""), interval)
        with checker:
            yield
        if checker.status == "reload":
            sys.exit(_RELOAD)
    except KeyboardInterrupt:
        pass
    except Exception:
        if not reloader:
            raise
        traceback.print_exc()
        time.sleep(interval)
        sys.exit(_RELOAD)


def _app(app: Any, plugins: Iterable[Any], config: Mapping[str, Any]) -> Any:
    found = load_app(app) if isinstance(app, str) else app or default_app()
    if not callable(found):
        raise ValueError(f"run() needs a WSGI application; {found!r} is not callable.")
    for plugin in plugins:
        found.install(load(plugin) if isinstance(plugin, str) else plugin)
    if config:
        found.config.update(config)
    return found


def _adapter(server: Any, host: str, port: int, options: Values) -> ServerAdapter:
    if isinstance(server, str):
        server = server_names[server] if server in server_names or ":" not in server else load(server)
    if isinstance(server, type):
        server = server(host=host, port=port, **options)
    if not isinstance(server, ServerAdapter):
        raise ValueError(f"{server!r} is no server. There are: {', '.join(server_names)}.")
    return server


def _supervise(interval: float) -> None:
    """Run this program as a child process, again whenever it asks for that."""
    descriptor, lock = tempfile.mkstemp(prefix="bottle.", suffix=".lock")
    os.close(descriptor)
    command = [sys.executable, *sys.argv]
    package = getattr(sys.modules.get("__main__"), "__package__", None)
    if package:
        command[1:1] = ["-m", package]
    environ = {**os.environ, _CHILD: "true", _LOCK: lock}
    try:
        while os.path.exists(lock):
            child = subprocess.Popen(command, env=environ)
            while child.poll() is None:
                os.utime(lock, None)  # the child ends when this process does
                time.sleep(interval)
            if child.returncode != _RELOAD:
                sys.exit(child.returncode)
    except KeyboardInterrupt:
        pass
    finally:
        if os.path.exists(lock):
            os.unlink(lock)


class FileCheckerThread(threading.Thread):
    """A thread that interrupts the main thread when a module's file changes or the parent process is gone.

    Args:
        lockfile: The file that the parent touches.
        interval: How often to look, in seconds.
    """

    def __init__(self, lockfile: str, interval: float) -> None:
        super().__init__(daemon=True)
        self.lockfile, self.interval = lockfile, interval
        #: Why it ended: ``reload``, ``error`` or ``exit``.
        self.status: Optional[str] = None
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until there is a reason to end."""
        files = {path: os.stat(path).st_mtime for path in _module_files()}
        while not self.status:
            if not os.path.exists(self.lockfile) or os.stat(self.lockfile).st_mtime < time.time() - self.interval - 5:
                self.status = "error"
                _thread.interrupt_main()
            elif any(not os.path.exists(path) or os.stat(path).st_mtime > then for path, then in files.items()):
                self.status = "reload"
                _thread.interrupt_main()
            self._ended.wait(self.interval)

    def __enter__(self) -> None:
        self.start()

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> bool:
        self.status = self.status or "exit"
        self._ended.set()
        self.join()
        return kind is not None and issubclass(kind, KeyboardInterrupt)


def _module_files() -> Iterable[str]:
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        if os.path.exists(path):
            yield path
