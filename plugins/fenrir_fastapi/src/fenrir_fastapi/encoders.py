"""Conversion of any value to JSON types."""

from __future__ import annotations

import dataclasses
from collections import deque
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import GeneratorType
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from pydantic import BaseModel
from pydantic_core import PydanticUndefinedType, to_jsonable_python

from fenrir_core.authoring import EncodersLike, current_encoders, json_default, make_dumps
from fenrir_core.authoring import dumps as dump_plain

from .exceptions import PydanticV1NotSupportedError
from .model_json import write_model, write_models
from .starlette.types import Values

try:
    from pydantic_extra_types.color import Color as PyExtraColor  # type: ignore[import-not-found,unused-ignore]  # optional
except ImportError:

    class PyExtraColor:  # type: ignore[no-redef]  # the name is there in either case
        """Stands for the class of colours where pydantic-extra-types is not installed."""


IncEx = Union[None, Any]
_PLAIN = (str, int, float, type(None))
_BYTES = (bytes, bytearray, memoryview)
#: Packages whose types pydantic encodes itself, whatever attributes they have.
_KNOWN = ("pydantic", "pydantic_core", "pydantic_extra_types", "ipaddress", "re", "builtins")
_SEQUENCES = (list, set, frozenset, GeneratorType, tuple, deque)


def jsonable_encoder(
    obj: Any,
    include: IncEx = None,
    exclude: IncEx = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: Optional[Mapping[Any, Callable[[Any], Any]]] = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """Return a value as dicts, lists, text, numbers, bools and None; plugins' encoders come first.

    Args:
        obj: A model, dataclass, enum, date, path, collection, or any object with attributes.
        include, exclude: Names to keep or leave out at the top level, or nested as for pydantic.
        by_alias, exclude_unset, exclude_defaults, exclude_none: As for pydantic's `model_dump`.
        custom_encoder: EncodersLike by class, which take precedence.
        sqlalchemy_safe: Whether keys that start with ``_sa`` are left out.

    Raises:
        ValueError: The value can't be encoded.
        PydanticV1NotSupportedError: It contains a model of pydantic 1.
    """
    options: Values = {
        "by_alias": by_alias,
        "exclude_unset": exclude_unset,
        "exclude_defaults": exclude_defaults,
        "exclude_none": exclude_none,
    }
    encoder = _Encoder(options, custom_encoder or {}, sqlalchemy_safe, current_encoders())
    return encoder.encode(obj, _names(include), _names(exclude))


#: As many digits as Python writes of an int.
_MOST_DIGITS = 4300


def _names(value: IncEx) -> IncEx:
    return value if value is None or isinstance(value, (set, dict)) else set(value)


def isoformat(o: Union[date, time]) -> str:
    """Return a date or time in ISO 8601."""
    return o.isoformat()


def decimal_encoder(dec_value: Decimal) -> Union[int, float, str]:
    """Return a decimal number as int if it has no decimals, else as float; as text if it is too large for both."""
    if dec_value.is_finite() and dec_value.adjusted() >= _MOST_DIGITS:  # `1e1000000000` as int takes minutes
        return str(dec_value)
    exponent = dec_value.as_tuple().exponent
    return int(dec_value) if isinstance(exponent, int) and exponent >= 0 else float(dec_value)


def generate_encoders_by_class_tuples(
    type_encoder_map: Mapping[Any, Callable[[Any], Any]],
) -> Dict[Callable[[Any], Any], Tuple[Any, ...]]:
    """Return the classes of each encoder of a mapping."""
    found: Dict[Callable[[Any], Any], Tuple[Any, ...]] = {}
    for kind, encoder in type_encoder_map.items():
        found[encoder] = (*found.get(encoder, ()), kind)
    return found


class _Encoder:
    def __init__(
        self,
        options: Values,
        custom: Mapping[Any, Callable[[Any], Any]],
        safe: bool,
        encoders: Optional[EncodersLike],
    ) -> None:
        self.options, self.custom, self.safe, self.encoders = options, custom, safe, encoders

    def encode(self, obj: Any, include: IncEx = None, exclude: IncEx = None) -> Any:
        for kind, encoder in self.custom.items():
            if isinstance(obj, kind):
                return encoder(obj)
        found = None if self.encoders is None else self.encoders.find(type(obj))
        if found is not None:
            return self.encode(found.to_json(obj), include, exclude)
        if isinstance(obj, BaseModel):
            return self.encode(obj.model_dump(mode="json", include=include, exclude=exclude, **self.options))
        if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
            fields = {field.name: getattr(obj, field.name) for field in dataclasses.fields(obj)}
            return self.encode(fields, include, exclude)
        if isinstance(obj, Enum):
            return obj.value
        if isinstance(obj, PurePath):
            return str(obj)
        if isinstance(obj, _PLAIN):
            return obj
        if isinstance(obj, PydanticUndefinedType):
            return None
        if isinstance(obj, Mapping):
            return self._mapping(obj, include, exclude)
        if isinstance(obj, _SEQUENCES):
            return [self.encode(item) for item in obj]
        return self._other(obj, include, exclude)

    def _mapping(self, obj: Mapping[Any, Any], include: IncEx, exclude: IncEx) -> Dict[Any, Any]:
        found = {}
        for key, value in obj.items():
            if self.safe and isinstance(key, str) and key.startswith("_sa"):
                continue
            if value is None and self.options["exclude_none"]:
                continue
            if (include is not None and key not in include) or (exclude is not None and key in exclude):
                continue
            found[self.encode(key)] = self.encode(value)
        return found

    def _other(self, obj: Any, include: IncEx, exclude: IncEx) -> Any:
        if isinstance(obj, Decimal):
            return decimal_encoder(obj)
        if not isinstance(obj, Iterable) or isinstance(obj, _BYTES):
            try:
                return json_default(obj)
            except TypeError:
                pass
        if type(obj).__module__.partition(".")[0] in _KNOWN:
            try:
                return to_jsonable_python(obj)
            except ValueError:
                if type(obj).__name__ == "Color":  # pydantic has its serializer in models only
                    return str(obj)
        if any(kind.__module__.startswith("pydantic.v1") for kind in type(obj).__mro__):
            raise PydanticV1NotSupportedError(
                f"pydantic.v1 models are no longer supported: {type(obj)!r}. Use pydantic.BaseModel as its base."
            )
        errors: List[Exception] = []
        for read in (dict, vars):
            try:
                attributes = read(obj)
            except Exception as error:
                errors.append(error)
                continue
            return self.encode(attributes, include, exclude)
        try:
            return to_jsonable_python(obj)
        except ValueError:
            raise ValueError(errors) from errors[-1]


#: Writes numbers as FastAPI does, which orjson writes otherwise: ``1e-07`` as ``1e-7``.
_dump_exactly = make_dumps(by_orjson=False)


def _is_written(value: object) -> bool:
    """Return whether a value is written as a model: one that plugins' encoders are not asked about."""
    return isinstance(value, BaseModel) and not _has_encoders()


def _has_encoders() -> bool:
    return current_encoders() is not None  # those of a route are None if there are none


def _write_inner(value: Any) -> Optional[bytes]:
    """Return a model inside of another value as JSON; None for any other value."""
    written = None if _has_encoders() else write_model(value)  # PERF: what most models are is asked first
    return dump_model(value) if written is None and _is_written(value) else written


_dumps = make_dumps(jsonable_encoder, write_model=_write_inner, is_written=_is_written)


def dump_model(value: Any) -> bytes:
    """Return a model as JSON bytes like `dumps`, in an app without encoders."""
    written = write_model(value)
    return _dump_exactly(jsonable_encoder(value)) if written is None else written


def dump_list(value: List[Any]) -> bytes:
    """Return a list as JSON bytes like `dumps`, in an app without encoders."""
    written = write_models(value)
    return dump_any(value) if written is None else written


def dump_any(value: Any) -> bytes:
    """Return any value but a model as JSON bytes like `dumps`."""
    try:
        return _dumps(value)
    except TypeError:  # keys of other types than str
        return dump_plain(jsonable_encoder(value))


def dumps(value: Any) -> bytes:
    """Return any value as JSON bytes, converted as by `jsonable_encoder`.

    Raises:
        ValueError: The value can't be encoded, or contains NaN or infinity.
    """
    if isinstance(value, (BaseModel, list)) and not _has_encoders():
        return dump_list(value) if isinstance(value, list) else dump_model(value)
    return dump_any(value)
