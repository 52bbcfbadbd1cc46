"""Predicates and helpers for annotations."""

from __future__ import annotations

import collections
import dataclasses
import inspect
import types
from collections import abc
from typing import Any, ForwardRef, FrozenSet, Iterator, List, Tuple, Union

from pydantic import BaseModel
from typing_extensions import Annotated, TypeAliasType, get_args, get_origin

from fenrir_core import UploadFile

_UNIONS = (Union, getattr(types, "UnionType", Union))
_SEQUENCES = (list, tuple, set, frozenset, collections.deque, abc.Sequence)


def is_class(value: Any, kinds: Any) -> bool:
    """Return whether `value` is a class and a subclass of `kinds`; False for anything that is no class."""
    return inspect.isclass(value) and get_origin(value) is None and issubclass(value, kinds)


def split(annotation: Any) -> Tuple[Any, Tuple[Any, ...]]:
    """Split `Annotated[T, a, b]` into T and (a, b), through type aliases."""
    while isinstance(annotation, TypeAliasType) or type(annotation).__name__ == "TypeAliasType":
        annotation = annotation.__value__
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return inner, tuple(metadata)
    return annotation, ()


def is_union(annotation: Any) -> bool:
    """Return whether it is a union."""
    return get_origin(annotation) in _UNIONS


def arms(annotation: Any) -> List[Any]:
    """Return the members of a union, flattened; for any other annotation a list of itself."""
    bare, _ = split(annotation)
    if is_union(bare):
        return [arm for part in get_args(bare) for arm in arms(part)]
    return [bare]


def is_sequence(annotation: Any) -> bool:
    """Return whether it, or a member of the union, is a sequence type other than text and bytes."""
    for arm in arms(annotation):
        kind = get_origin(arm) or arm
        if is_class(kind, _SEQUENCES) and not is_class(kind, (str, bytes, bytearray)):
            return True
    return False


def is_model(annotation: Any) -> bool:
    """Return whether it is a pydantic model class."""
    return is_class(split(annotation)[0], BaseModel)


def is_model_union(annotation: Any) -> bool:
    """Return whether every member of the union is a pydantic model."""
    return all(is_class(arm, BaseModel) for arm in arms(annotation))


def is_complex(annotation: Any) -> bool:
    """Return whether it can't be read from one string, so that without marker it is read from the body."""
    for arm in arms(annotation):
        kind = get_origin(arm) or arm
        if is_class(kind, (BaseModel, abc.Mapping, UploadFile)) or dataclasses.is_dataclass(kind):
            return True
        if is_sequence(arm):
            return True
        if hasattr(kind, "__pydantic_generic_metadata__") or hasattr(kind, "__total__"):  # models, typed dicts
            return True
    return False


def is_file(annotation: Any) -> bool:
    """Return whether it is an uploaded file, optional or in a sequence."""
    for arm in arms(annotation):
        if is_class(arm, UploadFile):
            return True
        if get_origin(arm) is not None and is_sequence(arm) and any(is_file(part) for part in get_args(arm)):
            return True
    return False


def is_bytes(annotation: Any) -> bool:
    """Return whether it is bytes, optional or in a sequence."""
    for arm in arms(annotation):
        if arm is bytes or (is_sequence(arm) and any(is_bytes(part) for part in get_args(arm))):
            return True
    return False


def is_unresolved(annotation: Any) -> bool:
    """Return whether it contains a name that could not be resolved."""
    if isinstance(annotation, (str, ForwardRef)):
        return True
    if get_origin(annotation) is None or type(annotation).__name__ == "_LiteralGenericAlias":
        return False
    bare, _ = split(annotation)
    return isinstance(bare, (str, ForwardRef)) or any(isinstance(part, ForwardRef) for part in get_args(bare))


def mentions_model(annotation: Any) -> bool:
    """Return whether it contains a pydantic model, at any depth."""
    bare, _ = split(annotation)
    return is_class(bare, BaseModel) or any(mentions_model(part) for part in get_args(bare))


def schema_parts(schema: object, seen: FrozenSet[int] = frozenset()) -> Iterator[object]:
    """Iterate over a core schema of pydantic and everything in it at any depth but metadata and classes."""
    inner: Any = schema if isinstance(schema, (list, tuple)) else ()
    if isinstance(schema, dict):
        if id(schema) in seen:
            return
        seen |= {id(schema)}
        inner = [part for key, part in schema.items() if key not in ("metadata", "cls")]
    yield schema
    for part in inner:
        yield from schema_parts(part, seen)
