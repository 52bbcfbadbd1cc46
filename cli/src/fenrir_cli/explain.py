"""The steps that serve a route, each with the plugin that added it; as plain values."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .inspect import RouteInfo, route_info
from .loader import shorten

#: The call modes of the kernel, in words.
MODES = {"async": "awaited", "thread": "in a thread", "inline": "called"}


@dataclass(frozen=True)
class InputInfo:
    """One parameter of a handler or dependency: its name, what fills it, and the plugin that decided so."""

    name: str
    source: str
    by: str


@dataclass(frozen=True)
class StepInfo:
    """One step of serving a route.

    Args:
        stage: ``observer``, ``middleware``, ``read``, ``before``, ``around``, ``dependency``, ``handler``,
            ``respond``, ``after`` or ``teardown``.
        name: What is run.
        how: How it is called, or what else is to be known of it.
        by: The plugin that added it; ``app`` for the app's author, ``kernel`` for Fenrir itself.
        where: ``file:line``, or an empty string.
        inputs: What fills its parameters.
    """

    stage: str
    name: str
    how: str
    by: str
    where: str = ""
    inputs: Tuple[InputInfo, ...] = ()


@dataclass(frozen=True)
class ErrorInfo:
    """An error handler of a route.

    Args:
        matches: The exception classes and statuses that it handles, as text.
        name: What is run.
        how: How it is called.
        by: The plugin that added it.
        where: ``file:line``, or an empty string.
    """

    matches: Tuple[str, ...]
    name: str
    how: str
    by: str
    where: str = ""


@dataclass(frozen=True)
class Explanation:
    """The explanation of how a route is served.

    Args:
        route: The route.
        options: The keywords that it was registered with, as text.
        steps: In the order in which they run.
        errors: Its error handlers, those of the nearest level first.
        source: The compiled function, as Python.
    """

    route: RouteInfo
    options: Dict[str, str]
    steps: Tuple[StepInfo, ...]
    errors: Tuple[ErrorInfo, ...]
    source: str


def explain(target: Any, route: Optional[RouteInfo] = None) -> Explanation:
    """Return how a compiled route is served.

    Args:
        target: The compiled route.
        route: Its description, if it belongs to a mounted app; by default it is made here.
    """
    return Explanation(
        route or route_info(target.route),
        {name: _short(value) for name, value in target.route.options.items()},
        tuple(_steps(target)),
        tuple(_errors(target)),
        target.source.strip("\n") + "\n",
    )


def _steps(target: Any) -> Iterator[StepInfo]:
    plan = target.plan
    kind = "websocket" if target.route.is_websocket else "http"
    hooks = [given for given in plan.hooks if kind in given.value.kinds]
    for given in target.app.built.observers:
        yield StepInfo("observer", given.value.name, "is told", given.by.plugin)
    for given in target.app.built.middleware:
        yield StepInfo("middleware", given.value.name, f"layer {given.value.layer}", given.by.plugin)
    needs = sorted(frozenset().union(plan.root.needs, *(given.value.needs for given in hooks)))
    if needs:
        yield StepInfo("read", ", ".join(needs), "from the client, before anything runs", "kernel")
    for given in hooks:
        if given.value.before is not None:
            yield _call_step("before", given.value.name, given.value.before, given.by.plugin)
        elif not any((given.value.after, given.value.teardown, given.value.around, given.value.needs)):
            yield StepInfo("around", given.value.name, "called by the handler", given.by.plugin)
    owners = _owners(plan.root)
    for node in plan.root.walk():
        if node is not plan.root:
            yield _node_step("dependency", node, owners.get(id(node), "app"))
    yield _node_step("handler", plan.root, _owner(target.route))
    if kind == "http":
        yield _call_name_step("respond", plan.return_handler.convert, plan.return_handler_by.plugin)
    for given in reversed(hooks):
        if given.value.after is not None:
            yield _call_step("after", given.value.name, given.value.after, given.by.plugin)
    for given in reversed(hooks):
        if given.value.teardown is not None:
            yield _call_step("teardown", given.value.name, given.value.teardown, given.by.plugin)


def _owner(route: Any) -> str:
    return "kernel" if route.fallback else str(route.origin.plugin)


def _owners(root: Any) -> Dict[int, str]:
    """Return the plugin that asked for each dependency, by the identity of its node."""
    found: Dict[int, str] = {}
    for node in root.walk():
        for item in node.inputs:
            if item.node is not None:
                found.setdefault(id(item.node), item.by.plugin)
    return found


def _call_step(stage: str, name: str, call: Any, by: str) -> StepInfo:
    from fenrir_core._callsite import where_is

    where = where_is(call.function)
    # a call that the kernel compiled around the user's function has no file of its own
    return StepInfo(stage, name, MODES[call.mode], by, "" if where.startswith("<") else shorten(where))


def _call_name_step(stage: str, function: Any, by: str) -> StepInfo:
    from fenrir_core._callsite import name_of, where_is

    return StepInfo(stage, name_of(function), "what is returned becomes the response", by, shorten(where_is(function)))


def _node_step(stage: str, node: Any, by: str) -> StepInfo:
    from fenrir_core._callsite import where_is

    how = [MODES[node.call.mode]]
    if node.generator:
        how = [f"{node.generator} generator, closed at the end of the {'app' if node.scope == 'app' else 'request'}"]
    if node.scope != "request":
        how.append(f"scope {node.scope}")
    return StepInfo(stage, node.name, ", ".join(how), by, shorten(where_is(node.call.function)), _inputs(node))


def _inputs(node: Any) -> Tuple[InputInfo, ...]:
    return tuple(InputInfo(item.param.name, _source(item), item.by.plugin) for item in node.inputs)


def _source(item: Any) -> str:
    """Return in words what fills a parameter."""
    from fenrir_core import BatchField, Constant, CurrentConnection, PathValue
    from fenrir_core._callsite import name_of

    resolver = item.resolver
    if item.node is not None:
        return f"dependency {item.node.name}"
    if isinstance(resolver, PathValue):
        return f"path value {resolver.name!r}"
    if isinstance(resolver, Constant):
        return f"constant {_short(resolver.value)}"
    if isinstance(resolver, CurrentConnection):
        return "the connection"
    if isinstance(resolver, BatchField):
        return _field(resolver)
    read = getattr(resolver, "read", None)
    return name_of(read) if read is not None else type(resolver).__name__


def _field(resolver: Any) -> str:
    """Return in words where a field of a batch comes from, if it says so."""
    place = getattr(resolver.field, "source", None) or getattr(resolver.field, "place", None)
    return f"{place} (batch {resolver.batch.name!r})" if isinstance(place, str) else f"batch {resolver.batch.name!r}"


def _errors(target: Any) -> Iterator[ErrorInfo]:
    from fenrir_core._callsite import name_of, where_is

    for level in target.app.built.error_handlers_of(target.route):
        matches: Dict[Tuple[Any, str], List[str]] = {}
        for key, given in level.items():
            matches.setdefault((given.value.handle, given.by.plugin), []).append(_error_name(key))
        for (call, by), names in matches.items():
            function, where = inspect.unwrap(call.function), where_is(call.function)
            place = "" if where.startswith("<") else shorten(where)
            yield ErrorInfo(tuple(names), name_of(function), MODES[call.mode], by, place)


def _error_name(key: Any) -> str:
    return str(key) if isinstance(key, int) else f"{key.__module__}.{key.__qualname__}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
