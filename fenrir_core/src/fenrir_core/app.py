"""The app: what was registered, built, started, and served as an ASGI callable."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncContextManager,
    AsyncIterator,
    Awaitable,
    Callable,
    Dict,
    Iterable,
    List,
    Optional,
    Sequence,
    Set,
    Tuple,
    TypeVar,
    Union,
)

from ._callsite import caller
from ._compat import coroutine_function
from ._settings import Settings
from ._thread_pool import ThreadLimiter
from ._threads import run_in_thread
from ._types import ANSWERED, UNSTARTED, AnyCallable, InjectedCall, Overrides, Receive, RouteCall, Scope, Send
from ._watched_dict import WatchedDict
from .build.builder import Builder
from .build.compiled_route import CompiledRoute
from .build.registration import Registrar
from .exceptions import NotFound
from .http.connection import lazy
from .http.encoders import Encoders
from .http.head import has_sound_host
from .http.media_types import MediaTypes
from .http.middleware import MiddlewareStack
from .http.observing import record
from .http.response import RedirectResponse, Response
from .http.shutdown import ShutdownEvent
from .http.websocket import WebSocket, WebSocketDisconnect
from .plugins.manager import Plugins
from .plugins.settings import KERNEL_SETTINGS
from .plugins.types import Contribution, Lifespan, Mount, OpenAPIPart, Route
from .routing.router import Router
from .routing.serving_parts import find_for
from .routing.urls import url_path
from .runtime.contexts import AppContext, AppDependencies, RequestContext
from .runtime.error_handling import error_response, exited
from .runtime.lifespan import LifespanManager

if TYPE_CHECKING:
    from ._types import P

S = TypeVar("S")


class App(Registrar):
    """An ASGI application: the kernel's own, and the base of every paradigm's.

    What is registered is kept until the build (at start-up, or at the first request of a
    server without lifespan events), which checks everything and freezes it. What is registered
    later is built at once, into a new table that serves the requests from then on.

    Args:
        paradigms: Which paradigms to load; None for all that are installed. A paradigm's own
            class loads only itself.
        plugins: Plugins to load besides the installed ones; see `fenrir_core.plugins.manager.Plugins`.
        off: Names of plugins not to load.
        autoload: Whether installed plugins are loaded unasked.
        strict: Whether any plugin's failure is an error, and whatever is registered while the app serves.
        lifespan: A callable that is given the app and gives an async context manager, which
            is entered last at start-up and left first at the stop.
        **settings: Settings by name, those of the plugins too; also as one mapping, ``settings={…}``.

    Raises:
        BuildError: A named plugin can't be loaded, or a setting is unknown or does not fit.
    """

    #: Whether an error that nobody handled is raised to the server, too. ASGI middleware sees it in any case.
    raises_unhandled = True
    #: The status of the redirect where a slash is missing or too much; 308 keeps method and body.
    redirect_status = 308
    settings: Settings
    #: How plugins have values of their types written as JSON.
    encoders: Encoders
    #: The media types besides JSON that bodies are read and written in.
    media_types: MediaTypes
    #: The directory of the module that made the app: relative folders are taken from here.
    root_path: str
    #: The build by which requests are served.
    _table: Builder
    #: Any attributes that the app's author sets.
    state: SimpleNamespace
    lifespan_manager: LifespanManager
    #: The dependencies whose scope is the app.
    dependencies: AppDependencies

    def __init__(
        self,
        *,
        paradigms: Optional[Sequence[str]] = None,
        plugins: Sequence[Any] = (),
        off: Iterable[str] = (),
        autoload: bool = True,
        strict: bool = False,
        lifespan: Optional[Callable[[Any], AsyncContextManager[Any]]] = None,
        **settings: Any,
    ) -> None:
        super().__init__()
        if paradigms is None and self.paradigm is not None:
            paradigms = (self.paradigm,)
        self.plugins = Plugins(paradigms, plugins, off, autoload, strict)
        given = {**settings.pop("settings", {}), **settings}
        self.settings = Settings([*KERNEL_SETTINGS, *self.plugins.ask_all("fenrir_settings")], given)
        self.encoders = Encoders(self.plugins.ask_all("fenrir_encoders"))
        self.media_types = MediaTypes(self.plugins.ask_all("fenrir_media_types"))
        self.root_path = os.path.dirname(os.path.abspath(caller()[0].rpartition(":")[0]))
        self.state = SimpleNamespace()
        self._overrides = WatchedDict(self._rewire)
        self.lifespan_manager = LifespanManager(self)
        self.dependencies = AppDependencies(self)
        self._injected: Dict[Tuple[AnyCallable, Tuple[str, ...], bool], InjectedCall] = {}
        if lifespan is not None:
            self.own_lifespans.append(Lifespan("lifespan", lifespan))
        self._builder: Optional[Builder] = None
        self._layers = MiddlewareStack(self._serve)
        # Both are empty until the first request after a start or a build, and behind middleware: then `_slow` handles
        # the request.
        self._static: Dict[str, Dict[str, Tuple[Any, Dict[str, Any]]]] = {}
        self._match: Any = None
        self._is_fast = False

    # ------------------------------------------------------------ build and life

    def build(self) -> None:
        """Check everything that was registered, compile it and freeze it; once.

        Raises:
            BuildError: Something is put together wrongly.
        """
        self._late.finish()
        if self._builder is None:
            with self._late.lock:
                if self._builder is None:
                    self._late.build()

    def rebuild(self) -> None:
        """Make a new table of everything that is registered, and serve by it.

        Raises:
            BuildError: Something is put together wrongly; the old table stays.
        """
        self._late.build()

    def _next_build(self, before: Optional[Builder] = None) -> Builder:
        """Return a build that takes the place of `before`, by default of the present one."""
        return Builder(self, self.plugins, self._overrides, before or self._builder, self._late)

    def _install(self, builder: Builder, older: Iterable[Builder] = ()) -> None:
        """Serve by a build from now on.

        Args:
            builder: The build.
            older: Builds that have compiled routes of it and are not used otherwise.

        Raises:
            BuildError: A plugin refuses it; the old table stays.
        """
        before, self._builder, self.is_built = self._builder, builder, True
        self._late.sealed = True
        try:
            link = self._layers.prepare(builder.layers())
            self.plugins.ask_all("fenrir_app_built", app=self)
        except BaseException:
            self._builder, self.is_built = before, before is not None
            raise
        finally:
            self._late.sealed = False
        link()
        if before is not None:
            before.become([*older, builder])
        self._injected.clear()
        self._table = builder
        self._disable_fast_path()

    def reopen(self) -> None:
        """Discard the build; the next request builds again."""
        self._builder, self.is_built = None, False
        self._injected.clear()
        self._disable_fast_path()

    @property
    def built(self) -> Builder:
        """What the build made; builds first if need be. What a thread builds meanwhile is not waited for."""
        if self._builder is None:
            self.build()
        assert self._builder is not None
        return self._builder

    @property
    def compiled_routes(self) -> Tuple[CompiledRoute, ...]:
        """The compiled routes in order of registration; builds first if need be."""
        self.build()
        return tuple(self.built.compiled_routes)

    @property
    def routes(self) -> Sequence[Union[Route, Mount]]:
        """All routes, then mounts, in order of registration; builds first if need be."""
        return self.built_routes

    @property
    def built_routes(self) -> Tuple[Union[Route, Mount], ...]:
        """The same, whatever a paradigm's own app has as its `routes`."""
        self.build()
        return (*(target.route for target in self.built.compiled_routes), *self.built.mounts)

    @property
    def openapi_parts(self) -> List[Contribution[OpenAPIPart]]:
        """What plugins change in the OpenAPI document; builds first if need be."""
        self.build()
        return self.built.openapi_parts

    def compile_route(self, route: Route) -> CompiledRoute:
        """Compile a route that the table of routes does not have, for example one that is described only."""
        compiled = CompiledRoute(self, route, None)
        self.built.wire(compiled)
        return compiled

    def has_route(self, name: str) -> bool:
        """Return whether a route has this name; builds first if need be."""
        self.build()
        return name in self.built.names

    @property
    def open_streams(self) -> Set[Callable[[], None]]:
        """Functions that end the streams that are open; called when their time is up at the stop."""
        return self.lifespan_manager.streams

    def _stop_serving(self) -> None:
        """Disable the fast path; called when the stop begins."""
        self.is_started = False
        self._disable_fast_path()

    def _disable_fast_path(self) -> None:
        """Have the next request find out how it is served."""
        self._is_fast = False
        self._static, self._match = {}, None

    def _enable_fast_path(self) -> None:
        # else a thread makes the next table
        if self._late.pending is None and self._late.lock.acquire(blocking=False):
            if self.is_started and self._table.is_open:
                self._is_fast = True
                if self._layers.outermost is None and not self.is_observed:
                    self._static, self._match = self._table.router.static, self._table.router.match
            self._late.lock.release()

    #: Whether an app that it is mounted in has observers, which are told the route of each request.
    is_observed = False

    @property
    def dependency_overrides(self) -> Overrides:
        """The callables that stand in for dependencies, by the original; may be changed at any time.

        Set it to None to remove all of them.
        """
        return self._overrides

    @dependency_overrides.setter
    def dependency_overrides(self, overrides: Optional[Overrides]) -> None:
        self._overrides.replace(overrides or {})

    def _rewire(self) -> None:
        """Recompile the routes whose dependency overrides changed."""
        self._late.finish()
        with self._late.lock:
            if self._builder is not None:
                for target in self._builder.all_targets:
                    if target.plan.root.has_dependencies:
                        target.root = None  # what a late registration has kept
                        self._builder.wire(target)

    def on_suppressed_exception(self, error: BaseException) -> BaseException:
        """Return the exception to handle if a dependency with `yield` suppressed `error`."""
        return error

    @property
    def propagates_errors(self) -> bool:
        """Whether an error that nobody handled is raised after its response: to ASGI middleware, or to the server."""
        return self._layers.outermost is not None or self.raises_unhandled

    @lazy
    def executor(self) -> ThreadLimiter:
        """This app's share in the threads of the process, which runs its synchronous handlers."""
        return ThreadLimiter(self.settings["threads"], self.settings["threads_max"])

    async def run_in_thread(self, function: Callable[P, S], *args: P.args, **kwargs: P.kwargs) -> S:
        """Call a blocking function in the app's pool, with the context carried both ways."""
        return await run_in_thread(self.executor, function, *args, **kwargs)

    @property
    def shutdown_event(self) -> ShutdownEvent:
        """The event that is set when the stop begins; streams that could go on for ever watch it."""
        return self.lifespan_manager.shutdown_event

    # ------------------------------------------------------------ outside of requests

    def context(self) -> AppContext:
        """Return a context outside of requests, for scripts and tests; see `AppContext`."""
        return AppContext(self)

    def request_context(self, path: str = "/", method: str = "GET", **options: Any) -> RequestContext:
        """Return the context of a request that no client sent, for scripts and tests; see `RequestContext`."""
        return RequestContext(self, path, method, **options)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[App]:
        """Start the app and stop it again, for scripts and tests without a server."""
        await self.lifespan_manager.start()
        try:
            yield self
        finally:
            await self.lifespan_manager.stop()

    def injected(
        self, function: AnyCallable, positional: Tuple[str, ...] = (), *, nonblocking: bool = False
    ) -> InjectedCall:
        """Return `async call(connection, *positional)`, which fills the other parameters; compiled once.

        Args:
            function: Any callable.
            positional: Names for the leading arguments that the caller passes.
            nonblocking: Whether a synchronous `function` runs on the event loop instead of in a thread.
        """
        key = (function, positional, nonblocking)
        if key not in self._injected:
            self._injected[key] = self.built.inject(function, None, positional, nonblocking)
        return self._injected[key]

    @property
    def fallback_route(self) -> CompiledRoute:
        """The compiled route for connections that match no route."""
        return self.built.fallback_routes[404]

    # ------------------------------------------------------------ URLs

    def url_path(self, name: str, /, **values: Any) -> str:
        """Build the path of a route by its name, without any mount prefix.

        Args:
            name: The route's name, a mount's, or ``mount:route``; see `routing.urls.url_path`.
            **values: Path parameters; others become the query. A mount's name takes `path`.

        Raises:
            CannotBuildURL: No route fits; the message names what is missing.
        """
        built = self._builder or self.built
        if self._late.pending is not None and name not in built.names:
            self.build()
            built = self.built
        return url_path(built.names, built.mounts, name, values)

    # ------------------------------------------------------------ ASGI

    @coroutine_function
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a connection (ASGI 3.0)."""
        # PERF: the common cases in this one frame, started, no ASGI middleware, not mounted; it gives the route's
        # coroutine instead of awaiting it in one of its own, 130 ns
        methods = self._static.get(scope.get("path"))  # type: ignore[arg-type]  # None where there is no path
        raw = scope.get("raw_path")
        if methods is not None and not scope.get("root_path") and (not raw or 37 not in raw):
            # a "%" (37) may be an encoded slash, which is none though the decoded path looks as if it were
            found = methods.get(scope.get("method", "WEBSOCKET"))
            if found is not None:
                params = found[1]
                return found[0].call(scope, receive, send, params.copy() if params else {})  # type: ignore[no-any-return]
        match = self._match
        if match is None or scope["type"] == "lifespan" or scope.get("root_path"):
            return self._slow(scope, receive, send)
        found = match(scope.get("method", "WEBSOCKET"), scope["path"], raw)
        if found[0] is None:
            return self._no_match(found, match.__self__, scope, receive, send)
        return found[0].call(scope, receive, send, found[1])  # type: ignore[no-any-return]

    async def _slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan_manager.serve(scope, receive, send)
            return
        if not self._is_fast:
            if not self.is_started and UNSTARTED not in (scope.get("extensions") or {}):
                await self.lifespan_manager.ensure_started()
            await self._late.ready()
            self.build()  # it was reopened, or a test client was told to start nothing
            self._enable_fast_path()
            self.has_served = True
        try:
            # a malformed `Host` is refused by the route; nothing else is to see it
            outermost = self._layers.outermost
            if outermost is None or not has_sound_host(scope):
                outermost = self._serve
            await outermost(scope, receive, send)
        except SystemExit as error:
            raise exited("ASGI middleware", error) from error
        except Exception as error:
            if self.raises_unhandled or not getattr(error, ANSWERED, False):
                raise

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        table = self._table
        if not table.is_open:
            await self.lifespan_manager.catch_up(table)
        router = table.router
        found = find_for(router, scope)
        if found.target is None:
            await self._no_match(found, router, scope, receive, send)
        else:
            record(scope, found.target)
            await found.target.call(scope, receive, send, found.params)

    def _no_match(self, found: Any, router: Router, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # PERF: it gives the coroutine that serves, as `__call__` does
        if found.allowed and scope["type"] == "http":
            derive = self.settings["derive_options"]
            if derive or found.mount is None:
                allowed = tuple(sorted({*found.allowed, "OPTIONS"})) if derive else found.allowed
                status = 200 if derive and scope["method"] == "OPTIONS" else 405
                return self.answer(status, scope, receive, send, allowed=allowed, mount=found.mount)
        if found.mount is not None:
            mount = found.mount[0]
            record(scope, mount)
            call: RouteCall = router.mounted[id(mount), scope["type"] == "websocket"].call
            return call(scope, receive, send, {})
        if found.redirect is not None and scope["type"] == "http" and has_sound_host(scope):
            return self._redirect(found.redirect, scope, send)
        return self.answer(404, scope, receive, send)

    async def answer(self, status: int, scope: Scope, receive: Receive, send: Send, **params: Any) -> None:
        """Send the kernel's own response, through the same hooks as any route: 404, 405, or OPTIONS (200)."""
        if scope["type"] == "websocket":
            websocket = WebSocket(scope, receive, send, {}, self.fallback_route)
            with suppress(WebSocketDisconnect):  # the client left before the handshake
                await websocket.reject(error_response(websocket, NotFound()) or Response(b"", 404))
        else:
            await self.built.fallback_routes[status].call(scope, receive, send, params)

    def redirect_location(self, path: str, scope: Scope) -> str:
        """Return the `Location` of the redirect to a route's `path`, where a slash is missing or too much."""
        # relative, so that it is right behind any proxy
        query = scope.get("query_string", b"").decode("latin-1")
        return (scope.get("root_path") or "").rstrip("/") + path + (f"?{query}" if query else "")

    async def _redirect(self, path: str, scope: Scope, send: Send) -> None:
        response = RedirectResponse(self.redirect_location(path, scope), self.redirect_status)
        await send({"type": "http.response.start", "status": int(response.status), "headers": response.head(0)})
        await send({"type": "http.response.body", "body": b""})
