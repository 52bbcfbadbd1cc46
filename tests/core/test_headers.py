from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenrir_core.exceptions import InvalidHeader
from fenrir_core.http.headers import Headers, MutableHeaders, content_disposition, encode_header, parse_options

TOKENS = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~", min_size=1)
LATIN = st.characters(min_codepoint=9, max_codepoint=255, exclude_characters="".join(map(chr, [*range(10, 32), 127])))


def test_a_header_is_found_in_any_case() -> None:
    headers = Headers(raw=[(b"content-type", b"text/plain")])
    assert headers["Content-TYPE"] == "text/plain"
    assert "CONTENT-type" in headers


def test_a_missing_header_gives_the_default_or_a_key_error() -> None:
    headers = Headers()
    assert headers.get("accept") is None
    assert headers.get("accept", "x") == "x"
    with pytest.raises(KeyError):
        headers["accept"]


def test_repeats_are_kept_in_order() -> None:
    headers = Headers([("A", "1"), ("b", "2"), ("a", "3")])
    assert headers.getlist("a") == ["1", "3"]
    assert headers.items() == [("a", "1"), ("b", "2"), ("a", "3")]
    assert headers["a"] == "1"
    assert len(headers) == 3


def test_headers_equal_a_mapping_with_the_same_fields() -> None:
    assert Headers({"A": "1"}) == {"a": "1"}
    assert Headers({"A": "1"}) != {"a": "2"}
    assert Headers({"A": "1"}) != {"a": "\n"}
    assert Headers([("a", "1"), ("b", "2")]) == Headers([("b", "2"), ("a", "1")])


def test_a_name_that_is_not_latin_is_in_no_headers() -> None:
    assert "☃" not in Headers({"a": "1"})


def test_reading_does_not_copy_the_raw_list() -> None:
    raw = [(b"a", b"1")]
    headers = Headers(raw=raw)
    raw.append((b"b", b"2"))
    assert headers["b"] == "2"


def test_setting_replaces_all_values_in_the_place_of_the_first() -> None:
    headers = MutableHeaders([("a", "1"), ("b", "2"), ("a", "3")])
    headers["A"] = "4"
    assert headers.items() == [("a", "4"), ("b", "2")]


def test_writing_changes_the_given_list_in_place() -> None:
    raw = [(b"a", b"1"), (b"b", b"2")]
    headers = MutableHeaders(raw=raw)
    del headers["a"]
    headers["c"] = "3"
    headers.update({"b": "4"})
    assert raw == [(b"c", b"3"), (b"b", b"4")]


def test_adding_keeps_what_is_there() -> None:
    headers = MutableHeaders({"set-cookie": "a=1"})
    headers.add("Set-Cookie", "b=2")
    headers.append("Set-Cookie", "c=3")
    assert headers.getlist("set-cookie") == ["a=1", "b=2", "c=3"]


def test_an_update_with_repeats_keeps_them() -> None:
    headers = MutableHeaders({"set-cookie": "old", "x": "1"})
    headers.update([("set-cookie", "a"), ("set-cookie", "b")], y="2")
    assert headers.items() == [("x", "1"), ("set-cookie", "a"), ("set-cookie", "b"), ("y", "2")]


def test_setdefault_and_pop_work_as_in_a_dict() -> None:
    headers = MutableHeaders()
    assert headers.setdefault("A", "1") == "1"
    assert headers.setdefault("a", "2") == "1"
    assert headers.pop("a") == "1"
    assert headers.pop("a", None) is None
    with pytest.raises(KeyError):
        del headers["a"]


def test_vary_names_each_header_once() -> None:
    headers = MutableHeaders({"vary": "Accept"})
    headers.add_vary("Cookie", "accept")
    headers.add_vary("cookie")
    assert headers.getlist("vary") == ["Accept, Cookie"]


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "a\0", "é", "☃"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidHeader):
        MutableHeaders()[name] = "x"


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\r", "\0", "☃"])
@pytest.mark.parametrize("write", ["__setitem__", "add", "setdefault"])
def test_a_value_that_could_split_the_response_is_refused_and_the_header_is_named(value: str, write: str) -> None:
    headers = MutableHeaders({"x-kept": "1"})
    with pytest.raises(InvalidHeader, match="x-bad"):
        getattr(headers, write)("x-bad", value)
    assert headers.items() == [("x-kept", "1")]


NAMES = st.sampled_from([f"x-{number}" for number in range(40)])
CHANGES = st.lists(st.tuples(st.sampled_from(["set", "add", "delete", "raw"]), NAMES), max_size=60)


@given(CHANGES)
def test_many_headers_behave_as_few_do(changes: list[tuple[str, str]]) -> None:
    expected: list[tuple[str, str]] = [(f"x-{number}", "first") for number in range(24)]
    headers = MutableHeaders(expected)
    for number, (change, name) in enumerate(changes):
        value, there = str(number), [place for place, (other, _) in enumerate(expected) if other == name]
        if change == "add" or (change == "set" and not there):
            headers.add(name, value) if change == "add" else headers.__setitem__(name, value)
            expected.append((name, value))
        elif change == "set":
            headers[name] = value
            expected[there[0]] = (name, value)
            expected = [pair for place, pair in enumerate(expected) if place not in there[1:]]
        elif change == "delete":
            headers.pop(name, None)
            expected = [pair for pair in expected if pair[0] != name]
        else:  # as an ASGI middleware does, which has the list alone
            headers.raw.append((name.encode(), value.encode()))
            expected.append((name, value))
        assert headers.getlist(name) == [text for other, text in expected if other == name]
        assert headers.get(name) == next((text for other, text in expected if other == name), None)
        assert (name in headers) is any(other == name for other, _ in expected)
    assert headers.items() == expected


def test_an_update_that_is_refused_changes_nothing() -> None:
    headers = MutableHeaders({"a": "1"})
    with pytest.raises(InvalidHeader):
        headers.update({"a": "2", "b": "\n"})
    assert headers == {"a": "1"}


def test_a_value_that_is_not_text_is_refused_by_its_type() -> None:
    with pytest.raises(InvalidHeader, match="int"):
        MutableHeaders()["x"] = 1  # type: ignore[assignment]


@given(st.lists(st.tuples(TOKENS, st.text(LATIN))))
def test_whatever_is_accepted_comes_back_unchanged(pairs: list[tuple[str, str]]) -> None:
    headers = MutableHeaders()
    for name, value in pairs:
        headers.add(name, value)
    assert headers.items() == [(name.lower(), value.strip(" \t")) for name, value in pairs]
    for name, _ in pairs:
        assert name.upper() in headers


@given(st.text(), st.text())
def test_no_text_puts_a_line_break_into_a_header(name: str, value: str) -> None:
    try:
        raw = b": ".join(encode_header(name, value))
    except InvalidHeader:
        return
    assert not set(raw) & set(b"\r\n\0")


def test_options_are_split_and_unquoted() -> None:
    assert parse_options('Text/HTML; Charset="utf-8"; q = 1') == ("text/html", {"charset": "utf-8", "q": "1"})


def test_a_quoted_option_may_hold_semicolons_and_quotes() -> None:
    assert parse_options(r'form-data; name="a;b=\"c\""; x=1') == ("form-data", {"name": 'a;b="c"', "x": "1"})


def test_backslashes_of_a_file_name_stay() -> None:
    assert parse_options(r'form-data; filename="C:\dir\a.txt"')[1]["filename"] == r"C:\dir\a.txt"


def test_an_extended_option_wins_over_the_plain_one() -> None:
    value = "attachment; filename*=UTF-8''%e2%82%ac.txt; filename=\"EUR.txt\""
    assert parse_options(value) == ("attachment", {"filename": "€.txt"})


def test_an_extended_option_in_an_unknown_charset_is_ignored() -> None:
    assert parse_options("attachment; filename=a; filename*=utf-7''b")[1] == {"filename": "a"}


def test_a_repeated_option_counts_once() -> None:
    assert parse_options("a; b=1; b=2")[1] == {"b": "1"}


def test_a_plain_file_name_is_quoted_only() -> None:
    assert content_disposition("a b.txt") == 'attachment; filename="a b.txt"'
    assert content_disposition(None, "inline") == "inline"


def test_a_file_name_beyond_ascii_gets_a_stand_in_and_the_extended_form() -> None:
    value = content_disposition("né 日.txt")
    assert value == "attachment; filename=\"ne _.txt\"; filename*=UTF-8''n%C3%A9%20%E6%97%A5.txt"


def test_a_file_name_has_no_control_characters() -> None:
    assert content_disposition("a\r\nb: \x1b") == 'attachment; filename="a__b: _"'


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_file_name_survives_the_way_to_the_client(filename: str) -> None:
    _, value = encode_header("content-disposition", content_disposition(filename))
    assert parse_options(value.decode("ascii"))[1]["filename"] == filename
