"""Convertors: what a parameter of a path matches, and how it is read and written."""

from __future__ import annotations

import math
import uuid
from typing import Any, ClassVar, Dict, Generic, TypeVar

__all__ = [
    "CONVERTOR_TYPES", "Convertor", "FloatConvertor", "IntegerConvertor", "PathConvertor", "StringConvertor",
    "UUIDConvertor", "register_url_convertor",
]  # fmt: skip

T = TypeVar("T")


class Convertor(Generic[T]):
    """The base of convertors.

    Attributes:
        regex: What the parameter matches.
    """

    regex: ClassVar[str] = ""

    def convert(self, value: str) -> T:
        """Return the value of the text in a path."""
        raise NotImplementedError

    def to_string(self, value: T) -> str:
        """Return the text of a value for a path."""
        raise NotImplementedError


class StringConvertor(Convertor[str]):
    """Text without a slash."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Return the text."""
        return value

    def to_string(self, value: str) -> str:
        """Return the text; it must not be empty or contain a slash."""
        text = str(value)
        assert "/" not in text, "May not contain path separators"
        assert text, "Must not be empty"
        return text


class PathConvertor(Convertor[str]):
    """Text that may contain slashes, and may be empty."""

    regex = ".*"

    def convert(self, value: str) -> str:
        """Return the text."""
        return str(value)

    def to_string(self, value: str) -> str:
        """Return the text."""
        return str(value)


class IntegerConvertor(Convertor[int]):
    """A whole number without a sign."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Return the digits."""
        number = int(value)
        assert number >= 0, "Negative integers are not supported"
        return str(number)


class FloatConvertor(Convertor[float]):
    """A decimal number without a sign."""

    regex = r"[0-9]+(\.[0-9]+)?"

    def convert(self, value: str) -> float:
        """Return the number."""
        return float(value)

    def to_string(self, value: float) -> str:
        """Return the number with at most 20 decimals and no exponent."""
        number = float(value)
        assert number >= 0.0, "Negative floats are not supported"
        assert not math.isnan(number), "NaN values are not supported"
        assert not math.isinf(number), "Infinite values are not supported"
        return f"{number:.20f}".rstrip("0").rstrip(".")


class UUIDConvertor(Convertor[uuid.UUID]):
    """A UUID, with or without hyphens."""

    regex = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"

    def convert(self, value: str) -> uuid.UUID:
        """Return the UUID."""
        return uuid.UUID(value)

    def to_string(self, value: uuid.UUID) -> str:
        """Return the UUID with hyphens."""
        return str(value)


#: The convertors by the names that paths have them under. One table for the process, as in Starlette: code registers
#: its own before it makes routes.
CONVERTOR_TYPES: Dict[str, Convertor[Any]] = {
    "str": StringConvertor(),
    "path": PathConvertor(),
    "int": IntegerConvertor(),
    "float": FloatConvertor(),
    "uuid": UUIDConvertor(),
}


def register_url_convertor(key: str, convertor: Convertor[Any]) -> None:
    """Register a convertor under a name for paths."""
    CONVERTOR_TYPES[key] = convertor
