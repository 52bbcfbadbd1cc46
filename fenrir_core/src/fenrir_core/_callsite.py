"""Callers and callables: their place in the source, their names, their annotations."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Iterable as IterableABC
from collections.abc import Sequence as SequenceABC
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Tuple, Union

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


def parameters_of(function: AnyCallable, namespace: Namespace) -> List[inspect.Parameter]:
    """Return a callable's parameters with resolved annotations.

    Args:
        function: Any callable. One without a signature (a builtin, a class in C) has no parameters here.
        namespace: Names beyond the callable's module that string annotations may use.
    """
    try:
        parameters = [*inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        return []
    hints = resolved_annotations(function, namespace)
    if _is_reordered(function, tuple(item.name for item in parameters)):
        parameters = [
            item.replace(kind=item.KEYWORD_ONLY) if item.kind is item.POSITIONAL_OR_KEYWORD else item
            for item in parameters
        ]
    return [item.replace(annotation=hints.get(item.name, item.annotation)) for item in parameters]


def _is_reordered(function: AnyCallable, names: Tuple[str, ...]) -> bool:
    """Return whether the signature of a callable has another order than its code, as libraries may make it."""
    code = getattr(function, "__code__", None)
    if code is None or "__signature__" not in getattr(function, "__dict__", {}):
        return False
    real: Tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names != real and set(names) == set(real)


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


def describe_error(error: BaseException) -> str:
    """Return an exception's type, text and line: the last one outside of the kernel and the standard library."""
    others = (os.path.dirname(__file__), "<")
    lines = ""
    for frame in traceback.extract_tb(error.__traceback__):
        is_library = frame.filename.startswith(os.path.dirname(os.__file__)) and "site-packages" not in frame.filename
        if not is_library and not frame.filename.startswith(others):
            lines = f" ({frame.filename}:{frame.lineno})"
    return f"{type(error).__name__}: {error}{lines}"


def types_in(annotation: Any) -> Tuple[type, ...]:
    """Return the types that a value of an annotation may have; those of the items where it is an `Iterable`."""
    origin: Any = getattr(annotation, "__origin__", None)
    args: Sequence[Any] = getattr(annotation, "__args__", ())
    if origin is Union:
        return tuple(kind for arg in args if arg is not type(None) for kind in types_in(arg))
    if origin is IterableABC:  # a hook that returns any number of values
        return types_in(args[0])
    if origin is SequenceABC:  # a list as one answer, all or nothing
        return (list, tuple)
    return (annotation,)


def parameter_names(endpoint: AnyCallable) -> FrozenSet[str]:
    """Return the names of a function's parameters as its code has them, without resolving anything."""
    code = getattr(getattr(endpoint, "__wrapped__", endpoint), "__code__", None)
    return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) if code else frozenset()
