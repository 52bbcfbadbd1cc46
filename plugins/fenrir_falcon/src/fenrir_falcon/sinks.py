"""Sinks and static routes, which serve the paths that no route matches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Union

from fenrir_core import App, Build, BuildError, Call, Connection, FileResponse, Route, RouteHook, safe_join
from fenrir_core import Request as KernelRequest
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import caller, check_callable

from .request import request_of
from .response import response_of
from .return_values import render
from .state import State

_CallNext = Callable[[Connection], Awaitable[KernelResponse]]
_Around = Callable[[Connection, _CallNext], Awaitable[KernelResponse]]


@dataclass(frozen=True)
class StaticRoute:
    """A directory whose files are served under a prefix.

    Args:
        prefix: Begins and ends with ``/``.
        directory: An absolute path.
        downloadable: Whether the client saves the files instead of displaying them.
        fallback: The file for paths without a file, or None.
    """

    prefix: str
    directory: str
    downloadable: bool = False
    fallback: Optional[str] = None

    def find(self, path: str) -> Optional[str]:
        """Return the file for a path, or None if the path is outside the prefix or has no file."""
        if not path.startswith(self.prefix) and path + "/" != self.prefix:
            return None
        found = safe_join(self.directory, path[len(self.prefix) :])
        if found is not None and Path(found).is_file():
            return found
        return self.fallback


def add_sink(app: App, sink: Callable[..., Any], prefix: Union[str, re.Pattern[str]] = r"/") -> None:
    """Register a sink for all paths that begin with `prefix` and that no route matches.

    Args:
        app: The app.
        sink: Called as ``sink(req, resp, **named_groups)``, asynchronous or not. The sink that was added
            last is tried first.
        prefix: A regular expression that matches the beginning of the path.

    Raises:
        BuildError: The app takes no late registrations.
    """
    check_callable(sink, "sink")
    pattern = re.compile(prefix) if isinstance(prefix, str) else prefix
    with app.registering(f"the sink for {pattern.pattern!r}"):
        app.store(State).sinks.insert(0, (pattern, sink))


def add_static_route(
    app: App,
    prefix: str,
    directory: Union[str, Path],
    downloadable: bool = False,
    fallback_filename: Optional[str] = None,
) -> None:
    """Register a directory whose files are served under a prefix, for paths that no route matches.

    Args:
        app: The app.
        prefix: For example ``/static``.
        directory: An absolute path.
        downloadable: Whether the client saves the files instead of displaying them.
        fallback_filename: The file for paths without a file, relative to the directory.

    Raises:
        BuildError: The prefix or the directory is invalid, or the fallback is not a file.
    """
    where = caller()[0]
    if not prefix.startswith("/"):
        raise BuildError(f"{where}: the prefix {prefix!r} of a static route must start with '/'.")
    if not Path(directory).is_absolute():
        raise BuildError(
            f"{where}: the directory {str(directory)!r} of the static route {prefix!r} must be an absolute path."
        )
    fallback = None if fallback_filename is None else str(Path(directory) / fallback_filename)
    if fallback is not None and not Path(fallback).is_file():
        raise BuildError(f"{where}: the fallback {fallback_filename!r} of the static route {prefix!r} is not a file.")
    found = StaticRoute(prefix if prefix.endswith("/") else f"{prefix}/", str(directory), downloadable, fallback)
    with app.registering(f"the static route {prefix!r}", where):
        app.store(State).static_routes.insert(0, found)


def route_hooks(route: Route, build: Build) -> List[RouteHook]:
    """Return the steps that try sinks and static routes in place of the 404 response, inside of all guards."""
    state = build.app.store(State)
    if route.fallback != 404:
        return []
    found: List[RouteHook] = []
    if state.sinks:
        found.append(RouteHook("falcon sinks", around=_sinks_step(state), order="inner"))
    if state.static_routes:
        found.append(RouteHook("falcon static routes", around=_static_step(state), order="inner"))
    return found if state.sink_before_static_route else found[::-1]


def _sinks_step(state: State) -> _Around:
    sinks = [(pattern, sink, Call.of(sink).mode == "async") for pattern, sink in state.sinks]

    async def try_sinks(connection: Connection, call_next: _CallNext) -> KernelResponse:
        request, response = request_of(connection), response_of(connection)
        for pattern, sink, is_async in sinks:
            match = pattern.match(request.path)
            if match is None:
                continue
            fields: Dict[str, Any] = match.groupdict()
            if is_async:
                await sink(request, response, **fields)
            else:
                assert isinstance(connection, KernelRequest)
                request.is_sync = True
                await request.load()
                await connection.run_in_thread(sink, request, response, **fields)
            return render(connection)
        return await call_next(connection)

    return try_sinks


def _static_step(state: State) -> _Around:
    static_routes = list(state.static_routes)

    async def try_static_routes(connection: Connection, call_next: _CallNext) -> KernelResponse:
        request = request_of(connection)
        for route in static_routes if request.method in ("GET", "HEAD") else ():
            found = await connection.app.run_in_thread(route.find, request.path)
            if found is not None:
                return FileResponse(found, as_attachment=route.downloadable)
        return await call_next(connection)

    return try_static_routes
