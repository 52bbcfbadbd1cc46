"""JSON that keeps what JSON can't say: tuples, bytes, datetimes, UUIDs, markup.

Each such value is an object with one key that begins with a blank. COMPAT: the keys and
forms are those of Flask 3, so that the two read each other's session cookies.
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
    """Write and read values as tagged JSON.

    `tags` may be extended: key, test, to JSON, from JSON; the first whose test is true is used.
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
        """Return the JSON-able form of a value."""
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
        """Return back what `tag` was given."""
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
        """Return a value as JSON without blanks.

        Raises:
            TypeError: Something in it has neither JSON nor a tag.
        """
        return _dumps(self.tag(value), separators=(",", ":"), default=json_default)

    def loads(self, value: str) -> Any:
        """Read what `dumps` wrote."""
        return self.untag(_loads(value))
