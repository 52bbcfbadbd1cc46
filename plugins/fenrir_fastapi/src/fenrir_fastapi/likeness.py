"""What is equal for parameters that are declared alike, so that routes share their fields, validators and readers."""

from __future__ import annotations

from typing import Any, Hashable, Tuple

from typing_extensions import get_args, get_origin

from fenrir_core import Param

from . import params

#: Types whose values are alike if they are written alike: ``1``, ``1.0`` and ``True`` are equal, but not alike.
_WRITTEN = (type(None), bool, int, float, str, bytes)


def likeness(param: Param) -> Tuple[Hashable, ...]:
    """Return a key that is equal for parameters of the same name, annotation, default and place.

    What can't be compared by its parts is compared by its identity, so a key is valid as long as the annotation and
    the default exist.
    """
    return (param.name, param.in_path, shape(param.annotation), _parts(param.default))


def shape(annotation: Any) -> Hashable:
    """Return a key that is equal for annotations that are written alike; see `likeness`.

    Comparing them by ``==`` would not do: ``Union[int, str] == Union[str, int]``.
    """
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is None or any(isinstance(part, list) for part in parts):  # `Callable` makes a new list each time
        return _parts(annotation)
    return (id(origin), *(shape(part) for part in parts))


def _parts(value: Any) -> Hashable:
    kind = type(value)
    if kind in _WRITTEN:
        return kind, repr(value)
    if isinstance(value, params.Marker):
        given = ((name, _parts(item)) for name, item in vars(value).items() if item is not None)
        return kind, tuple(given)
    return id(value)
