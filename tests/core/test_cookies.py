from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenrir_core.exceptions import InvalidHeader
from fenrir_core.http.cookies import format_cookie, parse_cookies

VALUES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))


def test_cookies_are_read_by_name() -> None:
    assert parse_cookies("a=1; b=x=y;c=") == {"a": "1", "b": "x=y", "c": ""}


def test_the_first_of_a_repeated_name_counts() -> None:
    assert parse_cookies("a=specific; a=general") == {"a": "specific"}


def test_parts_that_are_no_cookie_are_skipped() -> None:
    assert parse_cookies("; junk; =x; a=1;;") == {"a": "1"}
    assert parse_cookies("") == {}


def test_quoted_values_are_unquoted() -> None:
    assert parse_cookies(r'a="b c"; d="\"\\\054"; e="') == {"a": "b c", "d": '"\\,', "e": '"'}


def test_percent_signs_stay_as_they_are() -> None:
    assert parse_cookies("a=%20") == {"a": "%20"}


def test_raw_utf8_is_read_as_utf8() -> None:
    assert parse_cookies("a=é".encode().decode("latin-1")) == {"a": "é"}


@given(VALUES)
def test_any_value_survives_the_round_trip(value: str) -> None:
    cookie = format_cookie("name", value, path=None, samesite=None)
    assert cookie.isascii()
    assert ";" not in cookie
    assert parse_cookies(f"a=1; {cookie}; z=2") == {"a": "1", "name": value, "z": "2"}


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_breaks_out_of_a_cookie(name: str, value: str, path: str, domain: str) -> None:
    try:
        cookie = format_cookie(name, value, path=path, domain=domain, samesite=None)
    except ValueError:
        return
    assert cookie.isprintable()
    assert cookie.count(";") == bool(domain) + 1


def test_the_defaults_are_the_safe_ones() -> None:
    assert format_cookie("a", "1") == "a=1; Path=/; SameSite=Lax"


def test_every_attribute_is_written() -> None:
    cookie = format_cookie(
        "a",
        "1",
        max_age=timedelta(minutes=1),
        expires=datetime(2030, 1, 2, 3, 4, 5),
        path="/x",
        domain="münchen.example",
        secure=True,
        httponly=True,
        samesite="NONE",
        partitioned=True,
    )
    assert cookie == (
        "a=1; Domain=xn--mnchen-3ya.example; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Max-Age=60; Path=/x; "
        "Secure; HttpOnly; SameSite=None; Partitioned"
    )


def test_expires_counts_seconds_from_now() -> None:
    cookie = format_cookie("a", expires=60, path=None, samesite=None)
    moment = datetime.strptime(cookie.partition("Expires=")[2], "%a, %d %b %Y %H:%M:%S GMT")
    ahead = moment.replace(tzinfo=timezone.utc) - datetime.now(timezone.utc)
    assert timedelta(seconds=30) < ahead <= timedelta(seconds=60)


def test_expires_is_written_in_gmt_whatever_its_zone() -> None:
    moment = datetime(2030, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert "Expires=Mon, 31 Dec 2029 23:00:00 GMT" in format_cookie("a", expires=moment)


@pytest.mark.parametrize("value", ["a\r\nb", "a\n", "\0", "\ud800"])
def test_a_value_with_a_line_break_is_refused_and_the_cookie_is_named(value: str) -> None:
    with pytest.raises(InvalidHeader, match="'basket'"):
        format_cookie("basket", value)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "a\n", "é"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidHeader):
        format_cookie(name, "1")


@pytest.mark.parametrize(
    "attributes",
    [{"path": "/; HttpOnly"}, {"path": "/\r\nx"}, {"domain": "a;b"}, {"domain": "a b"}, {"expires": "x; Secure"}],
)
def test_an_attribute_that_would_end_early_is_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(InvalidHeader, match="'basket'"):
        format_cookie("basket", "1", **attributes)  # type: ignore[arg-type]


def test_samesite_none_needs_secure() -> None:
    with pytest.raises(ValueError, match="secure=True"):
        format_cookie("a", samesite="none")


def test_partitioned_needs_secure() -> None:
    with pytest.raises(ValueError, match="secure=True"):
        format_cookie("a", partitioned=True)


def test_an_unknown_samesite_is_refused() -> None:
    with pytest.raises(ValueError, match="strict"):
        format_cookie("a", samesite="loose")


def test_a_name_prefix_holds_the_cookie_to_its_promise() -> None:
    with pytest.raises(ValueError, match="__Secure-a"):
        format_cookie("__Secure-a")
    with pytest.raises(ValueError, match="__Host-"):
        format_cookie("__Host-a", secure=True, domain="x.example")
    assert format_cookie("__Host-a", secure=True) == "__Host-a=; Path=/; Secure; SameSite=Lax"
