"""Helpers that libraries for FastAPI import."""

from __future__ import annotations

import re
import warnings
from typing import Any, Set, Union

from fenrir_core.authoring import BODILESS

from .datastructures import DefaultPlaceholder
from .exceptions import FastAPIDeprecationWarning
from .operation_names import unique_id

__all__ = [
    "deep_dict_update", "generate_operation_id_for_path", "generate_unique_id", "get_path_param_names",
    "get_value_or_default", "is_body_allowed_for_status_code",
]  # fmt: skip


def generate_operation_id_for_path(*, name: str, path: str, method: str) -> str:
    """Return an operation id of a name, a path and a method (deprecated)."""
    text = "fastapi.utils.generate_operation_id_for_path() was deprecated, it is not used internally"
    warnings.warn(text, FastAPIDeprecationWarning, stacklevel=2)
    return re.sub(r"\W", "_", f"{name}{path}") + f"_{method.lower()}"


def get_value_or_default(first_item: Any, *extra_items: Any) -> Any:
    """Return the first item that is no placeholder of a default; the first one if all are."""
    items = (first_item, *extra_items)
    return next((item for item in items if not isinstance(item, DefaultPlaceholder)), first_item)


def generate_unique_id(route: Any) -> str:
    """Return the operation id of a route: name, path and method."""
    return unique_id(route, route.path_format, sorted(route.methods)[0])


def is_body_allowed_for_status_code(status_code: Union[int, str, None]) -> bool:
    """Return whether a response with a status, or a range of them such as ``"2XX"``, may have a body."""
    if status_code is None or str(status_code).upper() in ("DEFAULT", "1XX", "2XX", "3XX", "4XX", "5XX"):
        return True
    return int(status_code) not in BODILESS


def get_path_param_names(path: str) -> Set[str]:
    """Return the names of the parameters in a path template."""
    return set(re.findall(r"{(.*?)}", path))


def deep_dict_update(main_dict: Any, update_dict: Any) -> None:
    """Merge a mapping into a dict: mappings key by key, lists appended, other values replaced."""
    for key, value in update_dict.items():
        there = main_dict.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            deep_dict_update(there, value)
        elif isinstance(there, list) and isinstance(value, list):
            main_dict[key] = there + value
        else:
            main_dict[key] = value
