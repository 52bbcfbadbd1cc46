"""What answers where no route does: sinks and static routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Union

from fenrir_core import App, Build, BuildError, Call, Connection, FileResponse, Route, RouteHook, safe_join
from fenrir_core import Response as KernelResponse

from .return_values import render
from .state import State
from .views import request_of, response_of


@dataclass(frozen=True)
class StaticRoute:
    """A directory that is served under a prefix."""

    prefix: str
    directory: str
    downloadable: bool = False
    fallback: Optional[str] = None

    def find(self, path: str) -> Optional[str]:
        """Return the file of a path, None where it is not this route's or there is none."""
        if not path.startswith(self.prefix) and path + "/" != self.prefix:
            return None
        found = safe_join(self.directory, path[len(self.prefix) :])
        if found is not None and Path(found).is_file():
            return found
        return self.fallback


def add_sink(app: App, sink: Callable[..., Any], prefix: Union[str, re.Pattern[str]] = r"/") -> None:
    """Answer every path that begins like `prefix` and that no route has.

    Args:
        app: The app.
        sink: ``(req, resp, **named groups)``, asynchronous or not. The newest is asked first.
        prefix: A regular expression that the path must begin with.
    """
    pattern = re.compile(prefix) if isinstance(prefix, str) else prefix
    _not_built(app, "sink")
    app.store(State).sinks.insert(0, (pattern, sink))


def add_static_route(
    app: App,
    prefix: str,
    directory: Union[str, Path],
    downloadable: bool = False,
    fallback_filename: Optional[str] = None,
) -> None:
    """Serve the files of a directory under a prefix, where no route answers.

    Args:
        app: The app.
        prefix: For example ``/static``.
        directory: An absolute path.
        downloadable: Whether browsers save the files instead of showing them.
        fallback_filename: What is sent for paths without a file.

    Raises:
        BuildError: The prefix or the directory can't be used, or the fallback is no file.
    """
    _not_built(app, "static route")
    if not prefix.startswith("/"):
        raise BuildError(f"The prefix {prefix!r} of a static route must start with '/'.")
    if not Path(directory).is_absolute():
        raise BuildError(f"The directory {str(directory)!r} of a static route must be an absolute path.")
    fallback = None if fallback_filename is None else str(Path(directory) / fallback_filename)
    if fallback is not None and not Path(fallback).is_file():
        raise BuildError(f"The fallback {fallback_filename!r} of the static route {prefix!r} is no file.")
    found = StaticRoute(prefix if prefix.endswith("/") else f"{prefix}/", str(directory), downloadable, fallback)
    app.store(State).static_routes.insert(0, found)


def _not_built(app: App, what: str) -> None:
    if app.is_built:
        raise BuildError(f"The {what} comes too late: the app is built and frozen.")


def route_hooks(route: Route, build: Build) -> List[RouteHook]:
    """Return what asks sinks and static routes before the answer 404 is given."""
    state = build.app.store(State)
    if route.fallback != 404:
        return []
    found: List[RouteHook] = []
    if state.sinks:
        found.append(RouteHook("falcon sinks", Call.of(_ask_sinks), order="inner"))
    if state.static_routes:
        found.append(RouteHook("falcon static routes", Call.of(_ask_static), order="inner"))
    return found if state.sink_before_static_route else found[::-1]


async def _ask_sinks(connection: Connection) -> Optional[KernelResponse]:
    request, response = request_of(connection), response_of(connection)
    for pattern, sink in connection.app.store(State).sinks:
        match = pattern.match(request.path)
        if match is None:
            continue
        fields: Dict[str, Any] = match.groupdict()
        if Call.of(sink).mode == "async":
            await sink(request, response, **fields)
        else:
            request.is_sync = True
            await connection.load()  # type: ignore[attr-defined]
            await connection.app.run_in_thread(sink, request, response, **fields)
        return render(connection)
    return None


async def _ask_static(connection: Connection) -> Optional[KernelResponse]:
    request = request_of(connection)
    if request.method not in ("GET", "HEAD"):
        return None
    for route in connection.app.store(State).static_routes:
        found = await connection.app.run_in_thread(route.find, request.path)
        if found is not None:
            return FileResponse(found, as_attachment=route.downloadable)
    return None
