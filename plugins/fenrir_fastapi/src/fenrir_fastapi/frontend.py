"""Frontends: folders of built files that are served where no route matches."""

from __future__ import annotations

import errno
import os
import warnings
from typing import Any, Callable, List, Optional, Sequence, Tuple, Union

from fenrir_core import Build, Connection, Headers, MethodNotAllowed
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import Scope, local_path, parse_options

from .exceptions import HTTPException
from .response import merge_injected
from .starlette.concurrency import run_in_threadpool
from .starlette.datastructures import URL
from .starlette.requests import Request
from .starlette.responses import RedirectResponse
from .starlette.routing import BaseRoute, Item
from .starlette.staticfiles import StaticFiles

#: The scope key with the path inside the frontend's folder.
FRONTEND_PATH = "fenrir_fastapi.frontend_path"
FALLBACKS = ("auto", "index.html", "404.html", None)


class FrontendFiles(StaticFiles):
    """The files of a frontend.

    Args:
        directory: The folder.
        fallback: The file to serve instead of a missing one: ``"index.html"`` (only for navigation: a GET
            of a client that accepts HTML), ``"404.html"``, None, or ``"auto"`` for whichever exists.
        check_dir: Whether a missing folder or fallback is an error right away.

    Raises:
        RuntimeError: The folder or the fallback is missing.
    """

    def __init__(self, *, directory: Any, fallback: Optional[str], check_dir: bool) -> None:
        self.fallback = fallback
        if check_dir and not os.path.isdir(directory):
            raise RuntimeError(missing_directory(directory))
        super().__init__(directory=directory, html=True, check_dir=check_dir)
        if check_dir and fallback in ("index.html", "404.html") and not self._is_there(fallback):
            raise RuntimeError(missing_fallback(fallback, directory))

    def _is_there(self, name: str) -> bool:
        full, stat = self.lookup_path(name)
        return stat is not None and os.path.isfile(full)

    def resource(self, path: str) -> Optional[Tuple[str, bool]]:
        """Return the file for a path and whether it is the index of a folder; None if there is none.

        Raises:
            HTTPException: 401 if it can't be read, 404 if no file can have such a name.
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
            if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
                raise HTTPException(404) from None
            raise

    def find(self, path: str, scope: Scope) -> Any:
        """Return the response for a path inside the folder; blocks.

        Raises:
            HTTPException: 404.
            RuntimeError: The folder or the fallback is missing.
        """
        path = os.path.normpath(path) if path else ""
        found = self.resource(path)
        if found is not None:
            full, is_index = found
            if is_index and not scope["path"].endswith("/"):
                url = URL(scope=scope)
                return RedirectResponse(str(url.replace(path=url.path + "/")))
            return self.file_response(full, os.stat(full), scope)
        if not os.path.isdir(str(self.directory)):
            raise RuntimeError(missing_directory(self.directory))
        if self._falls_back_to("404.html"):
            return self._fallback_response("404.html", scope, 404)
        if self._falls_back_to("index.html") and is_navigation(scope):
            return self._fallback_response("index.html", scope, 200)
        raise HTTPException(404)

    def _falls_back_to(self, name: str) -> bool:
        return self.fallback == name or (self.fallback == "auto" and self._is_there(name))

    def _fallback_response(self, name: str, scope: Scope, status: int) -> Any:
        full, stat = self.lookup_path(name)
        if stat is None or not os.path.isfile(full):
            raise RuntimeError(missing_fallback(name, self.directory))
        return self.file_response(full, stat, scope, status)


def missing_directory(directory: Any) -> str:
    """Return the message about a missing folder."""
    path = os.path.realpath(directory)
    return f"Frontend directory '{directory}' does not exist. Resolved absolute path: '{path}'"


def missing_fallback(name: str, directory: Any) -> str:
    """Return the message about a missing fallback."""
    path = os.path.realpath(directory)
    return (
        f"Frontend fallback file '{name}' does not exist in directory '{directory}'. "
        f"Resolved absolute directory: '{path}'"
    )


def is_navigation(scope: Scope) -> bool:
    """Return whether a browser requests a page to show: the client accepts HTML by name."""
    for part in Headers(raw=scope["headers"]).get("accept", "").split(","):
        value, options = parse_options(part)
        # a weight that is no number counts as none, unlike in `parse_accept`
        if value in ("text/html", "application/xhtml+xml") and (options.get("q") or "1").strip("0."):
            return True
    return False


class Frontend(BaseRoute):
    """A frontend under a path, as `app.frontend()` adds it.

    Raises:
        AssertionError: The path or the fallback is invalid.
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
        self.app = FrontendFiles(directory=directory, fallback=fallback, check_dir=_checks(directory, check_dir))

    def collected(self) -> List[Item]:
        """Return the kernel's route, which is not in its table: see `serve_frontends`."""
        files = self.app

        async def serve(request: Request) -> Any:
            path = request.scope[FRONTEND_PATH]
            response = await run_in_threadpool(files.find, path, request.scope)
            return merge_injected(request.connection, response, own=False)

        serve.__annotations__["request"] = Request
        options = {"unrouted": True, "include_in_schema": False, "frontend": files}
        return [CoreRoute(self.path or "/", serve, ("GET",), "", "fastapi", options, "frontend")]


def _checks(directory: Any, check_dir: Union[bool, str]) -> bool:
    """Return whether to check the folder; in development a missing one is only a warning."""
    if check_dir != "auto":
        return bool(check_dir)
    if os.environ.get("FASTAPI_ENV") != "development":
        return True
    if not os.path.isdir(directory):
        warnings.warn(missing_directory(directory), stacklevel=4)
    return False


def serve_frontends(routes: Sequence[CoreRoute], build: Build) -> Callable[[Any, Any], Any]:
    """Return the step that serves frontends instead of the kernel's 404, inside of all guards.

    Args:
        routes: The frontends' routes; of those whose prefix a path has, the longest serves it.
        build: The build, which makes the calls of their endpoints.
    """
    found = [
        (route.path.rstrip("/"), route.option("frontend"), build.inject(route.endpoint, route)) for route in routes
    ]
    entries = sorted(found, key=lambda entry: -len(entry[0]))

    async def serve(connection: Connection, call_next: Any) -> Any:
        path = local_path(connection.scope)
        for prefix, files, call in entries:
            if f"{path}/".startswith(f"{prefix}/"):
                inside = path[len(prefix) :].lstrip("/")
                if connection.scope["method"] in ("GET", "HEAD"):
                    connection.scope[FRONTEND_PATH] = inside
                    return await call(connection)
                if await run_in_threadpool(files.resource, inside) is not None:
                    raise MethodNotAllowed(("GET", "HEAD"))
                break
        return await call_next(connection)

    return serve
