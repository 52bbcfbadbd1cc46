"""Tagged JSON, which keeps types that JSON lacks: tuples, bytes, datetimes, UUIDs, markup.

Such a value becomes an object with one key that starts with a space. COMPAT: keys and
formats are those of Flask 3, so that each reads the other's session cookies. Types of one's own are
added with `TaggedJSONSerializer.register`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any, ClassVar, Dict, List, Optional, Tuple, Type, Union
from uuid import UUID

from markupsafe import Markup
from werkzeug.http import http_date, parse_date

from . import dumps, loads

#: What `json` writes and reads.
JSONValue = Union[None, bool, int, float, str, List["JSONValue"], Dict[str, "JSONValue"]]
JSONObject = Dict[str, JSONValue]

_SCALARS = frozenset((str, int, float, bool, type(None)))


class JSONTag:
    """The base of tags: how the values of one type are written and read.

    Args:
        serializer: The serializer that has the tag, for values inside values.
    """

    __slots__ = ("serializer",)

    #: The key of the object that such a value becomes; "" for types that need no tag.
    key: ClassVar[str] = ""
    #: The type of the values, where `check` is not overridden.
    kind: ClassVar[Optional[type]] = None

    def __init__(self, serializer: TaggedJSONSerializer) -> None:
        self.serializer = serializer

    def check(self, value: Any) -> bool:
        """Return whether the tag is for this value."""
        if self.kind is None:
            raise NotImplementedError
        return isinstance(value, self.kind)

    def to_json(self, value: Any) -> Any:
        """Return a value in a form that JSON can hold, without the tag."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        """Return the value that `to_json` turned into this form."""
        raise NotImplementedError

    def tag(self, value: Any) -> JSONValue:
        """Return a value in a form that JSON can hold, with the tag."""
        return {self.key: self.to_json(value)}


class TagDict(JSONTag):
    """A tag for dicts whose only key looks like a tag; ``__`` is added to it."""

    __slots__ = ()
    key = " di"

    def check(self, value: Any) -> bool:
        """Return whether it is a dict with one key, which is that of a tag."""
        return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in self.serializer.tags

    def to_json(self, value: Dict[str, Any]) -> JSONObject:
        """Return the dict with its key marked."""
        key = next(iter(value))
        return {f"{key}__": self.serializer.tag(value[key])}

    def to_python(self, value: JSONObject) -> JSONObject:
        """Return the dict with its own key."""
        key = next(iter(value))
        return {key[:-2]: value[key]}


class PassDict(JSONTag):
    """A tag for other dicts, whose values may need tags."""

    __slots__ = ()
    kind = dict

    def to_json(self, value: Dict[str, Any]) -> JSONObject:
        """Return the dict with its values tagged."""
        return {key: self.serializer.tag(item) for key, item in value.items()}

    tag = to_json


class TagTuple(JSONTag):
    """A tag for tuples."""

    __slots__ = ()
    key = " t"
    kind = tuple

    def to_json(self, value: Any) -> JSONValue:
        """Return a list of the tagged items."""
        return [self.serializer.tag(item) for item in value]

    to_python = staticmethod(tuple)


class PassList(JSONTag):
    """A tag for lists, whose items may need tags."""

    __slots__ = ()
    kind = list
    to_json = TagTuple.to_json
    tag = to_json


class TagBytes(JSONTag):
    """A tag for bytes, in Base64."""

    __slots__ = ()
    key = " b"
    kind = bytes
    to_python = staticmethod(b64decode)

    def to_json(self, value: bytes) -> str:
        """Return the bytes in Base64."""
        return b64encode(value).decode("ascii")


class TagMarkup(JSONTag):
    """A tag for what has `__html__`, such as `markupsafe.Markup`."""

    __slots__ = ()
    key = " m"
    to_python = Markup

    def check(self, value: Any) -> bool:
        """Return whether it is markup."""
        return callable(getattr(value, "__html__", None))

    def to_json(self, value: Markup) -> str:
        """Return the markup as text."""
        return str(value.__html__())


class TagUUID(JSONTag):
    """A tag for UUIDs."""

    __slots__ = ()
    key = " u"
    kind = UUID
    to_python = UUID

    def to_json(self, value: UUID) -> str:
        """Return its 32 hexadecimal digits."""
        return value.hex


class TagDateTime(JSONTag):
    """A tag for datetimes, which become aware and lose their microseconds."""

    __slots__ = ()
    key = " d"
    kind = datetime
    to_json = staticmethod(http_date)
    to_python = staticmethod(parse_date)


class TaggedJSONSerializer:
    """A serializer for tagged JSON: the first tag whose check is true is used.

    Attributes:
        tags: The tags by key.
        order: All tags, in the order they are asked in.
    """

    __slots__ = ("_is_extended", "order", "tags")

    default_tags: ClassVar[Tuple[Type[JSONTag], ...]] = (
        TagDict,
        PassDict,
        TagTuple,
        PassList,
        TagBytes,
        TagMarkup,
        TagUUID,
        TagDateTime,
    )

    def __init__(self) -> None:
        self.tags: Dict[str, JSONTag] = {}
        self.order: List[JSONTag] = []
        for tag_class in self.default_tags:
            self.register(tag_class)
        self._is_extended = self.default_tags is not TaggedJSONSerializer.default_tags

    def register(self, tag_class: Type[JSONTag], force: bool = False, index: Optional[int] = None) -> None:
        """Add a tag.

        Args:
            tag_class: Its class.
            force: Whether it replaces one with the same key.
            index: Where it is put in `order`; at the end by default. A subclass of `dict`, `list` or `tuple` needs a
                place before the tag of its base.

        Raises:
            KeyError: There is a tag with its key.
        """
        tag = tag_class(self)
        if tag.key:
            if not force and tag.key in self.tags:
                raise KeyError(f"There is a tag with the key {tag.key!r}; pass force=True to replace it.")
            self.tags[tag.key] = tag
        if index is None:
            self.order.append(tag)
        else:
            self.order.insert(index, tag)
        self._is_extended = True

    def tag(self, value: Any) -> JSONValue:
        """Return a value in the form that JSON can hold."""
        if type(value) in _SCALARS and not self._is_extended:
            return value
        for tag in self.order:
            if tag.check(value):
                return tag.tag(value)
        return value

    def untag(self, value: Dict[str, Any]) -> Any:
        """Return the value that `tag` turned into this dict; another dict as it is."""
        if len(value) != 1:
            return value
        key = next(iter(value))
        return self.tags[key].to_python(value[key]) if key in self.tags else value

    def dumps(self, value: Any) -> str:
        """Serialize a value to JSON without whitespace.

        Raises:
            TypeError: A part of it is neither JSON nor has a tag.
        """
        return dumps(self.tag(value), separators=(",", ":"))

    def loads(self, value: str) -> Any:
        """Parse what `dumps` returned."""
        return self._untag_all(loads(value))

    def _untag_all(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self.untag({key: self._untag_all(item) for key, item in value.items()})
        if isinstance(value, list):
            return [self._untag_all(item) for item in value]
        return value
