"""Functions that are made of source: texts with holes, the names that they use, and their compilation."""

from __future__ import annotations

import builtins
import keyword
import linecache
import re
import sys
from functools import lru_cache
from types import CodeType, FunctionType
from typing import (
    Any,
    Dict,
    FrozenSet,
    List,
    Mapping,
    Match,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Union,
    cast,
    overload,
)
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

    Attributes:
        namespace: The objects by name.
        shown: The names of bound objects that have a placeholder in the text, which has their numbers.
    """

    def __init__(self, reserved: FrozenSet[str]) -> None:
        self.namespace: Dict[str, Any] = {}
        self.shown: List[str] = []
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
        return sys.intern(name)

    def bind(self, hint: str, value: Any) -> str:
        """Return what stands in the text for the name of an object, always the same for the same object.

        It is a placeholder, so that the texts of routes whose functions only have other names are equal.
        """
        name = self._bound.get(id(value))
        if name is None:
            shown = self.fresh(hint)
            self.namespace[shown] = value
            name = self._bound[id(value)] = self._placeholder(shown)
        return name

    def _placeholder(self, shown: str) -> str:
        """Return a placeholder of the same length, for the columns in tracebacks; a name that is too short itself."""
        name = f"_{len(self.shown)}".ljust(len(shown), "_")
        if len(name) > len(shown) or name in self._taken:
            return shown
        self._taken.add(name)
        self.shown.append(shown)
        return name


#: How many sources a `FunctionMaker` keeps the code of: those of one build of a large app.
MOST_CODES = 4096
#: Not a key of the path's values, nor the keyword of an argument: parameters may be called like this.
_placeholder = re.compile(r"(?<![\w'])_(\d+)_*(?![\w'=])")


class Source(NamedTuple):
    """The source of a function `handle`.

    Args:
        text: The text, with placeholders.
        namespace: The objects that it names.
        shown: The names that the placeholders stand for, by number.
        hops: How often it goes to a thread.
    """

    text: str
    namespace: Dict[str, Any]
    shown: Sequence[str] = ()
    hops: int = 0


class SourceLines(Sequence[str]):
    """The lines of a source, whose names take the place of the placeholders when somebody looks.

    Args:
        lines: The lines with placeholders, which other functions may have, too.
        shown: The names, by number.
    """

    # PERF: a thousand routes take 8 MB less than with a text each
    __slots__ = ("_lines", "_shown")

    def __init__(self, lines: Tuple[str, ...], shown: Tuple[str, ...]) -> None:
        self._lines, self._shown = lines, shown

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> List[str]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[str, List[str]]:
        """Return a line, or a list of lines."""
        if isinstance(index, slice):
            return [_placeholder.sub(self._name, line) for line in self._lines[index]]
        return _placeholder.sub(self._name, self._lines[index])

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def _name(self, found: Match[str]) -> str:
        number = int(found.group(1))
        # another length is that of a parameter which is called like this
        is_ours = number < len(self._shown) and len(self._shown[number]) == len(found.group())
        return self._shown[number] if is_ours else found.group()


class FunctionMaker:
    """A compiler of sources into functions; sources that only differ in names are compiled once."""

    def __init__(self) -> None:
        self._codes: Dict[Tuple[str, ...], Tuple[Tuple[str, ...], List[CodeType]]] = {}

    def function(self, source: Source, label: str) -> AnyCallable:
        """Return the function `handle` of a source; tracebacks show its lines."""
        filename = f"<fenrir {label}>"
        # PERF: most lines are those of other routes, too; a thousand routes take 7 MB less
        lines = tuple([sys.intern(line) for line in source.text.splitlines(True)])
        known = self._codes.get(lines)
        if known is None:
            if len(self._codes) == MOST_CODES:
                self._codes.clear()
            module = compile(source.text, filename, "exec")
            known = self._codes[lines] = lines, [item for item in module.co_consts if isinstance(item, CodeType)]
        lines, codes = known
        shown = tuple(source.shown)
        namespace = {"__builtins__": builtins, SOURCE: SourceLines(lines, shown), **source.namespace}
        names = {f"_{number}".ljust(len(name), "_"): name for number, name in enumerate(shown)}
        for code in codes:
            namespace[code.co_name] = FunctionType(_named(code, names, filename), namespace, code.co_name)
        return _shown(namespace["handle"])

    def again(self, function: AnyCallable, **replaced: object) -> AnyCallable:
        """Return a function like an earlier one, with other objects under some of its names; itself if it has these."""
        before = function.__globals__
        if all(before[name] is value for name, value in replaced.items()):
            return function
        namespace: Dict[str, object] = {**before, **replaced}
        for name, value in before.items():
            if isinstance(value, FunctionType) and value.__globals__ is before:
                namespace[name] = FunctionType(value.__code__, namespace, name)
        return _shown(namespace["handle"])


#: The name in a function's globals that its `SourceLines` have.
SOURCE = "__source__"


def source_of(function: AnyCallable) -> str:
    """Return the source of a function that a `FunctionMaker` has made."""
    return "".join(function.__globals__[SOURCE])


def _named(code: CodeType, names: Mapping[str, str], filename: str) -> CodeType:
    """Return code with other names; each function has code of its own.

    PERF: shared code would save 3 MB of a thousand routes and cost a request 3 %: it is specialized for one
    namespace.
    """
    consts = code.co_consts
    if any(isinstance(item, CodeType) for item in consts):
        consts = tuple([_named(item, names, filename) if isinstance(item, CodeType) else item for item in consts])
    return code.replace(
        co_filename=filename, co_names=tuple([names.get(name, name) for name in code.co_names]), co_consts=consts
    )


def _shown(function: Any) -> AnyCallable:
    """Return a function whose source tracebacks show as long as it exists."""
    lines, filename = function.__globals__[SOURCE], function.__code__.co_filename
    entry = linecache.cache[filename] = (len(lines), None, lines, filename)
    finalize(function, _forget, filename, entry).atexit = False
    return cast(AnyCallable, function)


def _forget(filename: str, entry: object) -> None:
    if linecache.cache.get(filename) is entry:  # it may be another function's by now
        del linecache.cache[filename]
