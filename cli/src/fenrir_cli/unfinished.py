"""The requests that run at a moment, by the code that they are in."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from types import FrameType
from typing import Any, Iterator, List, NamedTuple, Optional

#: How the file names of compiled routes begin.
COMPILED = "<fenrir "


class Sight(NamedTuple):
    """What a thread does at a moment: the running request, and where its code is."""

    request: int
    route: str
    step: str
    place: str


def look(thread: int) -> Optional[Sight]:
    """Return what a thread does; None where it serves no request, or a debugger is at work."""
    frame = sys._current_frames().get(thread)
    inner: List[FrameType] = []
    try:
        while frame is not None:
            if frame.f_trace is not None:
                return None
            target: Any = _target(frame)
            if target is not None:
                called = [item for item in inner if not item.f_code.co_filename.startswith(COMPILED)]
                if not called:
                    return None
                step = called[-1]
                first = f"{step.f_code.co_name}() ({_place(step, step.f_code.co_firstlineno)})"
                return Sight(id(frame), str(target.route), first, _place(called[0], called[0].f_lineno))
            inner.append(frame)
            frame = frame.f_back
        return None
    finally:
        del frame, inner  # frames keep alive what they have


def blocked_threads() -> List[str]:
    """Return the requests whose code runs in a thread now, with the line where each is."""
    found = [look(thread) for thread in list(sys._current_frames())]
    return _counted(f"{sight.route} in {sight.step}, at {sight.place}" for sight in found if sight is not None)


def open_requests() -> List[str]:
    """Return the requests that are open on the running event loop: their routes, and where a thread is at work."""
    in_threads = blocked_threads()
    routes = (_route_of(task) for task in asyncio.all_tasks())
    return [*_counted(route for route in routes if route is not None), *in_threads]


def _counted(found: Iterator[str]) -> List[str]:
    return [f"{text} ({count} times)" if count > 1 else text for text, count in sorted(Counter(found).items())]


def _route_of(task: Any) -> Optional[str]:
    """Return the route of the request that a task serves."""
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        target = None if frame is None else _target(frame)
        if target is not None:
            return str(target.route)
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)
    return None


def _target(frame: FrameType) -> Any:
    return frame.f_globals.get("target") if frame.f_code.co_filename.startswith(COMPILED) else None


def _place(frame: FrameType, line: int) -> str:
    path = frame.f_code.co_filename
    near = os.path.relpath(path) if os.path.isabs(path) else path
    return f"{path if near.startswith('..') else near}:{line}"
