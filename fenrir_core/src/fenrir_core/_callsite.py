"""Callers and callables: their place in the source, their names, their annotations."""

from __future__ import annotations

import inspect
import linecache
import os
import re
import sys
import traceback
from collections.abc import Iterable as IterableABC
from collections.abc import Sequence as SequenceABC
from types import FrameType, FunctionType
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Tuple, Union

from ._compat import get_type_hints
from ._types import AnyCallable, Namespace
from .exceptions import BuildError

_class_statement = re.compile(r"\s*class\s+(\w+)")


def caller() -> Tuple[str, Optional[Namespace]]:
    """Return ``file:line`` and the local names of the nearest caller outside of Fenrir's packages."""
    frame = calling_frame()
    local = None if frame.f_locals is frame.f_globals else dict(frame.f_locals)
    return place_of(frame), local


def calling_frame() -> FrameType:
    """Return the nearest frame outside of Fenrir's packages, or the outermost one."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package != "fenrir" and not package.startswith("fenrir_"):
            break
        frame = frame.f_back
    return frame


def place_of(frame: FrameType) -> str:
    """Return ``file:line`` of a frame."""
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


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


def parameters_of(
    function: AnyCallable, namespace: Namespace, leading: int = 0, own: Optional[int] = None
) -> List[inspect.Parameter]:
    """Return a callable's parameters with resolved annotations.

    Parameters that a decorated callable takes by ``**kwargs`` are keyword-only here, so that they are passed by name.

    Args:
        function: Any callable. One without a signature (a builtin, a class in C) has no parameters here.
        namespace: Names beyond the callable's module that string annotations may use.
        leading: How many arguments are passed by position in any case.
        own: None to read the signature through decorators (`functools.wraps`). Else the callable's own signature is
            read, and so many leading arguments are passed by position, to ``*args`` too.
    """
    try:
        parameters = [*(inspect.signature(function) if own is None else _own_signature(function)).parameters.values()]
    except (TypeError, ValueError):
        return []
    hints = resolved_annotations(function, namespace)
    leading = max(leading, own or 0)
    if _is_reordered(function, tuple(item.name for item in parameters)) or _takes_keywords(function):
        parameters = [
            item.replace(kind=item.KEYWORD_ONLY)
            if item.kind is item.POSITIONAL_OR_KEYWORD and index >= leading
            else item
            for index, item in enumerate(parameters)
        ]
    parameters = [item.replace(annotation=hints.get(item.name, item.annotation)) for item in parameters]
    return parameters if own is None else _with_optional(function, _with_leading(parameters, own), own, hints)


def _own_signature(function: AnyCallable) -> inspect.Signature:
    """Return the signature of a callable itself, not of what it wraps."""
    given = getattr(function, "__signature__", None)
    if inspect.isfunction(function) and given is getattr(getattr(function, "__wrapped__", None), "__signature__", 0):
        # `functools.wraps` has copied it
        made = FunctionType(
            function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        made.__kwdefaults__ = function.__kwdefaults__
        return inspect.signature(made)
    return inspect.signature(function, follow_wrapped=False)


def _with_optional(
    function: AnyCallable, parameters: List[inspect.Parameter], own: int, hints: Namespace
) -> List[inspect.Parameter]:
    """Return parameters with the optional ones of what a decorator wraps, such as `Depends()`, if it takes keywords.

    That is only for endpoints that take the request: others are called with the path's values and nothing else.
    """
    wrapped = getattr(unwrap_callable(function), "__wrapped__", None)
    if wrapped is None or not own or parameters[-1:] == [] or parameters[-1].kind is not inspect.Parameter.VAR_KEYWORD:
        return parameters
    names = {item.name for item in parameters}
    optional = [
        item.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints.get(item.name, item.annotation))
        for item in inspect.signature(wrapped).parameters.values()
        if item.default is not item.empty and item.name not in names
    ]
    return [*parameters[:-1], *optional, parameters[-1]]


def _takes_keywords(function: AnyCallable) -> bool:
    """Return whether a callable has the signature of another one, and takes any keywords itself."""
    target = unwrap_callable(function)
    if not hasattr(target, "__wrapped__") and not hasattr(target, "__signature__"):
        return False
    code = getattr(target, "__code__", None)
    return code is None or bool(code.co_flags & inspect.CO_VARKEYWORDS)


def _with_leading(parameters: List[inspect.Parameter], count: int) -> List[inspect.Parameter]:
    """Return parameters of which the first `count` are positional; ``*args`` takes those that are missing."""
    kinds = [item.kind for item in parameters]
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        return parameters
    index = kinds.index(inspect.Parameter.VAR_POSITIONAL)
    missing = [inspect.Parameter(f"argument_{item}", inspect.Parameter.POSITIONAL_ONLY) for item in range(index, count)]
    first = [item.replace(kind=inspect.Parameter.POSITIONAL_ONLY) for item in parameters[:index]] if missing else []
    return [*(first or parameters[:index]), *missing, *parameters[index:]]


def outer_parameters(function: AnyCallable, namespace: Optional[Namespace] = None) -> List[inspect.Parameter]:
    """Return the parameters of a callable itself; of what it wraps, if it takes any arguments (``*args``).

    Their annotations are resolved, as by `parameters_of`.

    Raises:
        ValueError: It has no signature.
    """
    target = function
    while True:
        try:
            found = [*_own_signature(target).parameters.values()]
        except TypeError as error:
            raise ValueError(str(error)) from None
        wrapped = getattr(unwrap_callable(target), "__wrapped__", None)
        if wrapped is None or not any(item.kind is item.VAR_POSITIONAL for item in found):
            break
        target = wrapped
    hints = resolved_annotations(target, namespace or {})
    return [item.replace(annotation=hints.get(item.name, item.annotation)) for item in found]


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
    names = {**getattr(target, "__globals__", vars(module) if module else {}), **namespace}
    return {name: _resolved(value, names) for name, value in annotations.items() if name != "return"}


def return_annotation(function: AnyCallable, namespace: Optional[Namespace] = None) -> Any:
    """Return a callable's resolved return annotation: `EMPTY` if it has none, a str if that can't be resolved."""
    target = inspect.unwrap(unwrap_callable(getattr(function, "__fenrir_stands_for__", function)))
    value = getattr(target, "__annotations__", {}).get("return", inspect.Parameter.empty)
    if not isinstance(value, str):
        return value
    return _resolved(value, {**getattr(target, "__globals__", {}), **(namespace or {})})


def _resolved(annotation: Any, names: Dict[str, Any]) -> Any:
    """Return an annotation with its forward references resolved; one that can't be stays as it is."""
    holder = type("Holder", (), {"__annotations__": {"value": annotation}})
    try:
        return get_type_hints(holder, names, include_extras=True)["value"]
    except (NameError, AttributeError, TypeError):
        return annotation


def name_of(function: Any) -> str:
    """Return a name of a callable for messages and reports."""
    function = getattr(function, "__fenrir_stands_for__", function)
    name = getattr(function, "__qualname__", None) or getattr(unwrap_callable(function), "__qualname__", None)
    return name or type(function).__name__


def where_is(function: AnyCallable) -> str:
    """Return ``file:line`` of a callable, or ``""`` if it has no source."""
    target = inspect.unwrap(unwrap_callable(getattr(function, "__fenrir_stands_for__", function)))
    target = getattr(target, "__func__", target)
    code = getattr(target, "__code__", None)
    if code is not None:
        return f"{code.co_filename}:{code.co_firstlineno}"
    return _place_of_class(target) if isinstance(target, type) else ""


def _place_of_class(kind: type) -> str:
    # PERF: `inspect` parses the whole file for a class, before Python 3.13: 90 ms where that has 3,500 lines
    own = (inspect.unwrap(item) for item in vars(kind).values() if isinstance(item, FunctionType))
    codes = [item.__code__ for item in own if item.__qualname__.startswith(f"{kind.__qualname__}.")]
    first = min(codes, key=lambda code: code.co_firstlineno, default=None)
    file = getattr(sys.modules.get(kind.__module__), "__file__", None) if first is None else first.co_filename
    lines = linecache.getlines(file or "")
    for number in range(len(lines) if first is None else min(first.co_firstlineno, len(lines)), 0, -1):
        statement = _class_statement.match(lines[number - 1])
        if statement is not None and statement.group(1) == kind.__name__:
            return f"{file}:{number}"
    return ""


def refuse_bare(given: object, example: str, exempt: type = BaseException, holder: str = "app") -> None:
    """Check that a decorator that takes arguments was not used without.

    Args:
        given: Its first argument; a function if it was used without.
        example: The right form, without what has it: ``get("/path")``.
        exempt: Classes that it takes; `object` for any.
        holder: What has it, for the message; ``""`` for a function.

    Raises:
        BuildError: It was used without arguments, and would register nothing.
    """
    if callable(given) and not (isinstance(given, type) and issubclass(given, exempt)):
        form = f"@{holder}.{example}" if holder else f"@{example}"
        raise BuildError(f"{where_is(given)}: the decorator of {name_of(given)}() needs arguments: write {form}.")


def check_callable(value: object, what: str) -> None:
    """Check that what is registered, or decorated, is a function or another callable.

    Args:
        value: What is registered.
        what: What it is registered as, for the message.

    Raises:
        BuildError: It is not callable.
    """
    if not callable(value):
        raise BuildError(f"{caller()[0]}: {what}: {value!r} is not callable. Pass a function.")


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


def can_take(function: Any, count: int) -> bool:
    """Return whether a value can be called with `count` positional arguments and nothing else.

    A callable without a signature, such as some builtins, is assumed to take them.
    """
    try:
        inspect.signature(function).bind(*range(count))
    except ValueError:
        return callable(function)
    except TypeError:
        return False
    return True


def generator_kind(function: Any) -> str:
    """Return ``"async"`` or ``"sync"`` for a generator function, also for a decorated one; ``""`` for any other.

    What `contextlib.contextmanager` made of a generator function is a context manager, and no generator function.
    """
    target = unwrap_callable(function)
    bare = inspect.unwrap(target, stop=lambda item: getattr(item, "__globals__", {}).get("__name__") == "contextlib")
    for item in (target, bare):
        if inspect.isasyncgenfunction(item):
            return "async"
        if inspect.isgeneratorfunction(item):
            return "sync"
    return ""
