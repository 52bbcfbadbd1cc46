"""The build: from registrations to frozen tables and compiled routes, phase by phase."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from .._callsite import name_of, parameter_names, where_is
from .._compat import entry_points
from .._copies import changed
from .._functions import FunctionMaker, Source
from .._inheritance import Inheritance, Known
from .._late import NOTHING, ROUTES, STEPS, LateRegistration
from .._ordering import in_layers, topological
from .._suggestions import did_you_mean
from .._types import AnyCallable, ASGIApp, InjectedCall, KernelOptions
from .._watched_dict import WatchedDict, heeding
from ..exceptions import BuildError, DuplicateRoute
from ..http.adapters import ADAPTERS, Adapters
from ..http.asgi import HeadRoute
from ..http.error_handlers import ErrorForms
from ..http.errors import ErrorHandler, Handlers, answering
from ..http.fallbacks import FALLBACKS
from ..http.lifespan import enter_mounted
from ..http.observing import ObservedApp
from ..plugins.manager import Plugins
from ..plugins.types import (
    Build,
    Call,
    Contribution,
    ExceptionHandler,
    Lifespan,
    Middleware,
    Mount,
    Origin,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
)
from ..routing.converters import DEFAULT_CONVERTERS, PathConverter
from ..routing.router import Router
from ..routing.templates import Template, parse_template
from ..routing.tree import places_of
from ..runtime.mounting import mount_routes
from .compiled_route import CompiledRoute
from .compiler import call_source, dependency_source, http_source, step_source, websocket_source
from .planner import KERNEL, CallPlan, Planner, RoutePlan
from .return_values import TABLE, as_response, handing_on, hybrid_return_handler, negotiating

#: The route options that the kernel reads itself.
KERNEL_OPTIONS = tuple(KernelOptions.__annotations__)
ORDERS = ("outer", "normal", "inner")
#: The most routes of an app whose late registrations are built where they are called: where these routes stay as they
#: are, and where each is compiled again.
QUICK, QUICK_WIRED = 100, 10
_APP = Origin("app")

N = TypeVar("N", Lifespan, Middleware)
#: A plan of a call, and the names of its leading arguments.
Planned = Tuple[CallPlan, Tuple[str, ...]]
Writer = Callable[..., Optional[Source]]


class Builder:
    """The build of one app; `check` and `finish` do it all, in the order of the phases.

    Args:
        app, plugins: The app, and its plugins.
        overrides: Callables that stand in for dependencies, by the original.
        before: The build that this one takes the place of.
        late: The registration that it is for; the routes that this does not change are taken over as they are.
    """

    def __init__(
        self,
        app: Any,
        plugins: Plugins,
        overrides: WatchedDict,
        before: Optional[Builder] = None,
        late: Optional[LateRegistration] = None,
    ) -> None:
        self.app, self.plugins = app, plugins
        self.functions: FunctionMaker = FunctionMaker() if before is None else before.functions
        self.adapters: Adapters = Adapters(entry_points(ADAPTERS)) if before is None else before.adapters
        self.planner: Planner = Planner(plugins, overrides, None if before is None else before.planner)
        self._before, self._late, self._overrides = before, late, overrides
        self.known: Known[CompiledRoute] = Known()
        self.inherited: Inheritance[CompiledRoute] = Inheritance()
        #: What this build has compiled or copied so far, by the identity of the route.
        self.targets: Dict[int, CompiledRoute] = {}
        self.router = Router(app.settings["trailing_slash"])
        #: Whether all lifespans and dependencies have been opened.
        self.is_open = self.is_finished = False
        self.compiled_routes: List[CompiledRoute] = []
        self.mounts: List[Mount] = []
        self.fallback_routes: Dict[int, CompiledRoute] = {}
        self.names: Dict[str, List[Template]] = {}
        self.exception_handlers: List[Contribution[ExceptionHandler]] = []
        self.lifespans: List[Contribution[Lifespan]] = []
        self._rule: Optional[ReturnHandler] = None
        #: The handlers of errors, which routes share, by what they are made of.
        self._answering: Dict[Tuple[object, ...], Sequence[Handlers]] = {}
        self._table = negotiating(TABLE) if app.media_types.by_name else TABLE
        self._view({}, ())

    def check(self, registered: Sequence[Union[Route, Mount]]) -> None:
        """Collect the routes; of a late registration compile what is new, which finds the mistakes in it.

        Args:
            registered: What the app's author registered.

        Raises:
            BuildError: Something is put together wrongly; the message says where and what to do.
        """
        self._view(self._converters(), ())
        self._routes = routes = self._collect(registered)
        before, self._before = self._before, None
        changes = NOTHING if self._late is None else self._late.changes  # what was collected may have brought hooks
        self.inherited = Inheritance(before, changes)
        self._routes = routes = self.inherited.find(routes)
        new = [item for item in self.inherited.new if isinstance(item, Route)]
        self._check_options(new)
        self._view(self.build.converters, tuple(item for item in routes if isinstance(item, Route)))
        for status, endpoint in FALLBACKS.items():
            route = Route("", endpoint, ("*",), paradigm=self.app.paradigm, fallback=status, where="kernel")
            self.fallback_routes[status] = CompiledRoute(self.app, route, None)
        kept = before if changes == NOTHING else None
        self.exception_handlers = self._exception_handlers() if kept is None else kept.exception_handlers
        #: Whether little is left to do.
        self.is_quick = len(routes) <= (QUICK_WIRED if changes >= STEPS else QUICK)
        if before is not None:
            self._check_new(new)
            if changes >= STEPS:
                self.wire(self.fallback_routes[404])

    def finish(self, pause: Callable[[], None] = lambda: None) -> None:
        """Make the table and compile what is not compiled yet.

        Args:
            pause: Called after each route.

        Raises:
            BuildError: As `check`.
        """
        self._route(self._routes, pause)
        for target in self.all_targets:
            if target.plan is None:  # not one of the build before
                self.wire(target)
            elif self.inherited.changes > NOTHING:
                target.handlers = self._handlers(target)
                target.call = self.functions.again(target.call, target=target)
            pause()
        self.error_format = self.plugins.ask_first("fenrir_error_format", build=self.build)
        self.router.freeze()
        self.middleware = self._middleware()
        self.observers = self.plugins.ask_all("fenrir_observers", build=self.build)
        self.lifespans = self._lifespans()
        self.openapi_parts = self.plugins.ask_all("fenrir_openapi_parts", build=self.build)
        self.template_context = self.plugins.ask_all("fenrir_template_context", build=self.build)
        self.known, self.is_finished = Known(self.compiled_routes, self.router.places), True
        self._routes, self.targets, self.inherited = [], {}, Inheritance()

    def become(self, others: Sequence[Builder]) -> None:
        """Have the attributes of the last of later builds from now on, as have the others.

        Routes that were taken over refer to the builder that compiled them: each would keep a table of its own alive.
        """
        vars(self).update(vars(others[-1]))
        for other in others:
            other.__dict__ = vars(self)

    @property
    def all_targets(self) -> List[CompiledRoute]:
        """Everything that is compiled: routes, then what serves mounts, then the kernel's own responses."""
        return [*self.compiled_routes, *self.router.mounted.values(), *self.fallback_routes.values()]

    # ------------------------------------------------------------ phase 2: routes

    def _view(self, converters: Mapping[str, PathConverter], routes: Tuple[Route, ...]) -> None:
        settings = MappingProxyType(self.app.settings)
        self.build = Build(self.app, settings, MappingProxyType(dict(converters)), routes, self.inject, self.step)
        self.planner.build = self.build

    def _converters(self) -> Dict[str, PathConverter]:
        converters = dict(DEFAULT_CONVERTERS)
        owners = dict.fromkeys(converters, KERNEL)
        for given in self.plugins.ask_all("fenrir_path_converters", build=self.build):
            name = given.value.name
            if name in owners and (owners[name] is not KERNEL or given.by.plugin != self.app.paradigm):
                raise BuildError(f"The path converter {name!r} is given by both {owners[name]} and {given.by}.")
            converters[name], owners[name] = given.value, given.by
        return converters

    def _collect(self, registered: Sequence[Union[Route, Mount]]) -> List[Union[Route, Mount]]:
        found: List[Union[Route, Mount]] = []
        for item in registered:
            found.extend(self._expand(item) if isinstance(item, Mount) else [item])
        self._view(self.build.converters, tuple(item for item in found if isinstance(item, Route)))
        for given in self.plugins.ask_all("fenrir_routes", build=self.build):
            value = replace(given.value, origin=given.by)
            if isinstance(value, Route) and not value.where:
                value = replace(value, where=where_is(value.endpoint))
            found.append(value)
        replaced = {item.replaces for item in found if isinstance(item, Route) and item.replaces}
        names = {item.name for item in found}
        for name in sorted(replaced - names):
            raise BuildError(f"A route replaces {name!r}, but there is no route of that name.")
        return [item for item in found if item.name not in replaced or getattr(item, "replaces", None)]

    def _expand(self, mount: Mount) -> Sequence[Union[Route, Mount]]:
        answer = self.plugins.ask_first(
            "fenrir_collect_routes", source=mount.app, prefix=mount.prefix, build=self.build
        )
        if answer is not None and mount.guards:
            return [changed(item, origin=answer.by) for item in answer.value]
        source: Any = mount.app
        if callable(source):
            return [mount]
        asked = (", ".join(self.plugins.order) or "no plugin is installed") if mount.guards else "none: guards=False"
        raise BuildError(
            f"{mount.where}: {type(mount.app).__name__} mounted at {mount.prefix or '/'!r} is no ASGI app, and no "
            f"plugin makes routes of it (asked: {asked}). Install or activate the paradigm that it belongs to."
        )

    def _check_options(self, routes: Sequence[Route]) -> None:
        known = {*KERNEL_OPTIONS, *self._plugin_options()}
        for route, name in ((item, option) for item in routes for option in item.options if option not in known):
            hint = did_you_mean(name, known, f"Known: {', '.join(sorted(known))}.", most=3)
            raise BuildError(f"{route.where}: route {route.path!r} has an unknown option {name!r}. {hint}")

    def _plugin_options(self) -> Iterable[str]:
        found: Dict[str, Contribution[RouteOption]] = {}
        for given in self.plugins.ask_all("fenrir_route_options"):
            first = found.setdefault(given.value.name, given)
            if given.value.name in KERNEL_OPTIONS or first.value != given.value:
                other = "the kernel" if given.value.name in KERNEL_OPTIONS else str(first.by)
                raise BuildError(
                    f"The route option {given.value.name!r} is declared by both {other} and {given.by}. Give one of "
                    "them another name; two plugins that mean the same thing say so by the same `help`."
                )
        return found

    def _route(self, routes: Sequence[Union[Route, Mount]], pause: Callable[[], None]) -> None:
        for item in routes:
            pause()
            try:
                if isinstance(item, Mount):
                    self.router.add_mount(item.prefix, item, item.needs_slash)
                    self.mounts.append(item)
                    for route in mount_routes(self.app, item):
                        self.router.mounted[id(item), route.is_websocket] = CompiledRoute(self.app, route, None)
                else:
                    self._add(item)
            except DuplicateRoute as error:
                raise self._conflict(error) from None

    def _check_new(self, routes: Sequence[Route]) -> None:
        for route in routes:
            target = self.targets[id(route)] = self._target(route)
            for place in () if route.option("unrouted") else places_of(target.template, route.methods):
                first = self.inherited.place(place, target)
                if first is not target:
                    raise self._conflict(DuplicateRoute(place[0], route.path, first, target))
            self.wire(target)

    def _target(self, route: Route) -> CompiledRoute:
        names = parameter_names(route.endpoint)
        return CompiledRoute(self.app, route, parse_template(route.path, self.build.converters, names, route.where))

    def _add(self, route: Route) -> None:
        target = self.targets[id(route)] = self.targets.get(id(route)) or self._again(route) or self._target(route)
        template = target.template
        assert template is not None
        strict = route.option("strict_slashes")
        self.compiled_routes.append(target)
        if route.name:
            self.names.setdefault(route.name, []).append(template)
        if route.option("unrouted"):
            return  # compiled and described like any other, dispatched by the plugin that added it
        for method in route.methods:
            self.router.add(method, template, target, strict_slashes=strict)
        if "GET" in route.methods and "HEAD" not in route.methods and self.app.settings["derive_head"]:
            self.router.add("HEAD", template, HeadRoute(target), strict_slashes=strict, derived=True)

    def _conflict(self, error: DuplicateRoute) -> BuildError:
        items = [side.route if isinstance(side, CompiledRoute) else side for side in (error.first, error.second)]
        sides = [f"{item.where or name_of(getattr(item, 'endpoint', item))} (from {item.origin})" for item in items]
        return BuildError(
            f"{error.method} {error.path} is registered twice: {sides[0]} and {sides[1]}. "
            "Remove one, or give the newcomer `replaces` with the other's name."
        )

    # ------------------------------------------------------------ phase 3: wiring

    def wire(self, target: CompiledRoute) -> None:
        """Plan and compile a route; called again when a dependency is overridden."""
        route = target.route
        nonblocking = bool(route.option("nonblocking"))
        root = target.root or self.planner.node(route.endpoint, route, target.path_names, nonblocking=nonblocking)
        return_handler, hooks = self._return_handler(route), self._hooks(route)
        one = self._one_thread(route, hooks)
        plan = RoutePlan(route, root, return_handler.value, return_handler.by, hooks, self.rule_of, one)
        source = (websocket_source if route.is_websocket else http_source)(plan, target)
        label = f"{route} #{id(target):x}" if route.fallback == 0 else f"answer {route.fallback}"
        target.call = self.functions.function(source, label)
        target.keeps_thread = source.hops > 1 or None if plan.one_thread is None else plan.one_thread
        target.handlers = self._handlers(target)
        target.plan = plan

    def _again(self, route: Route) -> Optional[CompiledRoute]:
        """Return a route compiled before: itself, a copy for other error handlers, or one that is compiled again."""
        target, changes = self.inherited.take(route)
        if target is None or changes > ROUTES:
            return target and CompiledRoute(self.app, route, target.template)
        if changes >= STEPS:
            root = None if changes == ROUTES else target.root if target.plan is None else target.plan.root
            return changed(target, root=root, plan=None)
        return target if changes == NOTHING or target.plan is None else changed(target)

    def _one_thread(self, route: Route, hooks: Iterable[Contribution[RouteHook]]) -> Optional[bool]:
        """Return what the paradigms that have synchronous steps on a route say about its threads."""
        names = [route.paradigm or ""]
        for hook, by in ((given.value, given.by) for given in hooks):
            if any(call is not None and call.mode == "thread" for call in (hook.before, hook.after, hook.teardown)):
                names.append(by.plugin)
        asked = [self.plugins.one_thread(name) for name in names]
        return True if True in asked else asked[0]

    def rule_of(self, by: Origin) -> ReturnHandler:
        """Return the rule for what a guard or error handler of `by` returned; a route's own is not meant for it.

        In a pure app its author and its paradigm write by the paradigm's rule, plugins by the table.
        """
        if self.app.paradigm is None or by.plugin not in (self.app.paradigm, _APP.plugin):
            return self._table
        if self._rule is None:
            self._rule = self._return_handler(self.fallback_routes[404].route).value
        return self._rule

    def _return_handler(self, route: Route) -> Contribution[ReturnHandler]:
        answers = self.plugins.ask_in_turn("fenrir_make_return_handler", route.paradigm, route=route, build=self.build)
        given: List[Contribution[ReturnHandler]] = []
        for answer in answers:
            given.append(answer)
            if self.plugins.is_paradigm(answer.by.plugin):
                break
        else:
            given.append(Contribution(hybrid_return_handler(route, self.app.encoders, check=not given), KERNEL))
        handler = given[-1].value
        for answer in reversed(given[:-1]):
            handler = handing_on(answer.value, handler)
        return Contribution(negotiating(handler) if self.app.media_types.by_name else handler, given[0].by)

    def _hooks(self, route: Route) -> List[Contribution[RouteHook]]:
        if route.mount is not None and not route.mount.guards:
            return []
        found = self.plugins.ask_all("fenrir_route_hooks", route.paradigm, route=route, build=self.build)
        return sorted(found, key=lambda given: (ORDERS.index(given.value.order), -given.value.priority))

    def inject(
        self,
        function: AnyCallable,
        route: Optional[Route] = None,
        positional: Sequence[str] = (),
        nonblocking: bool = False,
    ) -> InjectedCall:
        """Compile `async call(connection, *positional)` that fills the other parameters of `function`.

        Args:
            function: Any callable.
            route: What it is called for; an anonymous one by default.
            positional: Names for the leading arguments that the caller passes.
            nonblocking: Whether a synchronous `function` may run on the event loop.
        """
        plan = partial(self._planned, function, route, positional, nonblocking)
        given = plan()
        return self._function(plan, given, call_source(*given))

    def step(self, function: AnyCallable, positional: Sequence[str] = ()) -> Call:
        """Return the call of a hook: what `inject` compiles, or a synchronous function where nothing else is called."""
        plan = partial(self._planned, function, None, positional)
        given = plan()
        source = step_source(*given)
        if source is None:
            return Call(self._function(plan, given, call_source(*given)), "async")
        return Call(self._function(plan, given, source, step_source), "thread")

    def _function(
        self, plan: Callable[[], Planned], given: Planned, source: Source, write: Writer = call_source
    ) -> AnyCallable:
        """Compile the source of a plan; where that has dependencies, overrides of them are heeded from then on."""
        make = partial(self.functions.function, label=f"call of {given[0].name}")
        if not given[0].has_dependencies:
            return make(source)
        # what an override makes asynchronous is a coroutine, which is awaited where the thread was called
        return heeding(self._overrides, make(source), lambda: make(write(*plan()) or call_source(*plan())))

    def _planned(
        self, function: AnyCallable, route: Optional[Route], positional: Sequence[str], nonblocking: bool = False
    ) -> Planned:
        route = route or Route("", function, (), where=where_is(function), paradigm=self.app.paradigm)
        return self.planner.node(function, route, frozenset(), positional, nonblocking), tuple(positional)

    def dependency(self, key: Any) -> InjectedCall:
        """Compile `async call(connection)`, which makes the value of an app-scoped dependency."""
        node = self.planner.app_nodes[key]
        return self.functions.function(dependency_source(node), f"dependency {node.name}")

    # ------------------------------------------------------------ phase 4: frame

    def error_handlers_of(self, route: Route) -> List[Dict[Union[type, int], Contribution[ExceptionHandler]]]:
        """Return what handles the errors of a route, by exception class or status; the nearest level first."""
        levels: Dict[float, Dict[Union[type, int], Contribution[ExceptionHandler]]] = {}
        for given in self.exception_handlers:
            handler = given.value
            if handler.applies is None or handler.applies(route):
                level = levels.setdefault(-1 if handler.default else handler.level, {})
                level.setdefault(handler.matches, given)
        return [levels[level] for level in sorted(levels, reverse=True)]

    def _exception_handlers(self) -> List[Contribution[ExceptionHandler]]:
        given = self.plugins.ask_all("fenrir_exception_handlers", build=self.build)
        forms = self.app.store(ErrorForms)
        for matches, item in self.app.own_handlers:
            handler = ExceptionHandler(matches, Call(item.compile(self.inject, forms), "async"))
            given.append(Contribution(handler, _APP))
        return given

    def _handlers(self, target: CompiledRoute) -> Sequence[Handlers]:
        levels = self.error_handlers_of(target.route)
        of_route = (target.route.is_websocket, *[tuple(map(id, level.values())) for level in levels])
        if of_route not in self._answering:
            self._answering[of_route] = tuple(
                {key: self._answer(target, of) for key, of in level.items()} for level in levels
            )
        return self._answering[of_route]

    def _answer(self, target: CompiledRoute, given: Contribution[ExceptionHandler]) -> ErrorHandler:
        call, rule = given.value.handle, TABLE if target.route.is_websocket else self.rule_of(given.by)
        return answering(call.function, call.mode, partial(as_response, rule=rule))

    def _middleware(self) -> List[Contribution[Middleware]]:
        given = self.plugins.ask_all("fenrir_middleware", build=self.build)
        given += [Contribution(item, _APP) for item in self.app.own_middleware]
        by_name = _by_name(given, "middlewares")
        values = {name: item.value for name, item in by_name.items()}
        return [by_name[name] for name in in_layers(values, ("edge", "app", "routing"), "middleware")]

    def layers(self) -> List[Tuple[str, str, Callable[[ASGIApp], ASGIApp]]]:
        """Return what is around the app, outermost first: who gave it, its name and its factory."""
        found = [(given.by.plugin, given.value.name, given.value.factory) for given in self.middleware]
        if self.observers:
            values = [given.value for given in self.observers]
            found.insert(0, (KERNEL.plugin, "observers", lambda app: ObservedApp(app, self.app, values)))
        return found

    def _lifespans(self) -> List[Contribution[Lifespan]]:
        given = [Contribution(Lifespan("app dependencies", lambda app: app.dependencies.opened()), KERNEL)]
        given += self.plugins.ask_all("fenrir_lifespans", build=self.build)
        given += [Contribution(item, _APP) for item in self.app.own_lifespans]
        mounts: Dict[int, Mount] = {}
        for mount in self.mounts:
            mounts.setdefault(id(mount.app), mount)  # an app that is mounted twice has one lifespan
        for mount in mounts.values():
            name = f"mount {mount.prefix or '/'}"
            given.append(Contribution(Lifespan(name, partial(enter_mounted, mount)), mount.origin))
        by_name = _by_name(given, "lifespans")
        outer = {name for name, item in by_name.items() if not item.value.innermost}
        follows = {
            name: {*item.value.after, *(outer if item.value.innermost else ())} for name, item in by_name.items()
        }
        return [by_name[name] for name in topological(follows, "lifespans")]


def _by_name(given: List[Contribution[N]], kind: str) -> Dict[str, Contribution[N]]:
    """Return contributions by the names of their values, which must differ; `kind` is for the message."""
    found: Dict[str, Contribution[N]] = {}
    for item in given:
        first = found.setdefault(item.value.name, item)
        if first is not item:
            raise BuildError(f"Two {kind} are named {item.value.name!r}: from {first.by} and {item.by}.")
    return found
