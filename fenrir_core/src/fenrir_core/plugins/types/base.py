"""Plugins, where things come from, settings, and how callables are called."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Generic, Optional, Tuple, TypeVar

from ..._callsite import can_take, unwrap_callable
from ..._types import AnyCallable, F
from ..._validation import FUNCTION, SETTING_NAME, must

V = TypeVar("V")

#: Marks a missing default or annotation.
EMPTY: Any = inspect.Parameter.empty


@dataclass(frozen=True)
class PluginInfo:
    """What a plugin module says about itself, as its attribute `fenrir_plugin`.

    Args:
        api: The version of the plugin API it is written for, ``"1"``.
        before, after: Names of plugins that it must precede or follow wherever order
            matters; names that are not installed are ignored.
        one_thread: Whether a request of this paradigm runs all of its synchronous code in one thread: always, or never.
            None for the requests that go to a thread more than once.
    """

    api: str = "1"
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    one_thread: Optional[bool] = None


@dataclass(frozen=True)
class Origin:
    """Where something comes from: a plugin's name, and its distribution."""

    plugin: str
    distribution: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.plugin} ({self.distribution} {self.version})" if self.distribution else self.plugin


@dataclass(frozen=True)
class Contribution(Generic[V]):
    """A value that a hook returned, with its origin."""

    value: V
    by: Origin


@dataclass(frozen=True)
class Setting:
    """A setting of the app.

    Args:
        name: Its key, lower case with underscores.
        type: A callable that makes the value from a str (of the environment) or checks it; `bool` reads words as
            `fenrir_core.authoring.flag` does, so that ``"false"``, ``"0"`` and ``"no"`` are False.
        default: Its value where it is not set.
        env: The environment variable that sets it, or None.
        help: One line on what it does, with the unit.
    """

    name: str = field(metadata=SETTING_NAME)
    type: Callable[[Any], Any] = field(metadata=FUNCTION)
    default: Any
    env: Optional[str] = None
    help: str = ""


@dataclass(frozen=True)
class RouteOption:
    """A keyword that routes may carry, for example `response_model`.

    Args:
        name: The keyword.
        help: One line on what it does.
        type: The annotation that type checkers hold its values against; nothing is checked at run time.
    """

    name: str
    help: str = ""
    type: Any = Any


@dataclass(frozen=True)
class Call:
    """A callable and how it is called: ``async`` (awaited), ``inline`` or ``thread`` (it may block)."""

    function: AnyCallable
    mode: str

    @classmethod
    def of(cls, function: AnyCallable, *, nonblocking: bool = False) -> Call:
        """Choose the mode by inspection; a synchronous callable is ``inline`` only if it is marked as nonblocking."""
        target = unwrap_callable(function)
        if inspect.iscoroutinefunction(target):
            return cls(function, "async")
        if inspect.isasyncgenfunction(target) or inspect.isgeneratorfunction(target):
            return cls(function, "inline")  # calling it only makes the generator
        is_inline = nonblocking or getattr(target, "__fenrir_nonblocking__", False)
        return cls(function, "inline" if is_inline else "thread")


def nonblocking(function: F) -> F:
    """Mark a synchronous callable as one that never blocks, so that no thread is used for it."""
    function.__fenrir_nonblocking__ = True  # type: ignore[attr-defined]
    return function


def is_call(value: Any, *arguments: str) -> bool:
    """Return whether a value is a `Call` that can be made with these arguments."""
    is_right = isinstance(value, Call) and value.mode in ("async", "thread", "inline")
    return is_right and can_take(value.function, len(arguments))


def call_of(*arguments: str, optional: bool = False) -> Dict[str, Any]:
    """Return the metadata of a field with a `Call` that is made with these arguments."""
    wanted = f"be a Call of a function that can be called with ({', '.join(arguments)}); write Call.of(function)"
    return must(lambda value: (optional and value is None) or is_call(value, *arguments), wanted)
