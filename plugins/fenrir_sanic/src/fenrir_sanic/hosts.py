"""Routes for some hosts only, and what must not be registered twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

from fenrir_core import App, Connection, Mount, Response, Route, WebSocket
from fenrir_core.authoring import CLOSED, CompiledRoute, table_of

from .exceptions import NotFound
from .routing_exceptions import RouteExists
from .state import State
from .values import Values

Key = Tuple[str, str, bool]
_parameter = re.compile(r"<(\w+)(?::([^>]*))?>")


def place(app: App, route: Route, hosts: Sequence[str], overwrite: bool) -> None:
    """Register a route, which may serve some hosts only.

    Args:
        app: The app.
        route: The route.
        hosts: The hosts; all if there are none.
        overwrite: Whether it takes the place of one with the same path, method and host.

    Raises:
        RouteExists: There is such a route already, in Sanic's own app.
    """
    state = app.store(State)
    if app.paradigm != "sanic":
        if hosts:
            route = replace(route, options={**route.options, "hosts": hosts})
            dispatch(app, state, route, hosts)
        else:
            app.register(route)
        return
    keys = [(_shape(route.path), method, host) for method in route.methods for host in (hosts or (None,))]
    taken = [state.placed[key] for key in keys if key in state.placed]
    if taken and not overwrite:
        methods = ",".join(sorted(route.methods))
        raise RouteExists(
            f"{methods} {route.path} is registered twice: {taken[0].where} and {route.where}. Route already "
            f"registered: {route.path.lstrip('/')} [{methods}]. Remove one, or give the newcomer `overwrite=True`."
        )
    for old in taken:
        if old in app.registered:
            app.registered.remove(old)
    shares = any((path, method) in state.hosts for path, method, _ in keys)
    if hosts or shares:
        route = replace(route, options={**route.options, **({"hosts": tuple(hosts)} if hosts else {})})
        dispatch(app, state, route, hosts)
    else:
        app.register(route)
    state.placed.update(dict.fromkeys(keys, app.registered[-1] if not hosts and not shares else route))


def _shape(path: str) -> str:
    """Return a template without the names of its parameters: two of one shape are the same path."""
    shape = _parameter.sub(lambda match: f"<{match.group(2) or 'str'}>", path)
    return shape.rstrip("/") or "/"


class HostTable:
    """The routes that share a path and method, by host.

    Args:
        app: The app.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.routes: Dict[Optional[str], Route] = {}
        self._compiled: Tuple[Any, Dict[int, CompiledRoute]] = (None, {})

    def target(self, host: str) -> Optional[CompiledRoute]:
        """Return what serves a host; None if nothing does."""
        route = self.routes.get(host) or self.routes.get(host.partition(":")[0]) or self.routes.get(None)
        if route is None:
            return None
        table = table_of(self.app)
        if self._compiled[0] is not table:
            self._compiled = table, {id(item.route): item for item in table}
        return self._compiled[1].get(id(route))

    def endpoint(self, request: Connection) -> Response:
        """Return the response of what serves a request's host."""
        return HostResponse(self.target(request.headers.get("host", "")) or self.app.fallback_route)

    async def talk(self, websocket: WebSocket) -> None:
        """Serve a WebSocket by what serves its host.

        Raises:
            NotFound: Nothing does.
        """
        target = self.target(websocket.headers.get("host", ""))
        if target is None:
            raise NotFound(f"Requested URL {websocket.path} not found")
        websocket.phase = CLOSED  # for this route: the other one accepts and closes it
        await target.call(websocket.scope, websocket.receive, websocket.send, websocket.path_params)


class HostResponse(Response):
    """The response of another compiled route.

    Args:
        target: The route.
    """

    def __init__(self, target: CompiledRoute) -> None:
        super().__init__()
        self.target = target

    async def send(self, connection: Connection) -> None:
        """Serve the request by the route."""
        connection.started = True
        await self.target.call(connection.scope, connection.receive, connection.send, connection.path_params)


def dispatch(app: App, state: State, route: Route, hosts: Sequence[str]) -> None:
    """Register a route behind one that looks at the host."""
    inner = replace(route, options={**route.options, "unrouted": True})
    for method in route.methods:
        key = _shape(route.path), method
        table = state.hosts.get(key)
        if table is None:
            table = state.hosts[key] = HostTable(app)
            _adopt(app, table, key)
            endpoint = table.talk if route.is_websocket else table.endpoint
            outer = app.make_route(
                route.path, endpoint, (method,), name="", paradigm=app.paradigm, host_dispatcher=True,
                **_strictness(route),
            )  # fmt: skip
            app.register(replace(outer, name="", positional=1))
        table.routes.update(dict.fromkeys(hosts or (None,), inner))
    app.register(inner)


def _strictness(route: Route) -> Values:
    strict = route.option("strict_slashes")
    return {} if strict is None else {"strict_slashes": strict}


def _adopt(app: App, table: HostTable, key: Tuple[str, str]) -> None:
    """Put a route for all hosts, which was registered before, into the table."""
    items: List[Any] = app.registered
    for index, item in enumerate(items):
        if isinstance(item, Mount) or item.option("unrouted") or item.option("host_dispatcher"):
            continue
        if _shape(item.path) == key[0] and key[1] in item.methods:
            rest = tuple(method for method in item.methods if method != key[1])
            inner = replace(item, methods=(key[1],), options={**item.options, "unrouted": True})
            items[index : index + 1] = [inner, *([replace(item, methods=rest)] if rest else [])]
            table.routes[None] = inner
            return
