from __future__ import annotations

import json
import math
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fenrir_core.exceptions import InvalidJSON
from fenrir_core.http.json import MAX_DEPTH, dumps, loads, make_dumps, standard_loads

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


@dataclass
class Pet:
    name: str
    born: date


class Model:
    """Stand for any object with pydantic's method."""

    def model_dump(self, mode: str) -> dict[str, Any]:
        return {"mode": mode}


def test_json_is_written_without_blanks_and_in_utf8() -> None:
    assert dumps({"a": [1, "é"]}) == '{"a":[1,"é"]}'.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Pet("Rex", date(2020, 1, 2)), '{"name":"Rex","born":"2020-01-02"}'),
        (datetime(2020, 1, 2, 3, 4, tzinfo=timezone.utc), '"2020-01-02T03:04:00+00:00"'),
        (time(1, 2), '"01:02:00"'),
        (timedelta(minutes=1.5), "90.0"),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("2.00"), "2"),
        (Decimal("2.5"), "2.5"),
        (Colour.RED, '"red"'),
        (Level.LOW, "1"),
        ({1}, "[1]"),
        (frozenset({1}), "[1]"),
        ((1, 2), "[1,2]"),
        (deque([1]), "[1]"),
        ({"a": 1}.values(), "[1]"),
        (MappingProxyType({"a": 1}), '{"a":1}'),
        (OrderedDict(a=1), '{"a":1}'),
        (PurePosixPath("/a/b"), '"/a/b"'),
        ("é".encode(), '"é"'),
        (Model(), '{"mode":"json"}'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_common_types_have_a_json_form(value: Any, text: str) -> None:
    assert dumps([value]) == f"[{text}]".encode()


@pytest.mark.parametrize("value", [object(), iter([1]), (x for x in [1]), list, Pet, Model, 1j])
def test_a_value_without_a_json_form_is_refused_by_its_type(value: Any) -> None:
    with pytest.raises(TypeError, match="has no JSON form"):
        dumps(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("1e999999999")])
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        dumps(value)


def test_the_refusal_of_a_number_says_where_it_is() -> None:
    with pytest.raises(ValueError, match=r"value\['orders'\]\[1\]\['price'\] is nan"):
        dumps({"orders": [{"price": 1.5}, {"price": math.nan}], "none": None})


def test_the_refusal_of_a_number_says_where_it_is_in_a_set_too() -> None:
    with pytest.raises(ValueError, match=r"value\['sizes'\]\[0\] is inf"):
        dumps({"sizes": {math.inf}})


def test_lone_surrogates_are_sent_escaped() -> None:
    assert dumps("\ud800é") == b'"\\ud800\\u00e9"'


@given(JSON)
def test_what_is_written_can_be_read_again(value: Any) -> None:
    assert loads(dumps(value)) == value
    assert json.loads(dumps(value)) == value


def test_bytes_and_text_are_read_and_a_byte_order_mark_is_skipped() -> None:
    assert loads(b"\xef\xbb\xbf[1]") == loads("[1]") == loads(bytearray(b" [1] ")) == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1,]",
        b"{'a':1}",
        b"nul",
        b"[1] 2",
        b"\xff",
        b"[NaN]",
        b"-Infinity",
        b"1" * 5000,
        "[1]".encode("utf-16"),
    ],
    ids=lambda data: repr(data[:10]),
)
def test_what_is_not_json_is_the_clients_fault(data: bytes) -> None:
    with pytest.raises(InvalidJSON) as caught:
        loads(data)
    assert caught.value.status == 400
    assert caught.value.msg


def test_the_place_of_a_mistake_is_told() -> None:
    with pytest.raises(InvalidJSON) as caught:
        loads('{"é": x}')
    assert caught.value.pos == 6


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_that_is_nested_too_deep_is_refused_and_never_exhausts_the_stack(
    depth: int, opening: str, closing: str
) -> None:
    with pytest.raises(InvalidJSON, match="nested deeper"):
        loads(opening * depth + "1" + closing * depth)


def test_json_as_deep_as_allowed_is_read_and_written() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert dumps(loads(text)) == text.encode()


def test_wide_json_is_not_taken_for_deep() -> None:
    text = "[" + ",".join(["{}"] * 5000) + ',"[[["]'
    assert len(loads(text)) == 5001


ODD = (
    st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats()
    | st.text(st.characters())
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.uuids()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.sampled_from([Colour.RED, Level.LOW, Pet("Rex", date(2020, 1, 2)), Model(), object(), b"bytes", b"\xff"])
)
VALUES = st.recursive(
    st.none() | ODD,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


def outcome(function: Any, argument: Any) -> Any:
    """Return what a codec makes of something: a value, or the kind of its refusal."""
    try:
        found = function(argument)
    except Exception as error:
        return type(error)
    return json.loads(found) if isinstance(found, bytes) else found


@given(VALUES)
def test_orjson_and_the_standard_library_write_the_same(value: Any) -> None:
    assert repr(outcome(dumps, value)) == repr(outcome(make_dumps(by_orjson=False), value))


@given(VALUES.map(lambda value: outcome(dumps, value)).map(lambda value: json.dumps(value, default=str)) | st.text())
@example("-0")
@example("1e999")
@example(str(2**64))
@example('{"a":-9223372036854775809,"b":[18446744073709551615]}')
@example('"\\ud800"')
@example("\ufeff1")
@example('{"a":1,"a":2}')
@example("NaN")
@example("[" * 300 + "]" * 300)
def test_orjson_and_the_standard_library_read_the_same(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert repr(outcome(loads, data)) == repr(outcome(standard_loads, data))


def test_another_rule_for_odd_values_may_be_given() -> None:
    assert make_dumps(lambda value: type(value).__name__)({"a": object()}) == b'{"a":"object"}'
