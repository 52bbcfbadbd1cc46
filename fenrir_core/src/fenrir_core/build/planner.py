"""Plans: what a route or any other callable needs, resolved once, before compiling."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Set, Tuple

from .._callsite import generator_kind, name_of, parameters_of, where_is
from .._types import AnyCallable, JSONObject
from ..exceptions import BuildError
from ..http.connection import Connection
from ..plugins.manager import Plugins
from ..plugins.types import (
    EMPTY,
    Batch,
    BatchField,
    Build,
    Call,
    Constant,
    Contribution,
    CurrentConnection,
    Origin,
    Param,
    PathValue,
    Provide,
    Resolver,
    ReturnHandler,
    Route,
    RouteHook,
)

KERNEL = Origin("kernel")
#: Parameters of these names, without annotation and default, get the connection in the hybrid app's own routes.
REQUEST_NAMES = frozenset({"request", "req", "_"})
#: Parameters of these names get the connection unless a paradigm fills them.
CONNECTION_NAMES = frozenset({"request", "websocket", "ws"})


@dataclass(frozen=True)
class FromCaller:
    """The value that the compiled callable's own caller passes under `name`."""

    name: str


@dataclass(frozen=True)
class RestOfPath:
    """The path values that no named parameter takes, passed as keywords."""

    taken: Tuple[str, ...]


@dataclass(eq=False)
class Argument:
    """A parameter with what fills it; `node` where that is a dependency."""

    param: Param
    resolver: Any
    by: Origin
    node: Optional[CallPlan] = None


@dataclass(eq=False)
class BatchRead:
    """The parameters of one callable that are read together."""

    name: str
    inputs: List[Argument]
    resolver: Resolver
    by: Origin


@dataclass(eq=False)
class CallPlan:
    """A callable with its inputs: the endpoint, or a dependency of it."""

    call: Call
    name: str
    inputs: List[Argument] = field(default_factory=list)
    batches: List[BatchRead] = field(default_factory=list)
    #: Dependencies that run first and are not passed.
    before: List[CallPlan] = field(default_factory=list)
    #: ``""``, ``"sync"`` or ``"async"`` for generator functions of dependencies.
    generator: str = ""
    #: ``request``, ``function`` or ``app``; see `Provide`.
    scope: str = "request"
    #: What an app-scoped dependency is known by.
    key: Any = None
    #: Whether this node or a child depends on labels.
    labelled: bool = False
    #: Its own `Provide.labels`, without those of what asks for it.
    labels: Tuple[Any, ...] = ()
    #: What its own `Provide.openapi` says.
    openapi: Optional[JSONObject] = None

    def walk(self) -> List[CallPlan]:
        """List this node and all below it, dependencies first, each once; not what is below the app's own."""
        found: List[CallPlan] = []
        seen: Set[int] = set()

        def visit(node: CallPlan) -> None:
            if id(node) in seen:
                return
            seen.add(id(node))
            for first in node.before:
                visit(first)
            for item in node.inputs:
                if item.node is not None and (node is self or node.scope != "app"):
                    visit(item.node)
            found.append(node)

        visit(self)
        return found

    @property
    def has_dependencies(self) -> bool:
        """Whether another callable is called first."""
        return bool(self.before) or any(item.node is not None for item in self.inputs)

    @property
    def needs(self) -> FrozenSet[str]:
        """What must be read from the client before this node and those below it run."""
        found: Set[str] = set()
        for node in self.walk():
            for batch in node.batches:
                found |= batch.resolver.needs
            for item in node.inputs:
                if isinstance(item.resolver, Resolver):
                    found |= item.resolver.needs
        return frozenset(found)


@dataclass(eq=False)
class RoutePlan:
    """The ordered steps that serve a route."""

    route: Route
    root: CallPlan
    return_handler: ReturnHandler
    return_handler_by: Origin
    hooks: List[Contribution[RouteHook]]
    #: Returns the rule that makes a response of what a hook returned, by the hook's origin.
    rule_of: Callable[[Origin], ReturnHandler]
    #: Whether all synchronous code runs in one thread; None where it goes to a thread more than once.
    one_thread: Optional[bool] = None


class Planner:
    """A maker of plans, which asks the plugins what fills each parameter.

    Args:
        plugins: The app's plugins.
        overrides: Callables that stand in for dependencies, by the original.
        before: The planner of the build before, whose app-scoped dependencies live on.
    """

    def __init__(
        self, plugins: Plugins, overrides: Mapping[AnyCallable, AnyCallable], before: Optional[Planner] = None
    ) -> None:
        self.plugins, self.overrides = plugins, overrides
        self.build: Build = None  # type: ignore[assignment]  # set by the builder
        #: The dependencies of scope ``app`` that plans use, by key, those that others need first.
        self.app_nodes: Dict[Any, CallPlan] = {} if before is None else {**before.app_nodes}

    def node(
        self,
        function: AnyCallable,
        route: Route,
        path_names: FrozenSet[str],
        positional: Sequence[str] = (),
        nonblocking: bool = False,
    ) -> CallPlan:
        """Return the plan of a call of `function` for `route`.

        Args:
            function: The endpoint, or any callable.
            route: What it is called for.
            path_names: The parameters that the path has.
            positional: Names for leading arguments that the caller itself passes.
            nonblocking: Whether a synchronous `function` may run on the event loop.

        Raises:
            BuildError: A parameter can't be filled, or dependencies go in a circle.
        """
        return _NodePlan(self, route, path_names).endpoint(function, positional, nonblocking)


class _NodePlan:
    def __init__(self, planner: Planner, route: Route, path_names: FrozenSet[str]) -> None:
        self.planner, self.route, self.path_names = planner, route, path_names
        self.cache: Dict[Any, CallPlan] = {}
        self.chain: List[AnyCallable] = []
        self.labels: Tuple[Any, ...] = ()
        self.nonblocking = bool(route.option("nonblocking", planner.build.settings["nonblocking"]))

    def endpoint(self, function: AnyCallable, positional: Sequence[str], nonblocking: bool) -> CallPlan:
        node = CallPlan(Call.of(function, nonblocking=nonblocking or self.nonblocking), name_of(function))
        if function is self.route.endpoint and self.route.methods and not self.route.fallback:
            asked = self.planner.plugins.ask_all(
                "fenrir_dependencies", self.route.paradigm, route=self.route, build=self.planner.build
            )
            node.before = [self.dependency(item.value) for item in asked]
        self._fill(node, positional)
        return node

    def dependency(self, provide: Provide) -> CallPlan:
        function = self.planner.overrides.get(provide.function, provide.function)
        # an override of an app-scoped dependency is called for each request
        scope = "request" if provide.scope == "app" and function is not provide.function else provide.scope
        key = (function, provide.key, scope)
        if scope == "app" and key in self.planner.app_nodes:
            return self.planner.app_nodes[key]
        labels = tuple(dict.fromkeys((*self.labels, *provide.labels)))
        found = self.cache.get(key) or self.cache.get((key, labels))
        if provide.use_cache and found is not None:
            return found
        if any(item is function for item in self.chain):
            names = " -> ".join(name_of(item) for item in [*self.chain, function])
            raise BuildError(f"{self.route.where}: route {self.route.path!r}: dependencies go in a circle: {names}.")
        self.chain.append(function)
        node = CallPlan(
            Call.of(function, nonblocking=self.nonblocking),
            name_of(function),
            generator=generator_kind(function),
            scope=scope,
            key=key,
            labels=provide.labels,
        )
        node.openapi = provide.openapi
        outer, self.labels = self.labels, labels
        self._fill(node, ())
        self.labels = outer
        self.chain.pop()
        if scope == "app":
            self._check_app_scope(node)
            self.planner.app_nodes[key] = node
        elif provide.use_cache:
            self.cache[(key, labels) if node.labelled else key] = node
        return node

    def _check_app_scope(self, node: CallPlan) -> None:
        for item in node.inputs:
            of_app = isinstance(item.resolver, Constant) or (item.node is not None and item.node.scope == "app")
            if not of_app:
                raise BuildError(
                    f"{where_is(node.call.function)}: the dependency {node.name}() has the scope 'app', so that its "
                    f"parameter {item.param.name!r} can't come from a request (used by route {self.route.path!r}). "
                    "Let it depend on app-scoped dependencies, settings or the app alone."
                )

    def _fill(self, node: CallPlan, positional: Sequence[str]) -> None:
        params = [
            replace(param, labels=self.labels) if self.labels else param
            for param in params_of(node.call.function, self.route, self.path_names, len(positional))
        ]
        fields: Dict[str, Tuple[Batch, List[Argument], Origin]] = {}
        for param in params:
            if param.index < len(positional) and param.kind is not param.kind.KEYWORD_ONLY:
                node.inputs.append(Argument(param, FromCaller(positional[param.index]), KERNEL))
                continue
            answer = self._resolve(param, params)
            if answer is None:
                continue
            item = Argument(param, answer.value, answer.by)
            if isinstance(answer.value, Provide):
                item.node = self.dependency(answer.value)
                node.labelled = node.labelled or item.node.labelled
            elif isinstance(answer.value, Constant):
                node.labelled = node.labelled or answer.value.labelled
            elif isinstance(answer.value, BatchField):
                batch = answer.value.batch
                fields.setdefault(batch.name, (batch, [], answer.by))[1].append(item)
            node.inputs.append(item)
        for name, (batch, items, by) in fields.items():
            pairs = [(item.param, item.resolver.field) for item in items]
            resolver = batch.make(pairs, self.route, self.planner.build)
            node.batches.append(BatchRead(name, items, resolver, by))

    def _resolve(self, param: Param, params: List[Param]) -> Optional[Contribution[Any]]:
        if param.kind is param.kind.VAR_POSITIONAL:
            return None
        if param.kind is param.kind.VAR_KEYWORD:
            return Contribution(RestOfPath(tuple(other.name for other in params)), KERNEL)
        if self.route.fallback and param.function is self.route.endpoint:
            return Contribution(CurrentConnection(), KERNEL)
        app = self.planner.build.app
        plain = param.annotation in (EMPTY, Any) and param.default is EMPTY
        if plain and param.name == "app" and not self.route.methods:
            return Contribution(Constant(app), KERNEL)
        if plain and self.route.paradigm is None and param.name in REQUEST_NAMES and not param.in_path:
            return Contribution(CurrentConnection(), KERNEL)  # whichever plugins are installed
        answer = self.planner.plugins.ask_first(
            "fenrir_make_resolver", self.route.paradigm, param=param, route=self.route, build=self.planner.build
        )
        if answer is not None:
            return answer
        if param.in_path:
            return Contribution(PathValue(param.name), KERNEL)
        if param.annotation in type(app).__mro__[:-1]:  # without `object`
            return Contribution(Constant(app), KERNEL)
        annotated = inspect.isclass(param.annotation) and issubclass(param.annotation, Connection)
        if annotated or (plain and param.name in CONNECTION_NAMES):
            return Contribution(CurrentConnection(), KERNEL)
        if param.default is not EMPTY:
            return None
        raise self._nothing_fills(param)

    def _nothing_fills(self, param: Param) -> BuildError:
        asked = ", ".join(self.planner.plugins.order_for(self.route.paradigm)) or "no plugin is installed"
        owner = "" if param.function is self.route.endpoint else f" of {name_of(param.function)}()"
        subject = f"route {self.route.path!r}" if self.route.methods else f"{name_of(self.route.endpoint)}()"
        return BuildError(
            f"{self.route.where}: {subject} has a parameter {param.name!r}{owner} that nothing can "
            f"fill. Asked: {asked}. Put it in the path, give it a default, or install a plugin for its type."
        )


def params_of(function: AnyCallable, route: Route, path_names: FrozenSet[str], leading: int = 0) -> Sequence[Param]:
    """Return a callable's parameters with resolved annotations; an annotation that can't be resolved stays a str.

    Args:
        function: The endpoint of the route, or any callable.
        route: The route.
        path_names: The parameters that the path has.
        leading: How many arguments its caller passes by position.
    """
    own = route.positional if function is route.endpoint else None
    return [
        Param(item.name, item.annotation, item.default, item.kind, index, function, item.name in path_names)
        for index, item in enumerate(parameters_of(function, route.namespace or {}, leading, own))
    ]
