"""Frontends: folders of built files that answer what no route answers."""

from __future__ import annotations

import errno
import os
import warnings
from typing import Any, Iterator, List, Optional, Tuple, Union

from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import Scope

from .exceptions import HTTPException
from .response import merge
from .routes import BaseRoute, Item
from .starlette.concurrency import run_in_threadpool
from .starlette.datastructures import URL
from .starlette.requests import Request
from .starlette.responses import RedirectResponse
from .starlette.staticfiles import StaticFiles

FALLBACKS = ("auto", "index.html", "404.html", None)


class FrontendFiles(StaticFiles):
    """Serve a folder of built files.

    Args:
        directory: The folder.
        fallback: What answers for what is not there: ``"index.html"`` (for navigation alone: GET of
            a client that takes HTML), ``"404.html"``, None, or ``"auto"`` for whichever exists.
        check_dir: Whether a missing folder or fallback is an error at once.

    Raises:
        RuntimeError: Folder or fallback are missing.
    """

    def __init__(self, *, directory: Any, fallback: Optional[str], check_dir: bool) -> None:
        self.fallback = fallback
        if check_dir and not os.path.isdir(directory):
            raise RuntimeError(missing_directory(directory))
        super().__init__(directory=directory, html=True, check_dir=check_dir)
        if check_dir and fallback in ("index.html", "404.html") and not self._is_there(fallback):
            raise RuntimeError(
                f"Frontend fallback file '{fallback}' does not exist in directory '{directory}'. "
                f"Resolved absolute directory: '{os.path.realpath(directory)}'"
            )

    def _is_there(self, name: str) -> bool:
        full, stat = self.lookup_path(name)
        return stat is not None and os.path.isfile(full)

    def resource(self, path: str) -> Optional[Tuple[str, bool]]:
        """Find the file for a path, and tell whether it is the index of a folder; None for none.

        Raises:
            HTTPException: 401 where it may not be read, 404 for what no file can be called.
        """
        try:
            full, stat = self.lookup_path(path)
            if stat is not None and os.path.isdir(full):
                index, stat = self.lookup_path(os.path.join(path, "index.html"))
                return (index, True) if stat is not None and os.path.isfile(index) else None
            return (full, False) if stat is not None and os.path.isfile(full) else None
        except PermissionError:
            raise HTTPException(401) from None
        except ValueError:
            raise HTTPException(404) from None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise HTTPException(404) from None
            raise

    def find(self, path: str, scope: Scope) -> Any:
        """Return the answer for a path inside the folder; blocks.

        Raises:
            HTTPException: 404.
        """
        path = os.path.normpath(path) if path else ""
        found = self.resource(path)
        if found is not None:
            full, is_index = found
            if is_index and not scope["path"].endswith("/"):
                url = URL(scope=scope)
                return RedirectResponse(str(url.replace(path=url.path + "/")))
            return self.file_response(full, os.stat(full), scope)
        wants_page = self.fallback == "404.html" or (self.fallback == "auto" and self._is_there("404.html"))
        if wants_page:
            return self._answer("404.html", scope, 404)
        is_spa = self.fallback == "index.html" or (self.fallback == "auto" and self._is_there("index.html"))
        if is_spa and is_navigation(scope):
            return self._answer("index.html", scope, 200)
        raise HTTPException(404)

    def _answer(self, name: str, scope: Scope, status: int) -> Any:
        full, stat = self.lookup_path(name)
        if stat is None or not os.path.isfile(full):
            raise RuntimeError(f"Frontend fallback file '{name}' does not exist in directory '{self.directory}'.")
        return self.file_response(full, stat, scope, status)


def missing_directory(directory: Any) -> str:
    """Say that a folder is missing."""
    path = os.path.realpath(directory)
    return f"Frontend directory '{directory}' does not exist. Resolved absolute path: '{path}'"


def is_navigation(scope: Scope) -> bool:
    """Return whether a browser asks for a page to show: the client takes HTML."""
    for kind, quality in _accepted(Request(scope).headers.get("accept", "")):
        if kind in ("text/html", "application/xhtml+xml") and quality != 0:
            return True
    return False


def _accepted(accept: str) -> Iterator[Tuple[str, float]]:
    for item in accept.split(","):
        kind, *options = (part.strip().lower() for part in item.split(";"))
        quality = 1.0
        for option in options:
            if option.startswith("q="):
                try:
                    quality = float(option[2:])
                except ValueError:
                    pass
        yield kind, quality


class Frontend(BaseRoute):
    """A frontend under a path; what `app.frontend()` adds.

    Raises:
        AssertionError: The path or fallback is none.
    """

    def __init__(self, prefix: str, path: str, directory: Any, fallback: Optional[str], check_dir: Any) -> None:
        if not path:
            raise AssertionError("A frontend path cannot be empty")
        if not path.startswith("/"):
            raise AssertionError("A frontend path must start with '/'")
        if fallback not in FALLBACKS:
            raise AssertionError("fallback must be 'auto', 'index.html', '404.html', or None")
        self.path = prefix + path.rstrip("/")
        self.methods = {"GET", "HEAD"}
        self.app = FrontendFiles(directory=directory, fallback=fallback, check_dir=checks(directory, check_dir))

    def collected(self) -> List[Item]:
        """Return the kernel's route, which is not in the table."""
        files = self.app

        async def serve(request: Request) -> Any:
            path = request.scope["fenrir.frontend"]
            response = await run_in_threadpool(files.find, path, request.scope)
            return merge(request.connection, response, own=False)

        serve.__annotations__["request"] = Request
        options = {"unrouted": True, "include_in_schema": False, "frontend": files}
        return [CoreRoute(self.path or "/", serve, ("GET",), "", "fastapi", options, "frontend")]


def checks(directory: Any, check_dir: Union[bool, str]) -> bool:
    """Return whether the folder is to be checked; in development a missing one is only warned of."""
    if check_dir != "auto":
        return bool(check_dir)
    if os.environ.get("FASTAPI_ENV") != "development":
        return True
    if not os.path.isdir(directory):
        warnings.warn(missing_directory(directory), stacklevel=4)
    return False


class Frontends:
    """Find the frontend of a path among those of an app: the one with the longest prefix."""

    def __init__(self, targets: Any) -> None:
        found = [(target.route.path.rstrip("/"), target) for target in targets if target.route.option("frontend")]
        self.entries = sorted(found, key=lambda entry: -len(entry[0]))

    def match(self, path: str) -> Optional[Tuple[Any, str]]:
        """Return the compiled route and the path inside its folder, or None."""
        for prefix, target in self.entries:
            if path == prefix or path.startswith(prefix + "/"):
                return target, path[len(prefix) :].lstrip("/")
        return None
