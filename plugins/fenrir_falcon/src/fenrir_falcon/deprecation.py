"""Warnings of functions, properties and arguments that will be removed."""

from __future__ import annotations

import functools
import warnings
from typing import Any, Callable, Optional

__all__ = ["AttributeRemovedError", "DeprecatedWarning", "deprecated", "deprecated_args"]


class AttributeRemovedError(AttributeError):
    """Raised for an attribute that a newer version does not have."""


class DeprecatedWarning(UserWarning):
    """The category of warnings of what will be removed."""


def deprecated(
    instructions: str, is_property: bool = False, method_name: Optional[str] = None
) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that makes each call of a function warn.

    Args:
        instructions: What to use instead.
        is_property: Whether it is the getter of a property.
        method_name: The name in the warning; the function's by default.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        kind = "property" if is_property else "function"
        name = method_name or function.__name__
        message = f"Call to deprecated {kind} {name}{'' if is_property else '(...)'}. {instructions}"

        @functools.wraps(function)
        def warn(*args: Any, **kwargs: Any) -> Any:
            warnings.warn(message, category=DeprecatedWarning, stacklevel=2)
            return function(*args, **kwargs)

        return warn

    return decorate


def deprecated_args(
    *, allowed_positional: int, is_method: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that warns of arguments by position where names are wanted.

    Args:
        allowed_positional: How many arguments may be given by position.
        is_method: Whether the first argument is the instance, which is not counted.
    """
    limit = allowed_positional + (1 if is_method else 0)
    wanted = {0: "no positional arguments", 1: "a single positional argument"}.get(
        allowed_positional, f"{allowed_positional} positional arguments"
    )

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if len(args) > limit:
                warnings.warn(
                    f"Calls to {function.__qualname__}(...) with more than {wanted} are deprecated. "
                    "Please specify them as keyword arguments instead.",
                    category=DeprecatedWarning,
                    stacklevel=2,
                )
            return function(*args, **kwargs)

        return checked

    return decorate
