"""What kind of function an endpoint or dependency is."""

from __future__ import annotations

import inspect
from typing import Any

from fenrir_core.authoring import unwrap_callable

__all__ = ["is_async_generator", "is_generator"]


def is_async_generator(function: Any) -> bool:
    """Return whether an endpoint or dependency is an async generator function, also under decorators."""
    target = unwrap_callable(function)
    return inspect.isasyncgenfunction(target) or inspect.isasyncgenfunction(inspect.unwrap(target))


def is_generator(function: Any) -> bool:
    """Return whether an endpoint or dependency is a generator function, sync or async, also under decorators."""
    target = unwrap_callable(function)
    return is_async_generator(function) or inspect.isgeneratorfunction(inspect.unwrap(target))
