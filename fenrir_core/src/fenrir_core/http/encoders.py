"""Encoders: how plugins have values of their types written as JSON."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Callable, Dict, Iterable, Mapping, Optional, Sequence, Type, TypeVar
from uuid import UUID

from .._types import EncoderLike, EncodersLike, Given
from ..exceptions import BuildError
from .connection import current

K = TypeVar("K")
V = TypeVar("V")


#: What JSON encoders write without asking; `object` would take the place of all their other rules.
_NATIVE = (str, int, float, type(None), dict, list, tuple, Enum, UUID)


def can_encode(kind: object) -> bool:
    """Return whether a class may have an encoder."""
    return inspect.isclass(kind) and kind is not object and not issubclass(kind, _NATIVE)


class Encoders:
    """The encoders of an app, by class.

    Raises:
        BuildError: Two plugins have an encoder of one class.
    """

    def __init__(self, given: Sequence[Given[EncoderLike]]) -> None:
        #: The encoders with their origins, for reports.
        self.given = given
        #: The encoders by class; falsy without any.
        self.by_type: Mapping[Type[object], EncoderLike] = by_key(given, lambda item: item.type, "encoder of")

    def find(self, kind: Type[object]) -> Optional[EncoderLike]:
        """Return the encoder of a class: its own, or that of the nearest class of its MRO."""
        for base in kind.__mro__:
            found = self.by_type.get(base)
            if found is not None:
                return found
        return None


def current_encoders() -> Optional[EncodersLike]:
    """Return the encoders of the app that the running code belongs to; None if it has none, or no app runs."""
    connection = current.get(None)
    return None if connection is None else connection.compiled_route.encoders


def encoder_of(kind: Type[object]) -> Optional[EncoderLike]:
    """Return the encoder that the current app has for a class, or None."""
    encoders = current_encoders()
    return None if encoders is None else encoders.find(kind)


def by_key(given: Iterable[Given[V]], key: Callable[[V], K], what: str) -> Dict[K, V]:
    """Return the values of a hook by a key that must be unique; `what` names them in the error."""
    found: Dict[K, Given[V]] = {}
    for item in given:
        first = found.setdefault(key(item.value), item)
        if first is not item:
            name = getattr(key(item.value), "__qualname__", key(item.value))
            raise BuildError(f"The {what} {name} comes from both {first.by} and {item.by}: switch one off by `off`.")
    return {name: item.value for name, item in found.items()}
