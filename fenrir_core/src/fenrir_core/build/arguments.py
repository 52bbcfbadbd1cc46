"""The source that produces the arguments of a call: batches, dependencies, single values."""

from __future__ import annotations

from inspect import iscoroutine
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._functions import Names, credited
from ..exceptions import InvalidInput
from ..http.connection import Connection, start_steps
from ..plugins.types import BatchField, Call, Constant, CurrentConnection, Origin, PathValue, Resolver
from ..runtime import dependencies
from .planner import Argument, CallPlan, FromCaller, RestOfPath
from .steps import Step

MISSING: Any = object()
#: Names that the lines of `ArgumentWriter` use themselves.
ARGUMENT_NAMES = frozenset(
    "MISSING InvalidInput request params in_thread run_steps iscoroutine enter_sync open_async invalid bad app_values "
    "key value".split()
)


def bind_common(names: Names) -> None:
    """Bind the names that the lines of `ArgumentWriter` use."""
    names.namespace.update(
        InvalidInput=InvalidInput,
        MISSING=MISSING,
        in_thread=dependencies.call_in_thread,
        run_steps=Connection.run_steps,
        start_steps=start_steps,
        iscoroutine=iscoroutine,
        enter_sync=dependencies.enter_sync,
        open_async=dependencies.open_async,
    )


def call_step(
    names: Names, call: Call, hint: str, arguments: str, lines: Sequence[str], result: str = "value", **more: Any
) -> Step:
    """Return the step of a call, whose place in the lines is ``$call``: awaited, or in a thread, as its kind asks."""
    name = names.bind(hint, call.function)
    if call.mode == "thread":
        return thread_step(name, arguments, lines, result, **more)
    written = f"{'await ' if call.mode == 'async' else ''}{name}({arguments})"
    return Step([line.replace("$call", written) for line in lines], on_loop=True, **more)


def thread_step(name: str, arguments: str, lines: Sequence[str], result: str, **more: Any) -> Step:
    """Return the step of a call in a thread; where its arguments are awaited it is not joined with others."""
    step = Step([*lines], (name, arguments), result, **more)
    return Step(step.alone(), on_loop=True, **more) if "await " in arguments else step


class ArgumentWriter:
    """A writer of the steps that produce the arguments of a call and of its dependencies, flattened."""

    def __init__(
        self, names: Names, root: CallPlan, early: bool = False, given: Optional[Mapping[str, str]] = None
    ) -> None:
        self.names, self.root, self.given = names, root, given or {}
        self.steps: List[Step] = []
        #: Whether this may run before all dependencies of the app have started.
        self.early = early
        nodes = root.walk()
        for node in nodes:
            if node.scope != "app" or node is root:
                names.bind(node.name, node.call.function)
        #: The parameters that dependencies are passed as: what their values are called.
        self.passed = {id(item.node): item.param.name for node in nodes for item in node.inputs[::-1] if item.node}
        #: Whether errors of several callables must be joined into one response.
        self.joins = sum(len(node.batches) for node in nodes) > 1
        self.has_inner = any(node.scope == "function" and node.generator for node in nodes)
        self.results: Dict[int, str] = {}
        self.fallible: Dict[int, bool] = {}

    def write(self, line: str, by: Optional[Origin] = None) -> None:
        """Write all steps up to the call of the root, whose place in `line` is ``$call``."""
        if self.joins:
            self._add("invalid = None")
        for node in self.root.walk()[:-1]:
            self._write_dependency(node)
        batches, _ = self._write_batches(self.root)
        if self.joins:
            self._add("if invalid is not None:", "    raise invalid")
        arguments = self._arguments(self.root, batches)
        self.steps.append(call_step(self.names, self.root.call, self.root.name, arguments, [credited(line, by)]))

    def write_dependency(self) -> None:
        """Write all steps up to the call of the root as a dependency, whose value is returned."""
        for node in self.root.walk()[:-1]:
            self._write_dependency(node)
        self._dependency_call(self.root, {}, "value", ["value = $call"])

    def _add(self, *lines: str, on_loop: bool = False) -> None:
        self.steps.append(Step([*lines], on_loop=on_loop))

    def _write_dependency(self, node: CallPlan) -> None:
        if node.scope == "app":
            key = self.names.bind(node.name, node.key)
            values = "app_values" if "app_values" in self.names.namespace else "request.app.dependencies.values"
            how = f"await request.app.dependencies.get({key})" if self.early else f"{values}[{key}]"
            self.results[id(node)] = how
            self.fallible[id(node)] = False
            return
        batches, flags = self._write_batches(node)
        flags += [self.results[id(item.node)] for item in node.inputs if item.node and self.fallible[id(item.node)]]
        self.fallible[id(node)] = bool(flags)
        by = next((item.by for item in node.inputs), None)
        if id(node) not in self.passed:
            test = " and ".join(f"{flag} is not MISSING" for flag in dict.fromkeys(flags))
            lines = [f"if {test}:", credited("    $call", by)] if flags else [credited("$call", by)]
            self._dependency_call(node, batches, "value", lines)
            return
        result = self.results[id(node)] = self.names.fresh(self.passed[id(node)])
        if flags:
            test = " or ".join(f"{flag} is MISSING" for flag in dict.fromkeys(flags))
            lines = [f"if {test}:", f"    {result} = MISSING", "else:", credited(f"    {result} = $call", by)]
        else:
            lines = [credited(f"{result} = $call", by)]
        self._dependency_call(node, batches, result, lines)

    def _dependency_call(self, node: CallPlan, batches: Dict[int, str], result: str, lines: List[str]) -> None:
        arguments = self._arguments(node, batches)
        if not node.generator:
            step = call_step(self.names, node.call, node.name, arguments, lines, result)
        else:
            generator = f"{self.names.bind(node.name, node.call.function)}({arguments})"
            given = f"request, {generator}, {node.scope == 'function'}"
            if node.generator == "sync":
                step = thread_step("enter_sync", given, lines, "")
            else:
                step = Step([line.replace("$call", f"await open_async({given})") for line in lines], on_loop=True)
        self.steps.append(step)

    def _write_batches(self, node: CallPlan) -> Tuple[Dict[int, str], List[str]]:
        """Write the batch reads of a node; return each input's expression, and what may be MISSING."""
        expressions: Dict[int, str] = {}
        flags: List[str] = []
        for batch in node.batches:
            values = [self.names.fresh(item.param.name) for item in batch.inputs]
            call = f"{self.names.bind(f'read {node.name} {batch.name}', batch.resolver.read)}(request)"
            call = f"await {call}" if batch.resolver.is_async else call
            unpacked = ", ".join(values) if len(values) > 1 else f"({values[0]},)"
            lines = [credited(f"{unpacked} = {call}", batch.by)]
            if self.joins:
                lines = ["try:", *("    " + line for line in lines), "except InvalidInput as bad:"]
                lines += [f"    {' = '.join(values)} = MISSING", "    invalid = bad.after(invalid)"]
                flags.append(values[0])
            self._add(*lines, on_loop=batch.resolver.is_async)
            expressions.update(zip(map(id, batch.inputs), values))
        return expressions, flags

    def _arguments(self, node: CallPlan, batches: Dict[int, str]) -> str:
        parts: List[str] = []
        positional = True
        for position, item in enumerate(node.inputs):
            kind = item.param.kind
            if isinstance(item.resolver, RestOfPath):
                taken = self.names.bind("taken", frozenset(item.resolver.taken)) if item.resolver.taken else ""
                rest = f"{{key: value for key, value in params.items() if key not in {taken}}}" if taken else "params"
                parts.append(f"**{rest}")
                continue
            # after a skipped parameter, the rest are passed by keyword
            positional = positional and item.param.index == position and kind is not kind.KEYWORD_ONLY
            prefix = "" if positional or kind is kind.POSITIONAL_ONLY else f"{item.param.name}="
            parts.append(prefix + self._expression(item, batches))
        return ", ".join(parts)

    def _expression(self, item: Argument, batches: Dict[int, str]) -> str:
        resolver = item.resolver
        if isinstance(resolver, BatchField):
            return batches[id(item)]
        if item.node is not None:
            return self.results[id(item.node)]
        if isinstance(resolver, PathValue):
            return f"params[{resolver.name!r}]"
        if isinstance(resolver, FromCaller):
            return self.given[resolver.name]
        if isinstance(resolver, CurrentConnection):
            return "request"
        if isinstance(resolver, Constant):
            return self.names.bind(item.param.name, resolver.value)
        assert isinstance(resolver, Resolver)
        if id(resolver.read) in self.names.adapters:
            return self.names.adapters[id(resolver.read)]
        call = f"{self.names.bind(f'read_{item.param.name}', resolver.read)}(request)"
        return f"await {call}" if resolver.is_async else call
