"""Sinks and static routes, which serve the paths that no route matches."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Union

from fenrir_core import App, Build, Call, Connection, Route, RouteHook
from fenrir_core import Request as KernelRequest
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import caller, check_callable

from .dispatch import check_gates, dispatch
from .exceptions import HTTPRouteNotFound
from .request import request_of
from .response import response_of
from .return_values import render
from .state import State
from .static_files import StaticRouteAsync

_CallNext = Callable[[Connection], Awaitable[KernelResponse]]
_Around = Callable[[Connection, _CallNext], Awaitable[KernelResponse]]


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
    with app.registering(f"the sink for {pattern.pattern!r}", keeps_arguments=True):
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
        InvalidRegistration: The prefix or the directory is invalid, or the fallback is not a file.
        BuildError: The app takes no late registrations.
    """
    found = StaticRouteAsync(prefix, directory, downloadable, fallback_filename)
    with app.registering(f"the static route {prefix!r}", caller()[0], keeps_arguments=True):
        app.store(State).static_routes.insert(0, found)


def route_hooks(route: Route, build: Build) -> List[RouteHook]:
    """Return the steps that try sinks and static routes in place of the 404 response, inside of all guards."""
    state = build.app.store(State)
    if route.fallback != 404:
        return []
    found: List[RouteHook] = []
    if build.app.paradigm == "falcon" and (state.is_dynamic or state.has_own_router):
        found.append(RouteHook("falcon router", around=_try_router, order="inner"))
    if state.sinks:
        found.append(RouteHook("falcon sinks", around=_sinks_step(state), order="inner"))
    if state.static_routes:
        found.append(RouteHook("falcon static routes", around=_static_step(state), order="inner"))
    return found if state.sink_before_static_route or len(found) < 2 else [*found[:-2], *found[:-3:-1]]


async def _try_router(connection: Connection, call_next: _CallNext) -> KernelResponse:
    found = await dispatch(connection)
    return await call_next(connection) if found is None else found


async def try_all(connection: Connection) -> KernelResponse:
    """Return the response of the resource, sink or static route for the request's present path.

    Raises:
        HTTPRouteNotFound: There is none (404).
    """
    state = connection.app.store(State)

    async def not_found(connection: Connection) -> KernelResponse:
        raise HTTPRouteNotFound()

    steps = [_sinks_step(state), _static_step(state)]
    first, second = steps if state.sink_before_static_route else steps[::-1]

    async def rest(connection: Connection) -> KernelResponse:
        return await second(connection, not_found)

    found = await dispatch(connection)
    return await first(connection, rest) if found is None else found


def _sinks_step(state: State) -> _Around:
    sinks = [(pattern, sink, Call.of(sink).mode == "async") for pattern, sink in state.sinks]

    async def try_sinks(connection: Connection, call_next: _CallNext) -> KernelResponse:
        request, response = request_of(connection), response_of(connection)
        for pattern, sink, is_async in sinks:
            match = pattern.match(request.path)
            if match is None:
                continue
            request.is_served = True
            await check_gates(connection, sink, f"/<sink of {pattern.pattern}>")
            fields: Dict[str, Any] = match.groupdict()
            if is_async:
                await sink(request, response, **fields)
            else:
                assert isinstance(connection, KernelRequest)
                request.is_sync = True
                if not state.is_direct:
                    await request.load()
                await connection.run_in_thread(sink, request, response, **fields)
            return render(connection)
        return await call_next(connection)

    return try_sinks


def _static_step(state: State) -> _Around:
    static_routes = list(state.static_routes)

    async def try_static_routes(connection: Connection, call_next: _CallNext) -> KernelResponse:
        request, response = request_of(connection), response_of(connection)
        for route in static_routes if request.method in ("GET", "HEAD", "OPTIONS") else ():
            if route.match(request.path):
                request.is_served = True
                await route(request, response)
                return render(connection)
        return await call_next(connection)

    return try_static_routes
