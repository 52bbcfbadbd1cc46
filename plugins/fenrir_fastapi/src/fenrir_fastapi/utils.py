"""Helpers that libraries for FastAPI import."""

from __future__ import annotations

import re
from typing import Any, Set, Union

from fenrir_core.authoring import BODILESS

from .operation_names import unique_id

__all__ = ["deep_dict_update", "generate_unique_id", "get_path_param_names", "is_body_allowed_for_status_code"]


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
