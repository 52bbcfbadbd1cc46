"""Tagged JSON, which keeps types that JSON lacks: tuples, bytes, datetimes, UUIDs, markup.

Such a value becomes an object with one key that starts with a space. COMPAT: keys and
formats are those of Flask 3, so that each reads the other's session cookies.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime
from json import dumps as _dumps
from json import loads as _loads
from typing import Any, Callable, Dict, Tuple
from uuid import UUID

from markupsafe import Markup

from fenrir_core.authoring import format_date, json_default, parse_date


class TaggedJSONSerializer:
    """A serializer for tagged JSON.

    `tags` may be extended with key: (test, to JSON, from JSON); the first tag whose test is true is used.
    """

    def __init__(self) -> None:
        self.tags: Dict[str, Tuple[Callable[[Any], bool], Callable[[Any], Any], Callable[[Any], Any]]] = {
            " t": (
                lambda value: isinstance(value, tuple),
                lambda value: [self.tag(item) for item in value],
                tuple,
            ),
            " b": (
                lambda value: isinstance(value, bytes),
                lambda value: b64encode(value).decode("ascii"),
                b64decode,
            ),
            " m": (lambda value: callable(getattr(value, "__html__", None)), lambda value: value.__html__(), Markup),
            " u": (lambda value: isinstance(value, UUID), lambda value: value.hex, UUID),
            " d": (lambda value: isinstance(value, datetime), format_date, parse_date),
        }

    def tag(self, value: Any) -> Any:
        """Return a value in the form that JSON can hold."""
        if isinstance(value, dict):
            if len(value) == 1 and next(iter(value)) in {*self.tags, " di"}:
                key, item = next(iter(value.items()))
                return {" di": {f"{key}__": self.tag(item)}}
            return {key: self.tag(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.tag(item) for item in value]
        for key, (test, to_json, _) in self.tags.items():
            if test(value):
                return {key: to_json(value)}
        return value

    def untag(self, value: Any) -> Any:
        """Return the value that `tag` turned into this form."""
        if isinstance(value, list):
            return [self.untag(item) for item in value]
        if not isinstance(value, dict):
            return value
        plain = {key: self.untag(item) for key, item in value.items()}
        if len(plain) == 1:
            key, item = next(iter(plain.items()))
            if key == " di":
                inner, kept = next(iter(item.items()))
                return {inner[:-2]: kept}
            if key in self.tags:
                return self.tags[key][2](item)
        return plain

    def dumps(self, value: Any) -> str:
        """Serialize a value to JSON without whitespace.

        Raises:
            TypeError: A part of it is neither JSON nor has a tag.
        """
        return _dumps(self.tag(value), separators=(",", ":"), default=json_default)

    def loads(self, value: str) -> Any:
        """Parse what `dumps` returned."""
        return self.untag(_loads(value))
