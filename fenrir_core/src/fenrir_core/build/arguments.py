"""The source that produces the arguments of a call: batches, dependencies, single values."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from .._source import Names, credited
from ..exceptions import InvalidInput
from ..plugins.types import BatchField, Call, Constant, CurrentConnection, PathValue, Resolver
from ..runtime import dependencies
from .planner import Argument, CallPlan, FromCaller, RestOfPath

MISSING: Any = object()
#: Names that the lines of `ArgumentWriter` use themselves.
ARGUMENT_NAMES = frozenset("request params in_thread open_sync open_async invalid bad app_values key value".split())


def bind_common(names: Names) -> None:
    """Bind the names that the lines of `ArgumentWriter` use."""
    names.namespace.update(
        InvalidInput=InvalidInput,
        MISSING=MISSING,
        in_thread=dependencies.call_in_thread,
        open_sync=dependencies.open_sync,
        open_async=dependencies.open_async,
    )


def call_expression(names: Names, call: Call, hint: str, arguments: str) -> str:
    """Return the expression of a call, awaited or sent to a thread as its kind asks."""
    name = names.bind(hint, call.function)
    if call.mode == "async":
        return f"await {name}({arguments})"
    if call.mode == "inline":
        return f"{name}({arguments})"
    return f"await in_thread(request, {name}{', ' if arguments else ''}{arguments})"


class ArgumentWriter:
    """A writer of the lines that produce the arguments of a call and of its dependencies, flattened."""

    def __init__(self, names: Names, root: CallPlan, early: bool = False) -> None:
        self.names, self.root = names, root
        #: What comes before the call.
        self.lines: List[str] = []
        #: Whether this may run before all dependencies of the app have started.
        self.early = early
        nodes = root.walk()
        #: Whether errors of several callables must be joined into one response.
        self.joins = sum(len(node.batches) for node in nodes) > 1
        self.has_inner = any(node.scope == "function" and node.generator for node in nodes)
        self.results: Dict[int, str] = {}
        self.fallible: Dict[int, bool] = {}
        self.count = 0

    def write(self) -> str:
        """Write all lines before the call of the root; return the expression of that call."""
        if self.joins:
            self.lines.append("invalid = None")
        for node in self.root.walk()[:-1]:
            self._write_dependency(node)
        batches, _ = self._write_batches(self.root)
        if self.joins:
            self.lines.append("if invalid is not None:")
            self.lines.append("    raise invalid")
        return call_expression(self.names, self.root.call, self.root.name, self._arguments(self.root, batches))

    def write_dependency(self) -> str:
        """Write all lines before the call of the root as a dependency; return the expression of that call."""
        for node in self.root.walk()[:-1]:
            self._write_dependency(node)
        return self._dependency_call(self.root, {})

    def _fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def _write_dependency(self, node: CallPlan) -> None:
        if node.scope == "app":
            key = self.names.bind(node.name, node.key)
            how = f"await request.app.dependencies.get({key})" if self.early else f"app_values[{key}]"
            self.results[id(node)] = how
            self.fallible[id(node)] = False
            return
        batches, flags = self._write_batches(node)
        flags += [self.results[id(item.node)] for item in node.inputs if item.node and self.fallible[id(item.node)]]
        self.fallible[id(node)] = bool(flags)
        result = self.results[id(node)] = self._fresh("given")
        call = self._dependency_call(node, batches)
        by = next((item.by for item in node.inputs), None)
        if not flags:
            self.lines.append(credited(f"{result} = {call}", by))
            return
        test = " or ".join(f"{flag} is MISSING" for flag in dict.fromkeys(flags))
        self.lines.append(f"if {test}:")
        self.lines.append(f"    {result} = MISSING")
        self.lines.append("else:")
        self.lines.append(credited(f"    {result} = {call}", by))

    def _dependency_call(self, node: CallPlan, batches: Dict[int, str]) -> str:
        arguments = self._arguments(node, batches)
        if not node.generator:
            return call_expression(self.names, node.call, node.name, arguments)
        name = self.names.bind(node.name, node.call.function)
        return f"await open_{node.generator}(request, {name}({arguments}), {node.scope == 'function'})"

    def _write_batches(self, node: CallPlan) -> Tuple[Dict[int, str], List[str]]:
        """Write the batch reads of a node; return each input's expression, and what may be MISSING."""
        expressions: Dict[int, str] = {}
        flags: List[str] = []
        for batch in node.batches:
            name = self._fresh("read")
            call = f"{self.names.bind(f'read_{batch.name}', batch.resolver.read)}(request)"
            call = f"await {call}" if batch.resolver.is_async else call
            if self.joins:
                self.lines.append("try:")
                self.lines.append(credited(f"    {name} = {call}", batch.by))
                self.lines.append("except InvalidInput as bad:")
                self.lines.append(f"    {name} = MISSING")
                self.lines.append("    invalid = bad.after(invalid)")
                flags.append(name)
            else:
                self.lines.append(credited(f"{name} = {call}", batch.by))
            for index, item in enumerate(batch.inputs):
                expressions[id(item)] = f"{name}[{index}]"
        return expressions, flags

    def _arguments(self, node: CallPlan, batches: Dict[int, str]) -> str:
        parts: List[str] = []
        positional = True
        for position, item in enumerate(node.inputs):
            kind = item.param.kind
            if isinstance(item.resolver, RestOfPath):
                taken = self.names.bind("taken", frozenset(item.resolver.taken))
                parts.append(f"**{{key: value for key, value in params.items() if key not in {taken}}}")
                continue
            # after a skipped parameter, the rest are passed by keyword
            positional = positional and item.param.index == position and kind is not kind.KEYWORD_ONLY
            expression = self._expression(item, batches)
            prefix = "" if positional or kind is kind.POSITIONAL_ONLY else f"{item.param.name}="
            parts.append(prefix + expression)
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
            return resolver.name
        if isinstance(resolver, CurrentConnection):
            return "request"
        if isinstance(resolver, Constant):
            return self.names.bind(item.param.name, resolver.value)
        assert isinstance(resolver, Resolver)
        if id(resolver.read) in self.names.adapters:
            return self.names.adapters[id(resolver.read)]
        call = f"{self.names.bind(f'read_{item.param.name}', resolver.read)}(request)"
        return f"await {call}" if resolver.is_async else call
