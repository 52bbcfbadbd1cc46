"""Checks of the fields of values, declared beside each field and run when a hook returns the value."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any, Callable, Dict, Iterable, Optional, Tuple

from ._callsite import can_take, unwrap_callable

Predicate = Callable[[Any], bool]
#: Metadata of a dataclass field: its check and what it must be.
Metadata = Dict[str, Tuple[Predicate, str]]


def must(check: Predicate, wanted: str) -> Metadata:
    """Return the metadata of a dataclass field that must pass a check.

    Args:
        check: Whether a value of the field is right.
        wanted: What it must be, as the end of the sentence "it must …".
    """
    return {"fenrir_check": (check, wanted)}


def problem_of(value: Any) -> Optional[str]:
    """Return what is wrong with a field of a value, or None.

    What would fail in a request is told at the build: the message names the value, its field and what it must be.
    """
    for field in fields(value) if hasattr(value, "__dataclass_fields__") else ():
        check, wanted = field.metadata.get("fenrir_check", (None, ""))
        found = getattr(value, field.name)
        if check is not None and not check(found):
            name = getattr(value, "name", getattr(value, "path", ""))
            label = f"{type(value).__name__} {name!r}" if name and field.name != "name" else type(value).__name__
            return f"{label}, whose `{field.name}` is {found!r}: it must {wanted}"
    return None


def is_texts(value: Any) -> bool:
    """Return whether a value holds nothing but strings, and is no string itself."""
    return not isinstance(value, str) and isinstance(value, Iterable) and all(isinstance(item, str) for item in value)


def is_error_match(value: Any) -> bool:
    """Return whether an exception handler can be registered for a value: an exception class or a status."""
    return isinstance(value, int) or (inspect.isclass(value) and issubclass(value, BaseException))


def is_operation_part(value: Any) -> bool:
    """Return whether a value is None, or a part of an OpenAPI operation with what it refers to."""
    kinds = {"parameters": list, "security": list, "requestBody": dict, "responses": dict, "components": dict}
    is_part = isinstance(value, dict) and all(isinstance(value[key], kinds.get(key, ())) for key in value)
    return value is None or (is_part and all({"name", "in"} <= set(item) for item in value.get("parameters", ())))


def takes(*arguments: str, least: int = 0, optional: bool = False, is_sync: bool = False) -> Dict[str, Any]:
    """Return the metadata of a field with a function that is called with these arguments.

    Args:
        *arguments: Their names.
        least: How many of them it must take; 0 for all.
        optional: Whether None is right, too.
        is_sync: Whether it must not be asynchronous.
    """
    counts = range(least or len(arguments), len(arguments) + 1)
    calls = [f"({', '.join(arguments[:count])})" for count in counts]

    def check(value: Any) -> bool:
        is_function = any(can_take(value, count) for count in counts)
        return is_function and not (is_sync and inspect.iscoroutinefunction(unwrap_callable(value)))

    kind = "a synchronous function" if is_sync else "a function"
    wanted = f"be {kind} that can be called with {' or '.join(calls)}"
    return must(lambda value: (optional and value is None) or check(value), wanted)


#: Metadata of fields that several values have.
FUNCTION = must(callable, "be a function")
NAMES = must(is_texts, 'be a tuple of names, as in ("name",)')
SETTING_NAME = must(
    lambda value: isinstance(value, str) and value.isidentifier() and value == value.lower(),
    "be lower case with underscores",
)
PATH = must(lambda value: isinstance(value, str) and value.startswith("/"), "begin with '/'")
METHOD_NAMES = must(
    lambda value: is_texts(value) and all(item == item.upper() for item in value),
    'be a tuple of methods in upper case, as in ("GET",)',
)
ERROR_MATCH = must(is_error_match, "be an exception class or a status")


def one_of(*names: str) -> Metadata:
    """Return the metadata of a field that is one of some names."""
    return must(lambda value: value in names, f"be one of {', '.join(map(repr, names))}")


def some_of(*names: str) -> Metadata:
    """Return the metadata of a field that is a set of some names."""
    return must(
        lambda value: is_texts(value) and set(value) <= set(names),
        f"be a frozenset of some of {', '.join(map(repr, names))}",
    )


NEEDS = some_of("body", "form", "load")
OPERATION_PART = must(
    is_operation_part,
    "be a dict with some of 'parameters' (a list of objects with 'name' and 'in'), 'security' (a list), 'requestBody', "
    "'responses' and 'components' (objects), as OpenAPI writes them",
)
