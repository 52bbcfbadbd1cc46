"""Functions that are made of source: texts with holes, the names that they use, and their compilation."""

from __future__ import annotations

import builtins
import keyword
import linecache
import re
import sys
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple, Union, cast
from weakref import finalize

from ._types import AnyCallable, OriginLike

_hole = re.compile(r"\$(\w+)")
#: The functions around a function, in its qualified name.
_enclosing = re.compile(r"\S*<locals>\.")


def fill(text: str, **holes: Union[str, Sequence[str]]) -> List[str]:
    """Return the lines of a text with its holes filled.

    Args:
        text: Python source with holes written as ``$name``.
        **holes: A str takes the place of its hole within a line; a list of lines takes the place of the line that holds
            nothing else, indented like it. An empty list removes that line.
    """
    lines: List[str] = []
    for line, indent, name in _lines_of(text):
        block = holes[name] if name else ""
        if not isinstance(block, str):
            lines += [indent + inner for inner in block]
        elif name is None:
            lines.append(line)
        else:
            lines.append(_hole.sub(lambda found: str(holes[found.group(1)]), line))
    return lines


@lru_cache(maxsize=64)
def _lines_of(text: str) -> List[Tuple[str, str, Optional[str]]]:
    """Return each line, its indentation, and the hole that it is; ``""`` if it has holes among other text."""
    found: List[Tuple[str, str, Optional[str]]] = []
    for line in text.strip("\n").splitlines():
        match = _hole.fullmatch(line.strip())
        name = match.group(1) if match is not None else "" if _hole.search(line) else None
        found.append((line, line[: len(line) - len(line.lstrip())], name))
    return found


def credited(line: str, by: Optional[OriginLike]) -> str:
    """Return a line with a comment that names the plugin it is there for."""
    return line if by is None else f"{line}  # {by.plugin}"


class Names:
    """The names that generated code uses, with the objects that they stand for.

    Args:
        reserved: Names that the code uses itself.
    """

    def __init__(self, reserved: FrozenSet[str]) -> None:
        self.namespace: Dict[str, Any] = {}
        #: The local variables that hold what hooks' adapters returned, by the adapter's identity.
        self.adapters: Dict[int, str] = {}
        self._taken = {*reserved}
        self._bound: Dict[int, str] = {}

    def fresh(self, hint: str) -> str:
        """Return a name that nothing has yet, made of a hint such as a parameter's name: numbered if that is taken."""
        stem = re.sub(r"\W", "_", _enclosing.sub("", hint), flags=re.ASCII).strip("_") or "value"
        stem = f"_{stem}" if stem[0].isdigit() else f"{stem}_" if keyword.iskeyword(stem) else stem
        name, count = stem, 1
        while name in self._taken or name in self.namespace:
            count += 1
            name = f"{stem}_{count}"
        self._taken.add(name)
        return name

    def bind(self, hint: str, value: Any) -> str:
        """Return a name for an object, always the same one for the same object."""
        name = self._bound.get(id(value))
        if name is None:
            name = self._bound[id(value)] = self.fresh(hint)
            self.namespace[name] = value
        return name


#: How many sources a `FunctionMaker` keeps the code of: those of one build of a large app.
MOST_CODES = 4096


class Source(NamedTuple):
    """The source of a function `handle`, the objects that it names, and how often it goes to a thread."""

    text: str
    namespace: Dict[str, Any]
    hops: int = 0


class FunctionMaker:
    """A compiler of sources into functions; equal sources share their code."""

    def __init__(self) -> None:
        self._codes: Dict[str, List[CodeType]] = {}

    def function(self, source: Source, label: str) -> AnyCallable:
        """Return the function `handle` of a source; tracebacks show its lines."""
        text = source.text
        filename = f"<fenrir {label}>"
        if text not in self._codes:
            if len(self._codes) == MOST_CODES:
                self._codes.clear()
            module = compile(text, filename, "exec")
            self._codes[text] = [item for item in module.co_consts if isinstance(item, CodeType)]
        namespace: Dict[str, Any] = {"__builtins__": builtins, **source.namespace}
        for code in self._codes[text]:
            namespace[code.co_name] = FunctionType(code.replace(co_filename=filename), namespace, code.co_name)
        return _shown(namespace["handle"], text, filename)

    def again(self, function: AnyCallable, **replaced: object) -> AnyCallable:
        """Return a function like an earlier one, with other objects under some of its names; itself if it has these."""
        before = function.__globals__
        if all(before[name] is value for name, value in replaced.items()):
            return function
        namespace: Dict[str, object] = {**before, **replaced}
        for name, value in before.items():
            if isinstance(value, FunctionType) and value.__globals__ is before:
                namespace[name] = FunctionType(value.__code__, namespace, name)
        filename = function.__code__.co_filename
        return _shown(namespace["handle"], "".join(linecache.getlines(filename)), filename)


def _shown(function: Any, text: str, filename: str) -> AnyCallable:
    """Return a function whose source tracebacks show as long as it exists."""
    # PERF: most lines are those of other routes, too; a thousand routes take 7 MB less
    entry: Any = (len(text), None, [sys.intern(line) for line in text.splitlines(True)], filename)
    linecache.cache[filename] = entry
    finalize(function, _forget, filename, entry).atexit = False
    return cast(AnyCallable, function)


def _forget(filename: str, entry: object) -> None:
    if linecache.cache.get(filename) is entry:  # it may be another function's by now
        del linecache.cache[filename]
