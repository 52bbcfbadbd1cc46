"""Pydantic models written as JSON in one walk, where that gives the bytes that two walks would give.

A model that is returned without a response model is written as `jsonable_encoder` and the standard library's encoder
write it. Pydantic's own writer differs from those in some numbers (``0.00001`` for ``1e-05``, null for infinity) and in
keys that are left out. Numbers are looked at before, where the schema says which there are; otherwise what may contain
such is found by looking at the text. It is then written the long way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, core_schema

from .type_inspection import schema_parts

__all__ = ["write_model", "write_models"]

#: Whether a text must be written the long way.
Check = Callable[[bytes], bool]
#: Whether the numbers of some values are written alike in both ways.
Alike = Callable[[Iterable[Any]], bool]

#: Schemas of values whose type is known at run time only, or that code of the app's author writes.
_LOOSE = frozenset({"any", "complex", "custom-error", "dataclass", "function-plain", "generator", "is-instance"})
#: Schemas that only say how their one inner schema is validated.
_WRAPPERS = frozenset({"default", "function-after", "function-before", "function-wrap"})
#: Classes whose schemas have been looked at; beyond that the oldest are looked at anew.
_MOST = 1000
#: What writes a list whose items are of several classes.
_LIST = SchemaSerializer(core_schema.list_schema())
_exponent = re.compile(rb"e[-0-9]").search


class _Writer(NamedTuple):
    """How the models of a class are written.

    Args:
        write_list: Writes a list of them, and of no others.
        alike: Looks at the numbers of some of them; None if they have none, or if the text is looked at.
        check: Looks at the text; None if that is not needed.
    """

    write_list: Callable[..., bytes]
    alike: Optional[Alike]
    check: Optional[Check]


def _make_writer(kind: type) -> Optional[_Writer]:
    """Return the writer of a class of models.

    Returns:
        None if all take the long way: of a class with a `model_dump` of its own, or one that is still to be made.
    """
    if not issubclass(kind, BaseModel) or kind.model_dump is not BaseModel.model_dump:
        return None
    if not isinstance(getattr(kind, "__pydantic_serializer__", None), SchemaSerializer):
        return None
    schema: Any = kind.__pydantic_core_schema__
    kinds = _kinds(schema)
    if _CONFIGURED in kinds:
        return None
    # PERF: a hundred models take 26 us by a serializer that knows their class, 38 by one for anything
    write_list = SchemaSerializer(core_schema.list_schema(schema)).to_json
    if not kinds.isdisjoint(_LOOSE):
        return _Writer(write_list, None, _has_any)
    if "dict" in kinds:
        return _Writer(write_list, None, _has_hidden if "float" not in kinds else _has_any)
    if "float" not in kinds:
        return _Writer(write_list, None, None)
    try:
        return _Writer(write_list, _alike(schema, {}), None)
    except _Unclear:
        return _Writer(write_list, None, _has_number)


_writer_of: Callable[[type], Optional[_Writer]] = lru_cache(maxsize=_MOST)(_make_writer)

#: In `_kinds`, stands for a configuration of how values are written.
_CONFIGURED = "configured"


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
            if any(isinstance(name, str) and name.startswith("ser_json_") for name in part):
                found.add(_CONFIGURED)
        elif part == "allow":  # further fields are
            found.add("any")
    return found


# -------------------------------------------------------------------- by the numbers


class _Unclear(Exception):
    """A schema does not say where the numbers of its values are."""


def _are_alike(numbers: Iterable[Optional[float]]) -> bool:
    """Return whether pydantic writes numbers as the standard library does: those without exponent in both."""
    for number in numbers:
        if number is not None and not 1e-4 <= number < 1e16 and not -1e16 < number <= -1e-4 and number != 0:
            return False
    return True


def _alike(schema: Any, known: Mapping[str, Any]) -> Optional[Alike]:
    """Return the function that looks at the numbers of some values of a schema; None if they have none.

    Args:
        schema: A core schema.
        known: The schemas that it may refer to; without those that it is a part of.

    Raises:
        _Unclear: There may be others.
    """
    kind = schema["type"]
    if kind == "float":
        return _are_alike
    if kind == "definitions":
        return _alike(schema["schema"], {**known, **{item["ref"]: item for item in schema["definitions"]}})
    if kind == "definition-ref":
        name = schema["schema_ref"]
        if name not in known:
            raise _Unclear
        return _alike(known[name], {ref: item for ref, item in known.items() if ref != name})
    if kind == "model-fields":
        return _alike_in_fields(schema, known)
    if kind in _WRAPPERS or kind in ("model", "nullable"):
        inner = _alike(schema["schema"], known)
        if inner is None or (inner is _are_alike and kind != "model"):
            return inner
        if kind == "nullable":
            return lambda values: inner([value for value in values if value is not None])
        return _alike_in([("root", inner)]) if schema.get("root_model") else inner
    if kind == "list" and "items_schema" in schema:
        of_items = _alike(schema["items_schema"], known)
        return None if of_items is None else lambda values: of_items(chain.from_iterable(values))
    if not _kinds(schema).isdisjoint(("float", "definition-ref")):
        raise _Unclear
    return None


def _alike_in_fields(schema: Any, known: Mapping[str, Any]) -> Optional[Alike]:
    if any(not _kinds(item).isdisjoint(("float", "definition-ref")) for item in schema.get("computed_fields", ())):
        raise _Unclear
    found = ((name, _alike(item["schema"], known)) for name, item in schema["fields"].items())
    fields = [(name, alike) for name, alike in found if alike is not None]
    return _alike_in(fields) if fields else None


def _alike_in(fields: Sequence[Tuple[str, Alike]]) -> Alike:
    """Return the function that looks at the attributes of some values."""
    # PERF: attribute by attribute, a hundred models take 3 us, of which the text would take 7
    getters = [(attrgetter(name), alike) for name, alike in fields]
    if len(getters) == 1:
        ((get, alike),) = getters
        return lambda values: alike(map(get, values))

    def all_alike(values: Iterable[Any]) -> bool:
        values = [*values]
        for get, alike in getters:
            if not alike(map(get, values)):
                return False
        return True

    return all_alike


# -------------------------------------------------------------------- by the text


def _has_hidden(data: bytes) -> bool:
    return data.find(b'"_sa') >= 0


def _has_number(data: bytes) -> bool:
    # text with an "e" before a digit is written the long way, too
    return _exponent(data) is not None or data.find(b".0000") >= 0 or data.find(b"null") >= 0


def _has_any(data: bytes) -> bool:
    return _has_number(data) or data.find(b"NaN") >= 0 or data.find(b"Infinity") >= 0 or _has_hidden(data)


def _is_same(data: bytes, check: Check, serializer: SchemaSerializer, value: Any) -> bool:
    """Return whether the long way would lead to the same bytes."""
    if not check(data):
        return True
    if check is not _has_number or _exponent(data) is not None or data.find(b".0000") >= 0:
        return False
    # a null is None, or a number that JSON lacks, which is there without the fields that are None, too
    return b"null" not in serializer.to_json(value, by_alias=True, exclude_none=True)


# -------------------------------------------------------------------- writing


def write_model(value: Any) -> Optional[bytes]:
    """Return a model as JSON; None for any other value, and for what is written the long way.

    Nothing that plugins encode is asked for.
    """
    writer = _writer_of(type(value))
    if writer is None:
        return None
    _, alike, check = writer
    try:
        if alike is not None and not alike((value,)):
            return None
        serializer = value.__pydantic_serializer__
        data: bytes = serializer.to_json(value, by_alias=True)
        return data if check is None or _is_same(data, check, serializer, value) else None
    except Exception:  # the long way runs into it again, or does not
        return None


def write_models(value: List[Any]) -> Optional[bytes]:
    """Return a list of models as JSON; None for any other list, and for what is written the long way."""
    if not value or not isinstance(value[0], BaseModel):
        return None
    kinds = set(map(type, value))
    if len(kinds) > 1:
        return _write_mixed(value, kinds)
    writer = _writer_of(kinds.pop())
    if writer is None:
        return None
    write, alike, check = writer
    try:
        if alike is not None and not alike(value):
            return None
        data = write(value, by_alias=True)
        return data if check is None or _is_same(data, check, _LIST, value) else None
    except Exception:
        return None


def _write_mixed(value: List[Any], kinds: Set[type]) -> Optional[bytes]:
    writers: Dict[type, Optional[_Writer]] = {kind: _writer_of(kind) for kind in kinds}
    if None in writers.values():
        return None
    checks = {writer.check for writer in writers.values() if writer is not None and writer.check is not None}
    alike = {kind: writer.alike for kind, writer in writers.items() if writer is not None and writer.alike is not None}
    try:
        for kind, are_alike in alike.items():
            if not are_alike([item for item in value if type(item) is kind]):
                return None
        data = _LIST.to_json(value, by_alias=True)
        return data if all(_is_same(data, check, _LIST, value) for check in checks) else None
    except Exception:
        return None
