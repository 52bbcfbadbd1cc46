"""Conformance: a paradigm's app towards plugins, other apps and reports."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import AsyncContextManager, AsyncIterator, Callable, List, Optional, Sequence

from ..app import App
from ..exceptions import FenrirError
from ..http.connection import Connection
from ..http.response import PlainTextResponse, Response
from ..plugins.hookspecs import hookimpl
from ..plugins.types import Call, Lifespan, PluginInfo, Route, RouteHook
from ._apps import make_app, poison
from ._kit import ParadigmKit

_PLACE = re.compile(r".+:\d+")


async def takes_or_refuses_late_routes(kit: ParadigmKit) -> None:
    """A route that is registered while the app serves is served from then on, or refused by its path."""
    app = kit.app()
    kit.text(app, "/hello", "hello")
    async with kit.client(app) as client:
        assert (await client.get("/hello")).text == "hello"
        try:
            kit.text(app, "/late", "late")
        except FenrirError as error:
            assert "/late" in str(error), error
        else:
            answer = await client.get("/late")
            assert answer.text == "late", f"A route that was registered late is answered with {answer.status}."
        assert (await client.get("/hello")).text == "hello"


async def keeps_two_apps_apart(kit: ParadigmKit) -> None:
    """Two apps that serve at the same time share neither routes nor error handlers."""

    def fail() -> str:
        raise LookupError("mine")

    async def handle(connection: Connection, error: BaseException) -> Response:
        return PlainTextResponse("handled", 418)

    apps = [kit.app(), kit.app()]
    for number, app in enumerate(apps):
        kit.text(app, "/who", f"app {number}")
        kit.call(app, "/fail", fail)
    apps[0].add_exception_handler(LookupError, handle)
    async with kit.client(apps[0]) as first, kit.client(apps[1]) as second:
        assert [(await client.get("/who")).text for client in (first, second, first)] == ["app 0", "app 1", "app 0"]
        assert [(await client.get("/fail")).status for client in (first, second)] == [418, 500]


async def calls_no_hook_while_it_serves(kit: ParadigmKit) -> None:
    """Requests of every kind are served after every hook was made to raise."""
    app = kit.app()
    kit.text(app, "/hello", "hello")
    kit.echo(app, "/text/{name}", "name")
    kit.receive(app, "/body")

    def fail() -> str:
        raise ZeroDivisionError

    kit.call(app, "/fail", fail)
    async with kit.client(app) as client:
        poison(app)
        asked = (("GET", "/hello"), ("GET", "/text/x"), ("POST", "/body"), ("GET", "/nowhere"), ("PUT", "/hello"))
        found = [(await client.request(method, path)).status for method, path in asked]
        assert found == [200, 200, 200, 404, 200 if kit.any_method else 405], found
        assert (await client.get("/fail")).status == 500


class _Steps:
    """A plugin that records which steps ran, and responds to ``/closed`` itself."""

    fenrir_plugin = PluginInfo(api="1")

    def __init__(self) -> None:
        self.seen: List[str] = []

    @hookimpl
    def fenrir_route_hooks(self) -> Sequence[RouteHook]:
        """Return the steps for every route."""
        return [RouteHook("steps", Call.of(self._before), Call.of(self._after), Call.of(self._teardown), "outer")]

    async def _before(self, connection: Connection) -> Optional[Response]:
        self.seen.append(f"before {connection.path}")
        return PlainTextResponse("closed", 401) if connection.path == "/closed" else None

    async def _after(self, connection: Connection, response: Response) -> None:
        status = getattr(response, "status_code", response.status)  # some have the status line in `status`
        self.seen.append(f"after {status}")
        response.headers["x-steps"] = "after"

    async def _teardown(self, connection: Connection, error: Optional[BaseException]) -> None:
        self.seen.append("teardown")


async def runs_the_steps_of_other_plugins(kit: ParadigmKit) -> None:
    """The steps that a plugin puts around routes run for results, errors, 404 and 405, and may respond themselves."""
    steps = _Steps()
    app = kit.app(plugins=[steps])
    kit.text(app, "/hello", "hello")
    kit.text(app, "/closed", "never")

    def fail() -> str:
        raise ZeroDivisionError

    kit.call(app, "/fail", fail)
    async with kit.client(app) as client:
        put = 200 if kit.any_method else 405
        asked = (("GET", "/hello", 200), ("GET", "/fail", 500), ("GET", "/nowhere", 404), ("PUT", "/hello", put))
        for method, path, status in (*asked, ("GET", "/closed", 401)):
            steps.seen.clear()
            answer = await client.request(method, path)
            assert (answer.status, answer.headers.get("x-steps")) == (status, "after"), (path, answer, steps.seen)
            assert steps.seen == [f"before {path}", f"after {status}", "teardown"], (path, steps.seen)


class _Lives:
    """A plugin with two lifespans whose order is not that of their names."""

    fenrir_plugin = PluginInfo(api="1")

    def __init__(self) -> None:
        self.seen: List[str] = []

    @hookimpl
    def fenrir_lifespans(self) -> Sequence[Lifespan]:
        """Return the second one first."""
        return [Lifespan("a", self._living("a"), after=("b",)), Lifespan("b", self._living("b"))]

    def _living(self, name: str) -> Callable[[App], AsyncContextManager[None]]:
        @asynccontextmanager
        async def live(app: App) -> AsyncIterator[None]:
            self.seen.append(f"{name} starts")
            yield
            self.seen.append(f"{name} stops")

        return live


async def starts_and_stops_in_order(kit: ParadigmKit) -> None:
    """Lifespans start before the first request, in order, and stop in reverse."""
    lives = _Lives()
    app = kit.app(plugins=[lives])
    kit.text(app, "/hello", "hello")
    async with kit.client(app) as client:
        assert lives.seen == ["b starts", "a starts"], lives.seen
        assert (await client.get("/hello")).status == 200
    assert lives.seen[2:] == ["a stops", "b stops"], lives.seen


async def shows_each_route_in_its_table(kit: ParadigmKit) -> None:
    """`app.compiled_routes` has each route with its paradigm, its origin, and where it was registered."""
    app = kit.app()
    kit.text(app, "/hello", "hello")
    kit.echo(app, "/text/{name}", "name")
    kit.receive(app, "/body")
    found = {target.route.path: target for target in app.compiled_routes}
    for written, method in (("/hello", "GET"), ("/text/{name}", "GET"), ("/body", "POST")):
        path = kit.shown(written)
        target = found.get(path)
        assert target is not None, f"{path} is not in the table: {sorted(found)}"
        route: Route = target.route
        assert method in route.methods or "*" in route.methods, route
        assert route.paradigm == app.paradigm, f"{route} belongs to {route.paradigm!r}, not to {app.paradigm!r}."
        assert _PLACE.fullmatch(route.where), f"{route} has no place ({route.where!r}): set `where` to file:line."
        assert route.origin.plugin, route
        assert target.source, f"{route} was not compiled."


async def builds_urls_by_name(kit: ParadigmKit) -> None:
    """The path that is built from a route's name and values leads back to the route."""
    app = kit.app()
    kit.echo(app, "/text/{name}", "name")
    shown = kit.shown("/text/{name}")
    (target,) = [target for target in app.compiled_routes if target.route.path == shown]
    assert target.route.name, "The route has no name."
    (parameter,) = target.path_names
    path = app.url_path(target.route.name, **{parameter: "a b/ü?"})
    async with kit.client(app) as client:
        assert (await client.get(path)).json() == {"value": "a b/ü?"}, path


async def is_served_under_a_prefix(kit: ParadigmKit) -> None:
    """The app can be mounted in another one: its paths follow the prefix, its lifespan runs with the outer one's."""
    lives = _Lives()
    app, outer = kit.app(plugins=[lives]), make_app()
    kit.text(app, "/hello", "hello")
    outer.mount("/under/here", app)
    async with kit.client(outer) as client:
        assert lives.seen == ["b starts", "a starts"], lives.seen
        assert (await client.get("/under/here/hello")).text == "hello"
        for path in ("/hello", "/under/here/nowhere"):
            assert (await client.get(path)).status == 404, path
    assert lives.seen[2:] == ["a stops", "b stops"], lives.seen
