"""Tagged JSON: the classes of tags, and tags of one's own."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

from fenrir_flask import Flask, session
from fenrir_flask.json.tag import JSONTag, TaggedJSONSerializer
from fenrir_flask.sessions import session_json_serializer


class Point:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and other.x == self.x

    __hash__ = None  # type: ignore[assignment]


class TagPoint(JSONTag):
    __slots__ = ()
    key = " p"

    def check(self, value: Any) -> bool:
        return isinstance(value, Point)

    def to_json(self, value: Any) -> Any:
        return value.x

    def to_python(self, value: Any) -> Any:
        return Point(value)


class TagOrdered(JSONTag):
    __slots__ = ()
    key = " od"

    def check(self, value: Any) -> bool:
        return isinstance(value, OrderedDict)

    def to_json(self, value: Any) -> Any:
        return [[key, self.serializer.tag(item)] for key, item in value.items()]

    def to_python(self, value: Any) -> Any:
        return OrderedDict(value)


class TagText(JSONTag):
    __slots__ = ()
    key = " s"

    def check(self, value: Any) -> bool:
        return isinstance(value, str)

    def to_json(self, value: Any) -> Any:
        return value[::-1]

    def to_python(self, value: Any) -> Any:
        return value[::-1]


def test_a_type_of_ones_own_is_kept() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagPoint)
    assert serializer.dumps([Point(1)]) == '[{" p":1}]'
    assert serializer.loads('[{" p":1}]') == [Point(1)]


def test_a_tag_for_a_subclass_is_put_before_that_of_its_base() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagOrdered, index=0)
    back = serializer.loads(serializer.dumps(OrderedDict(b=1, a=(2,))))
    assert (type(back), list(back)) == (OrderedDict, ["b", "a"])
    assert isinstance(serializer.order[0], TagOrdered) and serializer.tags[" od"] is serializer.order[0]


def test_a_tag_may_be_for_what_json_has() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagText)
    assert serializer.loads(serializer.dumps(["ab"])) == ["ab"]
    assert serializer.dumps(["ab"]) == '[{" s":"ba"}]'


def test_a_key_is_registered_once_unless_forced() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagPoint)
    with pytest.raises(KeyError):
        serializer.register(TagPoint)
    serializer.register(TagPoint, force=True, index=0)
    assert isinstance(serializer.order[0], TagPoint)


def test_a_base_tag_writes_nothing() -> None:
    tag = JSONTag(TaggedJSONSerializer())
    for method in (tag.check, tag.to_json, tag.to_python):
        with pytest.raises(NotImplementedError):
            method(None)


def test_a_tag_of_the_serializer_of_sessions_is_one_of_every_app(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tags", "order"):
        monkeypatch.setattr(session_json_serializer, name, getattr(session_json_serializer, name).copy())
    session_json_serializer.register(TagPoint)
    app = Flask(__name__, secret_key="key")

    @app.get("/")
    def points() -> Any:
        found = [point.x for point in session.get("points", ())]
        session["points"] = [Point(1)]
        return found

    client = app.test_client()
    client.get("/")

    assert client.get("/").json == [1]
