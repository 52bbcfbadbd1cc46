"""Models of pydantic as JSON, in one walk by their own serializers.

Pydantic is not imported: its models are known by what their classes have. A model is written as its `model_dump_json`
writes it, so NaN and infinity are null unless its configuration says otherwise.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, Dict, Optional, TypeVar

from .connection import current
from .encoders import encoder_of

T = TypeVar("T")

#: Returns a value as JSON if it is a model, or None if it must be written otherwise.
WriteModel = Callable[[Any], Optional[bytes]]

#: Classes whose attributes have been looked at; beyond that the oldest are looked at anew.
_MOST = 1000


class AnyModel:
    """In `ReturnHandler.encoders`, stands for every class of pydantic's models."""


class ByType(Dict[type, Optional[T]]):
    """Values by class, looked up by ``[]``; None for a class that has none.

    Args:
        given: The values. That of `AnyModel` is for each model that has no value of its own.
    """

    def __missing__(self, kind: type) -> Optional[T]:
        found = self.get(AnyModel) if is_model(kind) else None
        if len(self) < _MOST:
            self[kind] = found
        return found


def is_model(kind: type) -> bool:
    """Return whether a class is a model of pydantic 2."""
    return hasattr(kind, "__pydantic_serializer__") and hasattr(kind, "model_dump")


def _find_by_alias(kind: type) -> object:
    """Return the argument for the serializer of a class; `Ellipsis` if that does not write its instances.

    Releases of pydantic differ in what a serializer does by default, not in what a model does.
    """
    dump: Any = getattr(kind, "model_dump", None)
    if getattr(dump, "__module__", "") != "pydantic.main" or not hasattr(kind, "__pydantic_serializer__"):
        return ...
    return (dump.__kwdefaults__ or {}).get("by_alias")


def _make_list_writer(kind: Any) -> Any:
    """Return the serializer of a list of models of one class; of anything, for a class of serializers."""
    # PERF: a hundred take 26 us by a serializer that knows their class, 38 by one for anything
    if hasattr(kind, "__pydantic_core_schema__"):
        made = type(kind.__pydantic_serializer__)
        return made({"type": "list", "items_schema": kind.__pydantic_core_schema__})
    return kind({"type": "list", "items_schema": {"type": "any"}})


_by_alias: Callable[[type], object] = lru_cache(maxsize=_MOST)(_find_by_alias)
_list_writer: Callable[[type], Any] = lru_cache(maxsize=_MOST)(_make_list_writer)


def write_any(value: Any) -> Optional[bytes]:
    """Return a model as JSON like `write_model`, in an app without encoders."""
    by_alias = _by_alias(type(value))
    if by_alias is ...:
        return None
    try:
        written: bytes = value.__pydantic_serializer__.to_json(value, by_alias=by_alias)
        return written
    except Exception:  # what comes next runs into it again, or does not
        return None


def write_model(value: Any) -> Optional[bytes]:
    """Return a model as JSON; None for any other value, and for what is written otherwise.

    That is a model whose class has a `model_dump` of its own, or for which a plugin of the current app has an encoder,
    and one that pydantic does not write as JSON.
    """
    connection = current.get(None)  # PERF: as `encoder_of`, without the calls
    encoders = None if connection is None else connection.compiled_route.encoders
    return write_any(value) if encoders is None or encoders.find(type(value)) is None else None


def is_written(value: object) -> bool:
    """Return whether `write_model` writes a value, unless pydantic fails to."""
    return _by_alias(type(value)) is not ... and encoder_of(type(value)) is None


def write_models(value: Any) -> Optional[bytes]:
    """Return a list of models as JSON; None for any other, and for one of whose items `write_model` returns None."""
    if not value or not is_model(type(value[0])):
        return None
    kinds = set(map(type, value))
    by_alias = {_by_alias(kind) for kind in kinds}
    if len(by_alias) > 1 or ... in by_alias or any(encoder_of(kind) is not None for kind in kinds):
        return None
    try:
        writer = _list_writer(*kinds) if len(kinds) == 1 else _list_writer(type(value[0].__pydantic_serializer__))
        written: bytes = writer.to_json(value, by_alias=by_alias.pop())
        return written
    except Exception:
        return None
