"""Conformance: a paradigm beside other paradigms and plugins."""

from __future__ import annotations

import logging
from typing import Any, Callable, Iterable, List, Optional, Tuple

from .._compat import entry_points
from ..exports import exported, load_export
from ..http.connection import current_connection
from ..http.observing import Observation
from ..plugins.hookspecs import hookimpl
from ..plugins.manager import PARADIGMS, PLUGINS
from ..plugins.types import Call, Observer, Param, PluginInfo, Resolver, RouteHook
from ._apps import make_app
from ._client import Client
from ._kit import ParadigmKit

#: The façade's name of the dependencies that every paradigm's handlers can take.
_DEPENDS = "Depends"
_BOUNDARY = "conformance"
_FORM = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    f"content\r\n--{_BOUNDARY}--\r\n"
).encode()


def _depends() -> Tuple[Optional[Callable[..., Any]], List[str]]:
    """Return `Depends` and the names of its plugins; None where no installed distribution exports it."""
    points = exported().get(_DEPENDS)
    if points is None:
        return None, []
    owner = points[0].distribution
    plugins = entry_points(PARADIGMS, PLUGINS)
    return load_export(_DEPENDS, points), [point.name for point in plugins if point.distribution == owner]


class _Fills:
    """A plugin that fills the parameters that have it as their default."""

    fenrir_plugin = PluginInfo(api="1")

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Optional[Resolver]:
        """Read the path of the request."""
        return Resolver(lambda connection: f"path {connection.path}") if param.default is self else None


async def fills_parameters_by_other_plugins(kit: ParadigmKit) -> None:
    """A parameter of a handler is filled by the plugin that knows it."""
    assert kit.inject is not None
    plugin = _Fills()
    app = kit.app(plugins=[plugin])
    kit.inject(app, "/filled", plugin)
    async with kit.client(app) as client:
        assert (await client.get("/filled")).text == "path /filled"


async def resolves_dependencies(kit: ParadigmKit) -> None:
    """`Depends` fills a parameter of a handler, once a request; checked where a distribution exports it."""
    assert kit.inject is not None
    depends, plugins = _depends()
    if depends is None:
        return
    log: List[str] = []

    async def resource() -> Any:
        log.append("open")
        yield f"at {current_connection().path}"
        log.append("close")

    app = kit.app(plugins=[name for name in plugins if name != kit.app().paradigm])
    kit.inject(app, "/injected", depends(resource))
    async with kit.client(app) as client:
        assert [(await client.get("/injected")).text for _ in range(2)] == ["at /injected"] * 2
    assert log == ["open", "close"] * 2, log


class _Needs:
    """A plugin whose step needs something of the body."""

    fenrir_plugin = PluginInfo(api="1")

    def __init__(self, name: str) -> None:
        self.name, self.__name__ = name, f"needs_{name}"
        self.bodies: List[bytes] = []

    @hookimpl
    def fenrir_route_hooks(self) -> Iterable[RouteHook]:
        """Return the step, which keeps the body where that is what it needs."""
        before = Call.of(self._keep) if self.name == "body" else None
        yield RouteHook(self.__name__, before=before, needs=frozenset({self.name}))

    async def _keep(self, connection: Any) -> None:
        self.bodies.append(connection.loaded_body)


async def keeps_the_body_that_a_plugin_needs(kit: ParadigmKit) -> None:
    """A plugin that needs the body gets it, and so does the handler, although other plugins need the form of it."""
    plugins = [_Needs("load"), _Needs("body"), _Needs("form")]
    app = kit.app(plugins=plugins)
    kit.receive(app, "/body")
    sent = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}
    async with kit.client(app) as client:
        answer = await client.post("/body", body=_FORM, headers=sent)
    assert plugins[1].bodies == [_FORM], plugins[1].bodies
    assert (answer.status, answer.body) == (200, _FORM), answer


class _Observes:
    """A plugin whose observer keeps what it is told at the end."""

    fenrir_plugin = PluginInfo(api="1")

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self.seen: List[Observation] = []

    @hookimpl
    def fenrir_observers(self) -> Iterable[Observer]:
        """Return the observer."""
        yield Observer(self.__name__, on_end=self.seen.append)


async def tells_observers_what_was_served(kit: ParadigmKit) -> None:
    """Two observers are told the route of a request, and the status and size of the response."""
    plugins = [_Observes("first observer"), _Observes("second observer")]
    app = kit.app(plugins=plugins)
    kit.text(app, "/observed", "hello")
    async with kit.client(app) as client:
        answer = await client.get("/observed")
    routes = [target.route for target in app.compiled_routes]
    for plugin in plugins:
        (seen,) = plugin.seen
        assert (seen.status, seen.size, seen.is_complete) == (200, len(answer.body), True), vars(seen)
        assert seen.route in routes and seen.template is not None, vars(seen)


class _Kept(logging.Handler):
    """A handler that keeps the exceptions that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: List[Optional[BaseException]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of a record."""
        self.errors.append(record.exc_info[1] if record.exc_info else None)


async def reports_unhandled_errors(kit: ParadigmKit) -> None:
    """An error that nobody handles is logged with its traceback, and raised in a test client that asks for it."""
    app = kit.app()
    error = ZeroDivisionError("nobody handles it")

    def fail() -> str:
        raise error

    kit.call(app, "/fail", fail)
    kept, raised = _Kept(), None
    logging.getLogger().addHandler(kept)
    try:
        async with kit.client(app) as client:
            assert (await client.get("/fail")).status == 500
            logged = list(kept.errors)
            client.raise_errors = True
            try:
                await client.get("/fail")
            except ZeroDivisionError as handed_over:
                raised = handed_over
    finally:
        logging.getLogger().removeHandler(kept)
    assert error in logged, "The error was not logged: call `fenrir_core.authoring.report` where you handle it."
    assert raised is error, "The error was not raised in the client: call `fenrir_core.authoring.report`."


def _hybrid(kit: ParadigmKit) -> Any:
    """Return a hybrid app that has the paradigm, and the plugins of `Depends` where they are installed."""
    own, (_, others) = kit.app().paradigm, _depends()
    return make_app([name for name in others if name != own], paradigms=() if own is None else (own,))


async def mixes_into_a_hybrid_app(kit: ParadigmKit) -> None:
    """A hybrid app takes the paradigm's routes beside its own; they keep their paradigm in its table."""
    assert kit.mix is not None
    app = _hybrid(kit)

    async def own() -> str:
        return "own"

    app.get("/own")(own)
    kit.mix(app, "/mixed", "hello")
    async with Client(app, raise_errors=False) as client:
        kit.ready(app)
        assert [(await client.get(path)).text for path in ("/own", "/mixed/hello")] == ["own", "hello"]
    found = {target.route.path: target.route.paradigm for target in app.compiled_routes}
    assert found.get("/mixed/hello", "missing") == kit.app().paradigm, found


async def is_described_by_openapi(kit: ParadigmKit) -> None:
    """The OpenAPI document of a hybrid app has the paradigm's routes; checked where a plugin writes one."""
    assert kit.mix is not None
    app = _hybrid(kit)
    kit.mix(app, "/mixed", "hello")
    if not hasattr(app, "openapi"):
        return
    paths = app.openapi()["paths"]
    assert "get" in paths.get("/mixed/hello", {}), paths
