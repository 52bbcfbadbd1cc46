"""A client that sends requests to an app in this process, and the names at the prompt."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
import threading
from types import ModuleType, TracebackType
from typing import Any, Coroutine, Dict, Iterable, Iterator, Optional, Tuple, Type

from .lifespan import running
from .target import AppTarget

#: Attributes of model classes of libraries, which need not be imported for the test:
#: pydantic, attrs, msgspec, SQLAlchemy, and Django's, Tortoise's and Peewee's `_meta`.
MODEL_MARKS = ("model_fields", "__attrs_attrs__", "__struct_fields__", "__tablename__", "_meta")


class Client:
    """A client that sends requests to a running app and returns httpx's responses.

    The app runs on an event loop in a thread of its own, so that its tasks go on while
    the prompt waits. Use it as a context manager; raises `CliError` when the start-up fails.

    Attributes:
        http: The underlying `httpx.AsyncClient`, for statements that await.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._life: Any = None
        self.http: Any = None

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
        self.http = httpx.AsyncClient(transport=transport, base_url="http://shell")
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.run(self.http.aclose())
        self.run(self._life.__aexit__(None, None, None))
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the app's event loop and return its result.

        Raises:
            RuntimeError: It is called on that loop, which waiting would block.
        """
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError(
                "A statement that awaits runs on the app's event loop and can't wait for it: "
                "write `await client.http.get(...)` there, or two statements."
            )
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Send a request; the options are those of `httpx.AsyncClient.request`."""
        return self.run(self.http.request(method, url, **options))

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

    def head(self, url: str, **options: Any) -> Any:
        """Send a HEAD request; see `request`."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Any) -> Any:
        """Send an OPTIONS request; see `request`."""
        return self.request("OPTIONS", url, **options)


def module_names(module: str) -> Dict[str, Any]:
    """Return the public names of an imported module."""
    return {name: value for name, value in vars(sys.modules[module]).items() if not name.startswith("_")}


def is_written_in(value: Any, module: str) -> bool:
    """Return whether a value was defined in a module, which imported classes and functions were not."""
    if isinstance(value, (ModuleType, type(annotations))):
        return False
    if isinstance(value, type) or callable(value):
        return getattr(value, "__module__", module) == module or not hasattr(value, "__qualname__")
    return True


def models(target: AppTarget) -> Dict[str, type]:
    """Return the model classes that the app's own modules define, by name; the first of a name counts."""
    found: Dict[str, type] = {}
    for module, value in _own_classes(os.path.realpath(target.directory)):
        if value.__module__ == module and not value.__name__.startswith("_") and is_model(value):
            found.setdefault(value.__name__, value)
    return found


def is_model(kind: type) -> bool:
    """Return whether a class is a dataclass or a model of another library."""
    return dataclasses.is_dataclass(kind) or any(hasattr(kind, mark) for mark in MODEL_MARKS)


def _own_classes(directory: str) -> Iterator[Tuple[str, type]]:
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is None or not _is_own(os.path.realpath(file), directory):
            continue
        for value in list(vars(module).values()):
            if isinstance(value, type):
                yield name, value


def _is_own(file: str, directory: str) -> bool:
    # a virtual environment may be in the project's directory
    return file.startswith(directory + os.sep) and "site-packages" not in file[len(directory) :].split(os.sep)


def greeting(target: AppTarget, app: Any, loaded: Iterable[Tuple[str, str]]) -> str:
    """Return the text that lists the names at the prompt.

    Args:
        target: The app as the user named it.
        app: The app.
        loaded: Names with descriptions, besides `app` and `client`.
    """
    lines = [("app", f"{type(app).__name__}, started"), ("client", 'sends requests: client.get("/").json()'), *loaded]
    width = max(len(name) for name, _ in lines)
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in lines)
    return f"{target} at a Python {sys.version.split()[0]} prompt; await works, on the app's event loop.\n{listed}"
