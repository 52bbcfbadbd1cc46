"""Callers and callables: their place in the source, their names, their annotations."""

from __future__ import annotations

import inspect
import sys
from typing import Any, Dict, Optional, Tuple

from ._compat import get_type_hints
from ._types import AnyCallable, Namespace


def caller() -> Tuple[str, Optional[Namespace]]:
    """Return ``file:line`` and the local names of the nearest caller outside of Fenrir's packages."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package != "fenrir" and not package.startswith("fenrir_"):
            break
        frame = frame.f_back
    local = None if frame.f_locals is frame.f_globals else dict(frame.f_locals)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}", local


def local_names(endpoint: AnyCallable) -> Optional[Namespace]:
    """Return the names around an endpoint that is defined in a function, for its string annotations."""
    annotations = getattr(endpoint, "__annotations__", {})
    if "<locals>" not in getattr(endpoint, "__qualname__", "") or not annotations:
        return None
    return caller()[1]


def unwrap_callable(function: AnyCallable) -> AnyCallable:
    """Return what `inspect` can judge: the function in a `functools.partial`, the `__call__` of an object."""
    while hasattr(function, "func") and not inspect.isroutine(function):
        function = function.func
    if inspect.isroutine(function) or inspect.isclass(function):
        return function
    return getattr(function, "__call__", function)  # noqa: B004 - a bound method is wanted


def resolved_annotations(function: AnyCallable, namespace: Namespace) -> Namespace:
    """Return a callable's parameter annotations; one that can't be resolved stays a str."""
    target = unwrap_callable(function)
    target = target.__init__ if inspect.isclass(target) else target
    target = inspect.unwrap(target)
    annotations = dict(getattr(target, "__annotations__", {}))
    if not any(isinstance(value, str) or "ForwardRef" in repr(value) for value in annotations.values()):
        return annotations
    module = sys.modules.get(getattr(target, "__module__", ""))
    names = {**getattr(target, "__globals__", vars(module) if module else {})}
    hints: Dict[str, Any] = {}
    for name, value in annotations.items():
        if name == "return":
            continue
        holder = type("Holder", (), {"__annotations__": {name: value}})
        try:
            hints.update(get_type_hints(holder, {**names, **namespace}, include_extras=True))
        except (NameError, AttributeError, TypeError):
            hints[name] = value
    return hints


def return_annotation(function: AnyCallable, namespace: Optional[Namespace] = None) -> Any:
    """Return a callable's resolved return annotation: `EMPTY` if it has none, a str if that can't be resolved."""
    target = inspect.unwrap(unwrap_callable(function))
    value = getattr(target, "__annotations__", {}).get("return", inspect.Parameter.empty)
    if not isinstance(value, str):
        return value
    holder = type("Holder", (), {"__annotations__": {"value": value}})
    try:
        names = {**getattr(target, "__globals__", {}), **(namespace or {})}
        return get_type_hints(holder, names, include_extras=True)["value"]
    except (NameError, AttributeError, TypeError):
        return value


def name_of(function: Any) -> str:
    """Return a name of a callable for messages and reports."""
    name = getattr(function, "__qualname__", None) or getattr(unwrap_callable(function), "__qualname__", None)
    return name or type(function).__name__


def where_is(function: AnyCallable) -> str:
    """Return ``file:line`` of a callable, or ``""`` if it has no source."""
    target = inspect.unwrap(unwrap_callable(function))
    target = getattr(target, "__func__", target)
    code = getattr(target, "__code__", None)
    if code is not None:
        return f"{code.co_filename}:{code.co_firstlineno}"
    try:
        return f"{inspect.getsourcefile(target)}:{inspect.getsourcelines(target)[1]}"
    except (TypeError, OSError):
        return ""
