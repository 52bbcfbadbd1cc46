"""Static files: folders that are mounted as an app."""

from __future__ import annotations

import importlib.util
import os
from typing import Any, List, Optional, Sequence, Tuple, Union

from fenrir_core import HTTPError, safe_join
from fenrir_core.authoring import Receive, Scope, Send, local_path

from .concurrency import run_in_threadpool
from .datastructures import URL
from .exceptions import HTTPException
from .responses import FileResponse, JSONResponse, RedirectResponse

__all__ = ["StaticFiles"]

PathLike = Union[str, "os.PathLike[str]"]


class StaticFiles:
    """An ASGI app that serves the files of a folder, and nothing outside of it.

    Args:
        directory: The folder.
        packages: Names of packages whose folder ``statics`` is served too, or pairs of name and folder.
        html: Whether ``index.html`` is served for its folder, and ``404.html`` for missing files.
        check_dir: Whether a missing folder is an error right away.
        follow_symlink: Whether symbolic links may lead out of the folder.
    """

    def __init__(
        self,
        *,
        directory: Optional[PathLike] = None,
        packages: Optional[Sequence[Union[str, Tuple[str, str]]]] = None,
        html: bool = False,
        check_dir: bool = True,
        follow_symlink: bool = False,
    ) -> None:
        self.directory, self.packages, self.html = directory, packages, html
        self.follow_symlink = follow_symlink
        self.all_directories = self.get_directories(directory, packages)
        if check_dir and directory is not None and not os.path.isdir(directory):
            raise RuntimeError(f"Directory '{directory}' does not exist")

    def get_directories(
        self,
        directory: Optional[PathLike] = None,
        packages: Optional[Sequence[Union[str, Tuple[str, str]]]] = None,
    ) -> List[PathLike]:
        """Return the folders, in the order in which they are searched."""
        found: List[PathLike] = [] if directory is None else [directory]
        for package in packages or ():
            name, folder = (package, "statics") if isinstance(package, str) else package
            spec = importlib.util.find_spec(name)
            base = None if spec is None or spec.origin is None else os.path.dirname(spec.origin)
            path = None if base is None else os.path.normpath(os.path.join(base, folder))
            if path is None or not os.path.isdir(path):
                raise RuntimeError(f"Directory '{folder}' in package {name!r} could not be found.")
            found.append(path)
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        assert scope["type"] == "http", "Static files are served over HTTP only."
        try:
            response: Any = await self.get_response(self.get_path(scope), scope)
        except HTTPError as error:
            response = JSONResponse({"detail": error.detail}, error.status, error.headers)
        await response(scope, receive, send)

    def get_path(self, scope: Scope) -> str:
        """Return the path inside the folder."""
        return local_path(scope).lstrip("/")

    def lookup_path(self, path: str) -> Tuple[str, Optional[os.stat_result]]:
        """Return the full path and stat result of a file; `("", None)` if there is none."""
        for directory in self.all_directories:
            if self.follow_symlink:
                base = os.path.abspath(directory)
                full: Optional[str] = os.path.abspath(os.path.join(base, path))
                full = full if full is not None and os.path.commonpath((base, full)) == base else None
            else:
                full = safe_join(directory, path)
            if full is None:
                continue
            try:
                return full, os.stat(full)
            except (OSError, ValueError):  # ValueError: a name with NUL
                continue
        return "", None

    async def get_response(self, path: str, scope: Scope) -> Any:
        """Return the response for a path inside the folder.

        Raises:
            HTTPException: 404 or 405.
        """
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"allow": "GET, HEAD"})
        return await run_in_threadpool(self._find, path, scope)

    def _find(self, path: str, scope: Scope) -> Any:
        if self.directory is not None and not os.path.isdir(self.directory):
            raise RuntimeError(f"StaticFiles directory '{self.directory}' does not exist.")
        full, stat = self.lookup_path(path)
        if stat is not None and os.path.isfile(full):
            return self.file_response(full, stat, scope)
        if stat is not None and os.path.isdir(full) and self.html:
            index, index_stat = self.lookup_path(os.path.join(path, "index.html"))
            if index_stat is not None and os.path.isfile(index):
                if not scope["path"].endswith("/"):
                    url = URL(scope=scope)
                    return RedirectResponse(str(url.replace(path=url.path + "/")))
                return self.file_response(index, index_stat, scope)
        if self.html:
            missing, missing_stat = self.lookup_path("404.html")
            if missing_stat is not None and os.path.isfile(missing):
                return self.file_response(missing, missing_stat, scope, 404)
        raise HTTPException(404)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Any:
        """Return the response that sends a file."""
        return FileResponse(full_path, status_code=status_code)
