"""The steps of a compiled function: consecutive synchronous ones are written as one function that runs in a thread."""

from __future__ import annotations

import re
from typing import Iterable, List, NamedTuple, Sequence, Set, Tuple

from .._functions import Names

_assigned = re.compile(r"^ *\(?(\w+(?:, \w+)*),?\)? = ", re.MULTILINE)


class Step(NamedTuple):
    """Lines of a compiled function that run one after the other.

    Args:
        lines: The lines. ``$call`` stands for the call of `thread`.
        thread: The expressions of a function that may block and of its arguments; None for lines without one.
        result: The variable that gets what it returns, which is awaited if it is a coroutine; ``""`` for none, and
            ``"value"`` where the lines have none.
        on_loop: Whether the lines need the event loop.
        answers: Whether they may set `response`, and what follows is then left out.
    """

    lines: List[str]
    thread: Tuple[str, str] = ("", "")
    result: str = ""
    on_loop: bool = False
    answers: bool = False

    @property
    def text(self) -> str:
        """The source, for the variables that it sets and uses."""
        return "\n".join((*self.lines, *self.thread))

    def alone(self) -> List[str]:
        """Return the lines as an asynchronous function has them."""
        call = f"await in_thread({', '.join(filter(None, ('request', *self.thread)))})"
        return [line.replace("$call", call) for line in self.lines]

    def in_thread(self) -> List[str]:
        """Return the lines as a function in a thread has them: it yields what has to be awaited."""
        name, arguments = self.thread
        lines: List[str] = []
        for line in self.lines:
            indent = line[: len(line) - len(line.lstrip())]
            if self.result and line.startswith(f"{indent}$call"):
                line = f"{indent}{self.result} = {line[len(indent) :]}"
            lines.append(line.replace("await ", "yield ").replace("$call", f"{name}({arguments})"))
            if "$call" in line and self.result:
                lines += [f"{indent}if iscoroutine({self.result}):", f"{indent}    {self.result} = yield {self.result}"]
        return lines


class StepWriter:
    """A writer of the steps of a route's functions.

    Args:
        names: The names of the source.

    Attributes:
        functions: The lines of the functions that run in a thread.
        hops: How often the steps go to a thread.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.functions: List[str] = []
        self.hops = 0

    def write(self, steps: Sequence[Step], given: Iterable[str] = (), used: str = "") -> List[str]:
        """Return the lines of an asynchronous function.

        Args:
            steps: Its steps.
            given: The variables that it has before the first step.
            used: Source that follows the steps, for the variables that it uses.
        """
        lines: List[str] = []
        block: List[str] = []
        has, is_answered = {*given}, False
        for start, end in _groups(steps):
            group = steps[start:end]
            if sum(bool(step.thread[0]) for step in group) > 1:
                later = "\n".join([step.text for step in steps[end:]] + [used])
                written = self._together(group, sorted(has - {"value"}), later)
            else:
                written = [line for step in group for line in step.alone()]
            self.hops += sum("await in_thread(" in line or "await run_steps(" in line for line in written)
            has |= _names_set(group)
            block += written
            if end == len(steps) or any(step.answers for step in group):
                lines += ["if response is None:", *("    " + line for line in block)] if is_answered else block
                block, is_answered = [], True
        return lines

    def _together(self, steps: Sequence[Step], has: Sequence[str], later: str) -> List[str]:
        """Write a function that runs in a thread; return the line that calls it."""
        name, text = self.names.fresh("blocking_steps"), "\n".join(step.text for step in steps)
        own = "response" if steps[0].answers else ""
        has = [variable for variable in ("params", *has) if variable != own and _uses(text, variable)]
        given = ", ".join(["request", *has])
        kept = [variable for variable in sorted(_names_set(steps)) if _uses(later, variable)]
        lines = [f"def {name}({given}):"]
        if steps[0].answers:
            lines.append("    response = None")
        for step in steps:
            lines += ["    " + line for line in step.in_thread()]
            if step.answers:
                values = ", ".join(variable if variable == "response" else "None" for variable in kept)
                lines.append(f"        return {values}")
        lines.append(f"    return {', '.join(kept) or None}")
        if not any("yield" in line for line in lines):
            lines.append("    yield")
        self.functions += [*lines, ""]
        call = f"await run_steps(request, {name}({given}))"
        return [f"{', '.join(kept)} = {call}" if kept else call]


def _groups(steps: Sequence[Step]) -> List[Tuple[int, int]]:
    """Return the ranges of steps that are written together: in one hop, or up to one that may answer."""
    groups: List[Tuple[int, int]] = []
    start = 0
    while start < len(steps):
        end = start + 1
        if steps[start].thread[0]:
            last = end
            while end < len(steps) and not steps[end].on_loop:
                end += 1
                last = end if steps[end - 1].thread[0] else last
            end = last
        elif not steps[start].answers:
            while end < len(steps) and not steps[end].thread[0] and not steps[end - 1].answers:
                end += 1
        groups.append((start, end))
        start = end
    return groups


def _names_set(steps: Sequence[Step]) -> Set[str]:
    return {name for step in steps for names in _assigned.findall(step.text) for name in names.split(", ")}


def _uses(text: str, name: str) -> bool:
    first = re.search(rf"\b{name}\b( = )?", text)
    return first is not None and not (name == "value" and first.group(1))  # each step sets its own `value`
