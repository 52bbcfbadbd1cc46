"""A prompt, and a client that sends requests to an app in this process."""

from __future__ import annotations

import asyncio
import code
import importlib
import sys
import threading
from types import TracebackType
from typing import Any, Coroutine, Dict, Optional, Type

from .lifespan import running


class Client:
    """Send requests to a running app and give httpx's responses.

    The app lives on an event loop in a thread of its own, so that its tasks go on while
    the prompt waits. Use it as a context manager; raises `CliError` when the start-up fails.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._life: Any = None
        self._http: Any = None

    def __enter__(self) -> Client:
        import httpx

        self._thread.start()
        self._life = running(self._app)
        try:
            self.run(self._life.__aenter__())
        except BaseException:
            self._end()
            raise
        # A cookie that the app sets goes with the next request, as in a browser.
        transport = httpx.ASGITransport(app=self._app)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://shell")
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.run(self._http.aclose())
        self.run(self._life.__aexit__(None, None, None))
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the app's event loop and give its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Send a request; the options are those of `httpx.AsyncClient.request`."""
        return self.run(self._http.request(method, url, **options))

    def get(self, url: str, **options: Any) -> Any:
        """Send a GET request; see `request`."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Any:
        """Send a POST request; see `request`."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> Any:
        """Send a PUT request; see `request`."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Any) -> Any:
        """Send a PATCH request; see `request`."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Any) -> Any:
        """Send a DELETE request; see `request`."""
        return self.request("DELETE", url, **options)


def interact(names: Dict[str, Any], banner: str, plain: bool = False) -> None:
    """Open a prompt with these names until the end of the input.

    Args:
        names: What the prompt knows.
        banner: What is said first.
        plain: Whether IPython is left alone.
    """
    if not plain and sys.stdin.isatty() and _ipython(names, banner):
        return
    try:
        import readline
        import rlcompleter
    except ImportError:  # not on Windows; there is no completion then
        pass
    else:
        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    if not sys.stdin.isatty():
        sys.ps1 = sys.ps2 = ""
    code.interact(banner=banner, local=names, exitmsg="")


def _ipython(names: Dict[str, Any], banner: str) -> bool:
    try:
        ipython = importlib.import_module("IPython")
    except ImportError:
        return False
    print(banner)
    ipython.start_ipython(argv=["--no-banner"], user_ns=names)
    return True
