from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenrir_core.exceptions import TooManyFields
from fenrir_core.http.query import MultiDict, split_query

PAIRS = st.lists(
    st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
)


def test_an_empty_query_has_no_pairs() -> None:
    assert split_query(b"") == []


def test_order_and_repeats_are_kept() -> None:
    assert split_query(b"b=1&a=2&b=3") == [("b", "1"), ("a", "2"), ("b", "3")]


def test_a_plus_is_a_blank_and_percent_signs_are_decoded_once() -> None:
    assert split_query(b"a+b=%C3%A9+%2B%252B") == [("a b", "é +%2B")]


def test_a_name_without_a_value_is_kept_and_an_empty_pair_is_not() -> None:
    assert split_query(b"&a&&b=&=c&") == [("a", ""), ("b", ""), ("", "c")]


def test_only_the_first_equals_sign_divides() -> None:
    assert split_query(b"a=b=c") == [("a", "b=c")]


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert split_query(b"a=%ff&b=\xff&c=%zz") == [("a", "\ufffd"), ("b", "\ufffd"), ("c", "%zz")]


def test_more_pairs_than_the_limit_are_refused() -> None:
    assert len(split_query(b"a=1&&&b=2&", limit=2)) == 2
    with pytest.raises(TooManyFields) as caught:
        split_query(b"a&b&c", limit=2)
    assert caught.value.status == 400


@given(PAIRS)
def test_what_is_encoded_comes_back(pairs: list[tuple[str, str]]) -> None:
    assert split_query(urlencode(pairs).encode("ascii")) == pairs


def test_the_first_value_is_given_and_all_values_on_demand() -> None:
    values = MultiDict([("a", "1"), ("b", "2"), ("a", "3")])
    assert values["a"] == values.get("a") == "1"
    assert values.getlist("a") == ["1", "3"]
    assert values.getlast("a") == "3"


def test_a_missing_name_gives_the_default() -> None:
    values = MultiDict()
    assert (values.get("a"), values.get("a", 1), values.getlast("a", 2), values.getlist("a")) == (None, 1, 2, [])
    with pytest.raises(KeyError):
        values["a"]


def test_names_are_iterated_once_in_order_of_appearance() -> None:
    values = MultiDict([("a", "1"), ("b", "2"), ("a", "3")])
    assert list(values) == ["a", "b"]
    assert len(values) == 2
    assert values.to_dict() == {"a": "1", "b": "2"}
    assert values.to_dict(flat=False) == {"a": ["1", "3"], "b": ["2"]}
    assert values.multi_items() == [("a", "1"), ("b", "2"), ("a", "3")]


def test_a_type_converts_and_its_refusal_gives_the_default() -> None:
    values = MultiDict([("a", "x"), ("a", "2"), ("b", "3")])
    assert values.get("b", type=int) == 3
    assert values.get("a", 7, type=int) == 7
    assert values.get("c", "none", type=int) == "none"
    assert values.getlist("a", type=int) == [2]


def test_a_multidict_equals_a_dict_of_its_first_values_and_a_multidict_of_its_pairs() -> None:
    values = MultiDict([("a", "1"), ("a", "2")])
    assert values == {"a": "1"}
    assert values == MultiDict([("a", "1"), ("a", "2")])
    assert values != MultiDict([("a", "1")])
    assert "a" in values
