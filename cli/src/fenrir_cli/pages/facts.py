"""Facts about an exception: its chain, its frames with source and variables; as plain values."""

from __future__ import annotations

import inspect
import linecache
import os
import types
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from ..loader import is_users, library_directories, shorten
from ..versions import version_of
from .secrets import Secrets

#: Lines of source before and after the current one; the most frames of one exception, variables of one frame
#: and exceptions of one chain.
AROUND, MOST_FRAMES, MOST_VARIABLES, MOST_PROBLEMS = 5, 60, 40, 12
#: The most characters of a message.
MOST_LETTERS = 10_000
#: Modules that call the user's code while it is loaded; their frames are left out.
_LOADING = ("importlib", "fenrir_cli")


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a source file.

    Args:
        first: The number of the first line.
        lines: Without line ends.
        current: The number of the current line.
        mark: First and last column (from 0, the last one excluded) of the expression in it, or None.
    """

    first: int
    lines: Tuple[str, ...]
    current: int
    mark: Optional[Tuple[int, int]] = None


@dataclass(frozen=True)
class FrameFacts:
    """One call of a traceback.

    Args:
        place: ``file:line``.
        function: The function that was called.
        owner: The owner of the code: ``app``, ``compiled route``, ``Python``, or a distribution with its version.
        is_own: Whether it is the user's.
        excerpt: Its source, or None.
        variables: Names, and values as text.
    """

    place: str
    function: str
    owner: str
    is_own: bool
    excerpt: Optional[Excerpt]
    variables: Tuple[Tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Problem:
    """One exception of a chain.

    Args:
        kind: The name of its class, with the module's unless that is `builtins`.
        message: Its text.
        relation: How it is related to the one before it; empty for the first.
        frames: Outermost first.
        left_out: How many frames in the middle are left out.
        notes: The notes that were added to it.
    """

    kind: str
    message: str
    relation: str = ""
    frames: Tuple[FrameFacts, ...] = ()
    left_out: int = 0
    notes: Tuple[str, ...] = field(default=())


def problems_of(error: BaseException, secrets: Secrets, is_loading: bool = False) -> List[Problem]:
    """Return an exception and those that led to it, the last one first.

    Args:
        error: The exception.
        secrets: Hides secrets.
        is_loading: Whether it was raised while code was loaded; the loader's frames are left out then.
    """
    others = library_directories()
    found = []
    for each, relation in _chain(error, "", set()):
        calls = list(_calls(each, is_loading))
        left_out = max(len(calls) - MOST_FRAMES, 0)
        if left_out:
            calls[MOST_FRAMES // 2 : -MOST_FRAMES // 2] = []
        frames = [_frame(frame, line, lasti, others, secrets) for frame, line, lasti in calls]
        if isinstance(each, SyntaxError) and each.filename and each.lineno:
            frames.append(_syntax_frame(each, others))
        notes = tuple(secrets.hide_in_message(str(note)) for note in getattr(each, "__notes__", ()))
        found.append(
            Problem(_kind(each), secrets.hide_in_message(_message(each)), relation, tuple(frames), left_out, notes)
        )
        if len(found) == MOST_PROBLEMS:
            break
    return found


def _chain(error: BaseException, relation: str, seen: Set[int]) -> Iterator[Tuple[BaseException, str]]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error, relation
    for part in getattr(error, "exceptions", ()):  # an ExceptionGroup's
        if isinstance(part, BaseException):
            yield from _chain(part, "In this group:", seen)
    if error.__cause__ is not None:
        yield from _chain(error.__cause__, "Its cause:", seen)
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _chain(error.__context__, "It was raised while this one was handled:", seen)


def _calls(error: BaseException, is_loading: bool) -> Iterator[Tuple[types.FrameType, int, int]]:
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if not (is_loading and module.split(".")[0] in _LOADING):
            yield trace.tb_frame, trace.tb_lineno, trace.tb_lasti
        trace = trace.tb_next


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.msg:
        return str(error.msg)
    try:
        return str(error)[:MOST_LETTERS]
    except Exception:
        return "(its message can't be written)"


def _frame(frame: types.FrameType, line: int, lasti: int, others: Set[str], secrets: Secrets) -> FrameFacts:
    code = frame.f_code
    name = getattr(code, "co_qualname", code.co_name)
    is_own = is_users(code.co_filename, others)
    excerpt = excerpt_of(code.co_filename, line, frame.f_globals, _mark(code, line, lasti))
    owner = "app" if is_own else _owner(code.co_filename, frame.f_globals)
    variables = tuple(_variables(frame, secrets))
    return FrameFacts(f"{shorten(code.co_filename)}:{line}", name, owner, is_own, excerpt, variables)


def _owner(filename: str, names: Dict[str, Any]) -> str:
    if filename.startswith("<fenrir"):
        return "compiled route"
    top = str(names.get("__name__", "")).split(".")[0]
    distribution = top.replace("_", "-")
    version = version_of(distribution) if top else ""
    return f"{distribution} {version}" if version else top or "Python"


def _mark(code: types.CodeType, line: int, lasti: int) -> Optional[Tuple[int, int]]:
    """Return the columns of the expression that failed, if Python knows them (from 3.11 on)."""
    positions = getattr(code, "co_positions", None)
    if positions is None or lasti < 0:
        return None
    for number, (start, end, column, last) in enumerate(positions()):
        if number == lasti // 2:
            if start != line or column is None:
                return None
            return (column, last if end == line else 10**6)
    return None


def _variables(frame: types.FrameType, secrets: Secrets) -> Iterator[Tuple[str, str]]:
    shown = 0
    for name, value in list(frame.f_locals.items()):
        is_code = inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value)
        if name.startswith(("__", "@", ".")) or is_code and frame.f_locals is frame.f_globals:
            continue
        shown += 1
        if shown > MOST_VARIABLES:
            yield "…", "and more"
            return
        yield name, secrets.text_of(name, value)


def excerpt_of(
    filename: str,
    line: int,
    names: Optional[Dict[str, Any]] = None,
    mark: Optional[Tuple[int, int]] = None,
    around: int = AROUND,
) -> Optional[Excerpt]:
    """Return the lines around one of a file, a compiled route's too; None if they can't be read."""
    if os.path.exists(filename):
        linecache.checkcache(filename)
    lines = linecache.getlines(filename, names)
    if not 0 < line <= len(lines):
        return None
    first = max(line - around, 1)
    chosen = [text.rstrip("\r\n")[:MOST_LETTERS] for text in lines[first - 1 : line + around]]
    while len(chosen) > line - first + 1 and not chosen[-1].strip():
        chosen.pop()
    text = lines[line - 1]
    if mark is not None and not text.isascii():  # Python counts in bytes
        raw = text.encode("utf-8")
        mark = (len(raw[: mark[0]].decode("utf-8", "ignore")), len(raw[: mark[1]].decode("utf-8", "ignore")))
    return Excerpt(first, tuple(chosen), line, mark)


def _syntax_frame(error: SyntaxError, others: Set[str]) -> FrameFacts:
    """Return a frame for the place of a syntax error."""
    filename, line = str(error.filename), error.lineno or 1
    start = max((error.offset or 1) - 1, 0)
    last = getattr(error, "end_offset", None) or 0
    is_one_line = getattr(error, "end_lineno", line) in (line, None)
    excerpt = excerpt_of(filename, line)
    if excerpt is not None:
        mark = (start, last - 1 if is_one_line and last - 1 > start else start + 1)
        excerpt = Excerpt(excerpt.first, excerpt.lines, excerpt.current, mark)
    own = is_users(filename, others)
    return FrameFacts(f"{shorten(filename)}:{line}", "", "app" if own else "", own, excerpt)


def culprit(problems: List[Problem]) -> Optional[FrameFacts]:
    """Return the frame to look at first: the innermost one of the user's code, nearest to the root cause."""
    for problem in reversed(problems):
        own = [frame for frame in problem.frames if frame.is_own and frame.excerpt is not None]
        if own:
            return own[-1]
    return None
