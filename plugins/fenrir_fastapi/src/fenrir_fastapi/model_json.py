"""Pydantic models written as JSON in one walk, where that gives the bytes that two walks would give.

A model that is returned without a response model is written as `jsonable_encoder` and a JSON encoder write it.
Pydantic's own writer differs from those in numbers (``1e16``, infinity) and in keys that are left out. What may contain
such is found by looking at the text, and is written the long way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Callable, Optional, Set, Type

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, to_json

from fenrir_core.authoring import current_encoders

from .type_inspection import schema_parts

__all__ = ["write_models"]

#: Whether a text must be written the long way.
Check = Callable[[bytes], bool]

#: Schemas of values whose type is known at run time only, or that code of the app's author writes.
_LOOSE = frozenset({"any", "complex", "custom-error", "dataclass", "function-plain", "generator", "is-instance"})
#: Classes whose schemas have been looked at; beyond that the oldest are looked at anew.
_MOST = 1000
_exponent = re.compile(rb"e[-0-9]").search


@lru_cache(maxsize=_MOST)
def _check_of(kind: Type[BaseModel]) -> Optional[Check]:
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


def write_models(value: Any) -> Optional[bytes]:
    """Return a model or a list of models as JSON; None for any other value, and for what is written the long way."""
    is_list = type(value) is list
    if is_list and not (value and isinstance(value[0], BaseModel)):
        return None
    encoders = current_encoders()
    if encoders is not None and encoders.by_type:
        return None
    kinds = {type(item) for item in value} if is_list else {type(value)}
    checks = {_check_of(kind) for kind in kinds}  # type: ignore[arg-type]  # a class is hashable
    if None in checks:
        return None
    try:
        data = to_json(value) if is_list else value.__pydantic_serializer__.to_json(value, by_alias=True)
    except Exception:  # the long way runs into it again, or does not
        return None
    for check in checks:
        if check is not None and check(data):
            return None
    return bytes(data)
