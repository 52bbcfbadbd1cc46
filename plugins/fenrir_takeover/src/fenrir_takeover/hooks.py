"""Build time: the steps around our routes, the legacy application's routes, the page, and what runs beside the app."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, AsyncIterator, Awaitable, Callable, Iterator, List, Optional

from fenrir_core import ASGIResponse, Build, Call, Connection, NotFound, Response, Route, RouteHook
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send, find_route, get_logger, local_path

from . import metrics, page
from .clients import NAMED, Clients
from .legacy_routes import LegacyRoute
from .shadow import SHADOW
from .sources import FileSource, RedisSource, Source, Watcher
from .switches import LEGACY, NEW
from .takeover import State, Takeover, report_name

logger = get_logger("fenrir.takeover")
#: The option of a route that is never switched: ``takeover=False``.
OPTION = "takeover"
_UNROUTED = "unrouted"


def is_switched(route: Route) -> bool:
    """Return whether a route of ours may be served by the legacy application instead."""
    is_own = route.mount is None and not route.fallback
    return is_own and not route.option(_UNROUTED) and bool(route.option(OPTION, True))


def route_hook(route: Route, build: Build) -> Iterator[RouteHook]:
    """Return what chooses the side that serves a route; nothing where no legacy application covers it."""
    state: State = build.app.store(State)
    takeover = state.covering(route.path) if is_switched(route) else None
    if takeover is None:
        return
    # the innermost of all: with guards, what another hook refuses reaches neither side
    clients = Clients(build.settings)
    if not route.is_websocket:
        around = partial(_serve, takeover, route.path, clients)
        yield RouteHook("takeover switch", around=around, order="inner", priority=-1000)
    elif takeover.legacy.interface == "asgi":  # WSGI has no WebSockets
        before = Call(partial(_serve_websocket, takeover, route.path, clients), "async")
        kinds = frozenset({"websocket"})
        yield RouteHook("takeover switch", before=before, order="inner", priority=-1000, kinds=kinds)


async def _serve_websocket(takeover: Takeover, path: str, clients: Clients, websocket: Any) -> Optional[Response]:
    """Let the legacy application serve a WebSocket if its switch says so."""
    rule = takeover.switches.rule("WEBSOCKET", path)
    if clients.side_of(websocket, rule) == NEW:
        return None
    await websocket.serve_by(_entered(takeover))
    return Response(b"", 403)  # ends the connection, if the application has not


async def _serve(
    takeover: Takeover,
    path: str,
    clients: Clients,
    request: Any,
    call_next: Callable[[Any], Awaitable[Any]],
) -> Any:
    """Serve a request of one of our routes by the side that its switch says."""
    scope = request.scope
    if SHADOW in scope:
        return await call_next(request)
    rule, is_named = takeover.switches.rule(scope["method"], path), NAMED in scope
    side = clients.side_of(request, rule)
    if NAMED in scope and not is_named:
        _send_by(request, clients.naming(scope, request.send))
    if takeover.shadow.wanted(scope, rule.shadow):
        _shadow(takeover, request, path, side)
    if side == NEW:
        return await call_next(request)
    return ASGIResponse(_entered(takeover))


def _entered(takeover: Takeover) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await takeover.legacy(takeover.legacy.entered(scope), receive, send)

    return call


def _shadow(takeover: Takeover, request: Any, path: str, side: str) -> None:
    """Have the other side called, once the client has the whole response of this one."""
    sent, scope = takeover.shadow.capture(), dict(request.scope)
    route, params = request.compiled_route, dict(request.path_params)

    async def ours(scope: Scope, receive: Receive, send: Send) -> None:
        await route.call(scope, receive, send, params)

    def start() -> None:
        other = ours if side == LEGACY else _entered(takeover)
        sides = f"{side} sent, {NEW if side == LEGACY else LEGACY} in its shadow"
        takeover.shadow.start(f"{scope['method']} {path}", sent, other, scope, sides)

    _send_by(request, sent.teed(request.send, start))


def _send_by(request: Any, send: Send) -> None:
    """Have the response to a request sent by another `send`."""
    request.send = send
    request.on_response_start(lambda response: None)  # with such a step the response is sent by `request.send`


# ------------------------------------------------------------ without guards


def unguarded(takeover: Takeover, app: Any, inner: ASGIApp) -> ASGIApp:
    """Return the middleware that calls a legacy application without the steps of the app.

    Args:
        takeover: The takeover.
        app: The app.
        inner: The app's table of routes.
    """
    legacy, clients = takeover.legacy, Clients(app.settings)

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        was_named = NAMED in scope
        is_legacys = scope["type"] != "lifespan" and _is_legacys(scope)
        if NAMED in scope and not was_named:
            send = clients.naming(scope, send)
        if is_legacys:
            await legacy(legacy.entered(scope), receive, send)
        else:
            await inner(scope, receive, send)

    def _is_legacys(scope: Scope) -> bool:
        method = scope.get("method", "WEBSOCKET")
        found: Any = find_route(app, method, local_path(scope), scope.get("raw_path"))
        if found.target is None:
            return False  # its mount is without the steps, too
        route = getattr(found.target, "target", found.target).route
        if not is_switched(route) or not takeover.covers(route.path):
            return False
        if route.is_websocket and legacy.interface == "wsgi":
            return False
        rule = takeover.switches.rule(method, route.path)
        connection = Connection(scope, receive_nothing, send_nothing, {}, app.fallback_route)
        return clients.side_of(connection, rule) == LEGACY

    return call


async def receive_nothing() -> Any:
    """Stand in for the `receive` of a connection that only its head is read of."""
    raise RuntimeError("The body is not read here.")


async def send_nothing(message: Any) -> None:
    """Stand in for the `send` of such a connection."""
    raise RuntimeError("Nothing is sent here.")


# ------------------------------------------------------------ routes


def routes(build: Build) -> Iterator[Route]:
    """Return the legacy applications' routes, for reports and URLs, and the pages with the report."""
    state: State = build.app.store(State)
    for takeover in state.takeovers:
        legacy = takeover.legacy
        found = legacy.routes(build.converters)
        legacy.learn(found, build.converters)
        for route in found:
            yield _listed(takeover, route, build)
        if takeover.report_path is not None:
            endpoint = page.endpoint(build, state, takeover)
            options = {OPTION: False, **_hidden(build)}
            yield Route(
                takeover.report_path, endpoint, name=f"{legacy.name} report", options=options, where=legacy.where
            )


def _listed(takeover: Takeover, route: LegacyRoute, build: Build) -> Route:
    async def legacy() -> None:
        raise NotFound()  # its mount serves it

    label = f"{takeover.legacy.name}.{route.name}" if route.name else ""
    legacy.__qualname__ = legacy.__name__ = label or takeover.legacy.name
    path = takeover.legacy.prefix + route.path
    options = {_UNROUTED: True, **_hidden(build)}
    return Route(path, legacy, route.methods or ("*",), label, options=options, where=takeover.legacy.where)


def _hidden(build: Build) -> Any:
    """Return what keeps a route out of the OpenAPI document, if there is one."""
    return {"include_in_schema": False} if "openapi_url" in build.settings else {}


# ------------------------------------------------------------ beside the app


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """Read the switches and write the report while the app runs; the context manager of the lifespan."""
    state: State = app.store(State)
    watchers = [
        Watcher(takeover.switches, _sources(app), app.settings["takeover_interval"]) for takeover in state.takeovers
    ]
    for note in state.notes:
        logger.info(note)
    tasks: List[asyncio.Future[None]] = []
    try:
        for watcher, takeover in zip(watchers, state.takeovers):
            await watcher.look(must_be_right=True)
            _check(app, takeover)
            if watcher.has_sources:
                tasks.append(asyncio.ensure_future(watcher.run()))
        directory = app.settings["takeover_report"]
        if directory:
            tasks.append(asyncio.ensure_future(_report(app, state, Path(directory))))
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        for takeover, watcher in zip(state.takeovers, watchers):
            await takeover.shadow.close()
            await watcher.close()
        if app.settings["takeover_report"]:
            await app.run_in_thread(
                metrics.write, state.metrics.snapshot(), Path(app.settings["takeover_report"]), report_name()
            )


def _sources(app: Any) -> Any:
    settings = app.settings
    found: List[Source] = []
    if settings["takeover_file"]:
        found.append(FileSource(settings["takeover_file"], app.run_in_thread))
    if settings["takeover_redis_url"]:
        found.append(RedisSource(settings["takeover_redis_url"], settings["takeover_redis_key"]))
    return tuple(found)


def _check(app: Any, takeover: Takeover) -> None:
    """Log the switches that no route has."""
    paths = [target.route.path for target in app.compiled_routes if is_switched(target.route)]
    for key in takeover.switches.unknown(paths):
        logger.warning("The switch %r fits no route of the app, so it switches nothing.", key)


async def _report(app: Any, state: State, directory: Path) -> None:
    written = None
    while True:
        await asyncio.sleep(app.settings["takeover_interval"])
        snapshot = state.metrics.snapshot()
        if snapshot != written:
            await app.run_in_thread(metrics.write, snapshot, directory, report_name())
            written = snapshot
