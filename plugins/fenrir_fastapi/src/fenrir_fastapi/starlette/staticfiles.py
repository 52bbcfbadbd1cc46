"""Static files: folders that are mounted as an app."""

from __future__ import annotations

import errno
import importlib.util
import os
from stat import S_ISDIR, S_ISREG
from typing import Any, List, Optional, Sequence, Tuple, Union

from fenrir_core import HTTPError, current, safe_join
from fenrir_core.authoring import Receive, Scope, Send, compressed_copy, decide, local_path, parse_date

from .concurrency import run_in_threadpool
from .datastructures import URL, Headers
from .exceptions import HTTPException
from .file_responses import read_small
from .handled import HANDLERS
from .responses import FileResponse, JSONResponse, RedirectResponse, Response
from .websockets import WebSocketClose

__all__ = ["NotModifiedResponse", "StaticFiles"]

PathLike = Union[str, "os.PathLike[str]"]


class NotModifiedResponse(Response):
    """A 304 response with the headers that it may have."""

    NOT_MODIFIED_HEADERS = ("cache-control", "content-location", "date", "etag", "expires", "vary")

    def __init__(self, headers: Headers) -> None:
        kept = {name: value for name, value in headers.items() if name in self.NOT_MODIFIED_HEADERS}
        super().__init__(status_code=304, headers=kept)


class StaticFiles:
    """An ASGI app that serves the files of a folder, and nothing outside of it.

    Args:
        directory: The folder.
        packages: Names of packages whose folder ``statics`` is served too, or pairs of name and folder.
        html: Whether ``index.html`` is served for its folder, and ``404.html`` for missing files.
        check_dir: Whether a missing folder is an error right away.
        follow_symlink: Whether symbolic links may lead out of the folder.
        precompressed, immutable: As for `fenrir_core.FileResponse`; Starlette has neither.
    """

    precompressed = immutable = False

    def __init__(
        self,
        *,
        directory: Optional[PathLike] = None,
        packages: Optional[Sequence[Union[str, Tuple[str, str]]]] = None,
        html: bool = False,
        check_dir: bool = True,
        follow_symlink: bool = False,
        precompressed: bool = False,
        immutable: bool = False,
    ) -> None:
        self.precompressed, self.immutable = precompressed, immutable
        self.directory, self.packages, self.html = directory, packages, html
        self.follow_symlink, self.config_checked = follow_symlink, False
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
            assert spec is not None and spec.origin is not None, f"Package {name!r} could not be found."
            path = os.path.normpath(os.path.join(os.path.dirname(spec.origin), folder))
            assert os.path.isdir(path), f"Directory '{folder!r}' in package {name!r} could not be found."
            found.append(path)
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection; inside of an app, its handlers answer the errors."""
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        assert scope["type"] == "http", "Static files are served over HTTP only."
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        response: Any
        try:
            response = await self.get_response(self.get_path(scope), scope)
        except HTTPError as error:
            if HANDLERS in scope or ("app" not in scope and current.get(None) is None):
                raise
            response = JSONResponse({"detail": error.detail}, error.status, error.headers)
        await response(scope, receive, send)

    async def check_config(self) -> None:
        """Check that the folder is there, once.

        Raises:
            RuntimeError: It is not, or it is no folder.
        """
        if self.directory is None:
            return
        if not await run_in_threadpool(os.path.exists, self.directory):
            raise RuntimeError(f"StaticFiles directory '{self.directory}' does not exist.")
        if not await run_in_threadpool(os.path.isdir, self.directory):
            raise RuntimeError(f"StaticFiles path '{self.directory}' is not a directory.")

    def get_path(self, scope: Scope) -> str:
        """Return the path inside the folder, without ``.`` and ``..``."""
        return os.path.normpath(local_path(scope).lstrip("/"))

    def lookup_path(self, path: str) -> Tuple[str, Optional[os.stat_result]]:
        """Return the full path and stat result of a file; `("", None)` if there is none.

        Raises:
            OSError: It can't be looked at, for example because that is forbidden.
        """
        for directory in self.all_directories:
            full = self._inside(directory, path)
            if full is None:
                continue
            try:
                return full, os.stat(full)
            except (FileNotFoundError, NotADirectoryError):
                continue
        return "", None

    def _inside(self, directory: PathLike, path: str) -> Optional[str]:
        if not self.follow_symlink:
            return safe_join(directory, path)
        if path.startswith(("/", "\\")):
            return None
        base = os.path.abspath(directory)
        full = os.path.abspath(os.path.join(base, path))
        return full if os.path.commonpath((base, full)) == base else None

    async def get_response(self, path: str, scope: Scope) -> Any:
        """Return the response for a path inside the folder.

        Raises:
            HTTPException: 404 or 405; 401 for a file that may not be read.
        """
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        try:
            full, stat, loaded = await run_in_threadpool(self._look, path, scope)
        except PermissionError:
            raise HTTPException(401) from None
        except (OSError, ValueError) as error:
            if getattr(error, "errno", errno.ENAMETOOLONG) not in (errno.ENAMETOOLONG, errno.ELOOP):
                raise
            raise HTTPException(404) from None
        if stat is not None and S_ISREG(stat.st_mode):
            response = self.file_response(full, stat, scope)
            if isinstance(response, FileResponse) and response.path == full:
                response.loaded = loaded
            return response
        return await run_in_threadpool(self._html, path, stat, scope)

    def _look(self, path: str, scope: Scope) -> Tuple[str, Optional[os.stat_result], Optional[bytes]]:
        """Return what `lookup_path` does, and the content of a small file: one hop to a thread for both."""
        full, found = self.lookup_path(path)
        reads = scope["method"] == "GET" and "http.response.pathsend" not in (scope.get("extensions") or {})
        is_file = reads and found is not None and S_ISREG(found.st_mode)
        return full, found, read_small(full, found) if is_file and found is not None else None

    def _html(self, path: str, stat: Optional[os.stat_result], scope: Scope) -> Any:
        """Return the response for what is no file."""
        if self.html and stat is not None and S_ISDIR(stat.st_mode):
            index, index_stat = self.lookup_path(os.path.join(path, "index.html"))
            if index_stat is not None and S_ISREG(index_stat.st_mode):
                if not scope["path"].endswith("/"):
                    url = URL(scope=scope)
                    return RedirectResponse(str(url.replace(path=url.path + "/")))
                return self.file_response(index, index_stat, scope)
        if self.html:
            missing, missing_stat = self.lookup_path("404.html")
            if missing_stat is not None and S_ISREG(missing_stat.st_mode):
                return FileResponse(missing, stat_result=missing_stat, status_code=404)
        raise HTTPException(404)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Any:
        """Return the response that sends a file, or says that the client's copy is up to date."""
        request_headers = Headers(raw=list(scope["headers"]))
        response = FileResponse(full_path, status_code, None, None, None, None, stat_result, immutable=self.immutable)
        if self.precompressed:
            response.headers.add_vary_header("Accept-Encoding")
            accepted = ", ".join(request_headers.getlist("accept-encoding"))
            copy = compressed_copy(os.fspath(full_path), stat_result.st_mtime, accepted)
            if copy is not None:
                headers = {**response.headers, "content-encoding": copy.coding}
                for name in ("content-length", "last-modified", "etag"):  # the copy has its own
                    del headers[name]
                response, stat_result = FileResponse(copy.path, status_code, headers, stat_result=copy.stat), copy.stat
        etag = response.headers["etag"]
        try:
            decide(scope["method"], request_headers, size=None, etag=etag, modified=stat_result.st_mtime)
        except HTTPError as error:  # the request is for another version
            raise HTTPException(error.status, error.detail) from None
        if self.is_not_modified(response.headers, request_headers):
            return NotModifiedResponse(response.headers)
        return response

    def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
        """Return whether the client's copy is up to date.

        Source: RFC 9110, sections 13.1.2 and 13.1.3.
        """
        tags = request_headers.get("if-none-match")
        if tags is not None:
            known = [tag.strip() for tag in tags.split(",")]
            return "*" in known or any(
                (tag[2:] if tag.startswith("W/") else tag) == response_headers["etag"] for tag in known
            )
        since = request_headers.get("if-modified-since")
        if since is None:
            return False
        try:
            return parse_date(since) >= parse_date(response_headers["last-modified"])
        except (ValueError, OverflowError, KeyError):
            return False
