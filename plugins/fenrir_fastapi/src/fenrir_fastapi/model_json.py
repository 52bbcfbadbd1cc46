"""Pydantic models written as JSON in one walk, where that gives the bytes that two walks would give.

A model that is returned without a response model is written as `jsonable_encoder` and a JSON encoder write it.
Pydantic's own writer differs from those in numbers (``1e16``, infinity) and in keys that are left out. What may contain
such is found by looking at the text, and is written the long way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Callable, List, Optional, Set

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, core_schema

from fenrir_core.authoring import current_encoders

from .type_inspection import schema_parts

__all__ = ["write_model", "write_models"]

#: Whether a text must be written the long way.
Check = Callable[[bytes], bool]

#: Schemas of values whose type is known at run time only, or that code of the app's author writes.
_LOOSE = frozenset({"any", "complex", "custom-error", "dataclass", "function-plain", "generator", "is-instance"})
#: Classes whose schemas have been looked at; beyond that the oldest are looked at anew.
_MOST = 1000
#: What writes a list whose items are of several classes.
_LIST = SchemaSerializer(core_schema.list_schema())
_exponent = re.compile(rb"e[-0-9]").search


def _find_check(kind: type) -> Optional[Check]:
    """Return the function that says whether a text of models of a class must be written the long way.

    Returns:
        None if that is so for all: of a class with a `model_dump` of its own, or one that is still to be made.
    """
    if not issubclass(kind, BaseModel) or kind.model_dump is not BaseModel.model_dump:
        return None
    if not isinstance(getattr(kind, "__pydantic_serializer__", None), SchemaSerializer):
        return None
    if any(name.startswith("ser_json_") for name in kind.model_config):
        return None
    kinds = _kinds(kind.__pydantic_core_schema__)
    if not kinds.isdisjoint(_LOOSE):
        return _has_any
    if "dict" in kinds:
        return _has_hidden if "float" not in kinds else _has_any
    return _has_number if "float" in kinds else _has_nothing


_check_of: Callable[[type], Optional[Check]] = lru_cache(maxsize=_MOST)(_find_check)


def _has_nothing(data: bytes) -> bool:
    return False


def _has_hidden(data: bytes) -> bool:
    return b'"_sa' in data


def _has_number(data: bytes) -> bool:
    # PERF: the fastest of five ways to look for both; text with an "e" before a digit is written the long way, too
    return _exponent(data) is not None or b"null" in data


def _has_any(data: bytes) -> bool:
    return _has_number(data) or b"NaN" in data or b"Infinity" in data or _has_hidden(data)


def _kinds(schema: object) -> Set[str]:
    """Return the kinds of a core schema and of all schemas in it; ``any`` for what has a serializer of its own."""
    found: Set[str] = set()
    for part in schema_parts(schema):
        if isinstance(part, dict):
            kind = part.get("type")
            if isinstance(kind, str):
                found.add(kind)
            if "serialization" in part or part.get("extras_schema"):
                found.add("any")
        elif part == "allow":  # further fields are
            found.add("any")
    return found


def write_model(value: Any) -> Optional[bytes]:
    """Return a model as JSON; None for any other value, and for what is written the long way."""
    check = _check_of(type(value))
    if check is None or _has_encoders():
        return None
    try:
        data = value.__pydantic_serializer__.to_json(value, by_alias=True)
        return data if _is_same(data, check, value.__pydantic_serializer__, value) else None
    except Exception:  # the long way runs into it again, or does not
        return None


def write_models(value: List[Any]) -> Optional[bytes]:
    """Return a list of models as JSON; None for any other list, and for what is written the long way."""
    if not value or not isinstance(value[0], BaseModel) or _has_encoders():
        return None
    checks = {_check_of(kind) for kind in {type(item) for item in value}}
    if None in checks:
        return None
    try:
        data = _LIST.to_json(value, by_alias=True)
        same = all(_is_same(data, check, _LIST, value) for check in checks if check is not None)
        return data if same else None
    except Exception:
        return None


def _has_encoders() -> bool:
    encoders = current_encoders()
    return encoders is not None and bool(encoders.by_type)


def _is_same(data: bytes, check: Check, serializer: SchemaSerializer, value: Any) -> bool:
    """Return whether the long way would lead to the same bytes."""
    if not check(data):
        return True
    if check is not _has_number or _exponent(data) is not None:
        return False
    # a null is None, or a number that JSON lacks, which is there without the fields that are None, too
    return b"null" not in serializer.to_json(value, by_alias=True, exclude_none=True)
