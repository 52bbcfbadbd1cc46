"""Look into the values that hooks give: what would fail in a request is told at the build."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Iterable, Mapping, Optional, Sequence, Tuple, Type

from .types import (
    Call,
    ErrorFormat,
    ExceptionHandler,
    Lifespan,
    Middleware,
    Mount,
    Provide,
    Resolver,
    ReturnHandler,
    Route,
    RouteHook,
    Setting,
)

#: A field, whether it is right, and what it must be.
Check = Tuple[str, Callable[[Any], bool], str]

_MODES = ("async", "thread", "inline")
_CALL = "must be a Call; write Call.of(function)"


def _is_call(value: Any) -> bool:
    return isinstance(value, Call) and callable(value.function) and value.mode in _MODES


def _is_step(value: Any) -> bool:
    return value is None or _is_call(value)


def _is_texts(value: Any) -> bool:
    return not isinstance(value, str) and isinstance(value, Iterable) and all(isinstance(item, str) for item in value)


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and value.isidentifier() and value == value.lower()


def _is_methods(value: Any) -> bool:
    return _is_texts(value) and all(item == item.upper() for item in value)


def _is_match(value: Any) -> bool:
    return isinstance(value, int) or (inspect.isclass(value) and issubclass(value, BaseException))


def _one_of(*names: str) -> Tuple[Callable[[Any], bool], str]:
    return (lambda value: value in names), f"must be one of {', '.join(map(repr, names))}"


def _some_of(*names: str) -> Tuple[Callable[[Any], bool], str]:
    return (
        lambda value: _is_texts(value) and set(value) <= set(names)
    ), f"must be a frozenset of some of {', '.join(map(repr, names))}"


_NAMES = (_is_texts, 'must be a tuple of names, as in ("name",)')
_NEEDS: Check = ("needs", *_some_of("body", "form", "load"))


def _function(field: str) -> Check:
    return field, callable, "must be a function"


CHECKS: Mapping[Type[Any], Sequence[Check]] = {
    Setting: [
        _function("type"),
        ("name", _is_key, "must be lower case with underscores"),
    ],
    Route: [
        _function("endpoint"),
        ("path", lambda path: isinstance(path, str) and path.startswith("/"), "must begin with '/'"),
        ("methods", _is_methods, 'must be a tuple of methods in upper case, as in ("GET",)'),
    ],
    Mount: [_function("app")],
    Resolver: [_function("read"), _NEEDS],
    Provide: [_function("function"), ("scope", *_one_of("request", "function", "app"))],
    ReturnHandler: [_function("convert")],
    RouteHook: [
        *((field, _is_step, _CALL) for field in ("before", "after", "teardown")),
        _NEEDS,
        ("kinds", *_some_of("http", "websocket")),
        ("order", *_one_of("outer", "normal", "inner")),
    ],
    ExceptionHandler: [("matches", _is_match, "must be an exception class or a status"), ("handle", _is_call, _CALL)],
    ErrorFormat: [_function("write")],
    Middleware: [_function("factory"), ("before", *_NAMES), ("after", *_NAMES)],
    Lifespan: [_function("enter"), ("after", *_NAMES)],
}


def fault(value: Any) -> Optional[str]:
    """Say what is wrong with a field of a value, or None."""
    for field, is_right, wanted in CHECKS.get(type(value), ()):
        found = getattr(value, field)
        if not is_right(found):
            name = getattr(value, "name", getattr(value, "path", ""))
            label = f"{type(value).__name__} {name!r}" if name and field != "name" else type(value).__name__
            return f"{label}, whose `{field}` is {found!r}: it {wanted}"
    return None
