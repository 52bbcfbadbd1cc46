"""Path converters: which text each takes, and what it becomes."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenrir_core.exceptions import BuildError, CannotBuildURL
from fenrir_core.routing import DEFAULT_CONVERTERS, Router, parse_template, regex_converter

UUID = "0b5c5f0e-9d5c-4a53-8f0c-3f1d2f6b7a10"


def values(template: str, text: str) -> Any:
    """Route `/<text>` to `template` and give the parameters, or None if it doesn't match."""
    router = Router("strict")
    router.add("GET", parse_template("/" + template, DEFAULT_CONVERTERS), "target")
    router.freeze()
    match = router.match("GET", "/" + text)
    return match.params if match.target else None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("str", "Grüße", "Grüße"),
        ("string", "a b", "a b"),
        ("int", "7", 7),
        ("int", "-7", -7),
        ("int", "007", 7),
        ("float", "1.5", 1.5),
        ("float", "-3", -3.0),
        ("float", ".5", 0.5),
        ("float", "2.", 2.0),
        ("path", "a/b//c", "a/b//c"),
        ("path", "/etc", "/etc"),
        ("uuid", UUID, uuid.UUID(UUID)),
        ("uuid", UUID.upper(), uuid.UUID(UUID)),
        ("uuid", UUID.replace("-", ""), uuid.UUID(UUID)),
        ("slug", "Hello-world-2", "Hello-world-2"),
        ("alpha", "abcXYZ", "abcXYZ"),
        ("date", "2024-02-29", datetime.date(2024, 2, 29)),
        ("ymd", "1999-12-31", datetime.date(1999, 12, 31)),
        ("re:[a-z]{2,3}", "abc", "abc"),
        ("regex([0-9]+)", "42", "42"),
        ("re:(?i)abc", "aBC", "aBC"),
        ("re:[a-z]+/[0-9]+", "page/7", "page/7"),
    ],
)
def test_a_converter_takes_its_text(kind: str, text: str, value: Any) -> None:
    assert values(f"{{x:{kind}}}", text) == {"x": value}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("str", ""),
        ("str", "a/b"),
        ("int", "+7"),
        ("int", "--7"),
        ("int", "-"),
        ("int", "1_000"),
        ("int", " 7"),
        ("int", "7\n"),
        ("int", "٣"),
        ("int", "²"),
        ("int", "1.0"),
        ("float", "nan"),
        ("float", "inf"),
        ("float", "1e5"),
        ("float", "."),
        ("float", "٣.٥"),
        ("float", "9" * 400),
        ("path", ""),
        ("uuid", UUID.replace("-", "") + "0"),
        ("uuid", "{" + UUID + "}"),
        ("slug", "-a"),
        ("slug", "a--b"),
        ("slug", "a_b"),
        ("alpha", "é"),
        ("date", "2023-02-29"),
        ("date", "20230228"),
        ("date", "2024-W01-1"),
        ("date", "٢٠٢٤-01-01"),
        ("re:[a-z]{2,3}", "abcd"),
        ("re:.+", "a/b"),
    ],
)
def test_a_converter_leaves_other_text_alone(kind: str, text: str) -> None:
    assert values(f"{{x:{kind}}}", text) is None


def test_an_integer_of_4300_digits_is_the_longest_that_matches() -> None:
    assert values("{x:int}", "-" + "9" * 4300) == {"x": -int("9" * 4300)}
    assert values("{x:int}", "9" * 4301) is None
    assert values("{x:int}", "-" + "9" * 100_000) is None


@pytest.mark.parametrize(
    ("kind", "matching", "other"),
    [
        ("int(min=3)", "3", "2"),
        ("int(min=1, max=9)", "9", "10"),
        ("int(min=-5,max=-1)", "-1", "0"),
        ("int(2)", "07", "007"),
        ("int(num_digits=3)", "123", "12"),
        ("float(max=0.5)", "0.5", "0.6"),
        ("string(length=2)", "ab", "abc"),
        ("string(minlength=2, maxlength=3)", "abc", "a"),
    ],
)
def test_arguments_narrow_a_converter(kind: str, matching: str, other: str) -> None:
    assert values(f"{{x:{kind}}}", matching) is not None
    assert values(f"{{x:{kind}}}", other) is None


@pytest.mark.parametrize("kind", ["int(foo=1)", "int(min=x)", "int(,)", "float(num_digits=2)", "uuid(1)", "str(min=1)"])
def test_arguments_that_a_converter_does_not_know_are_a_build_error(kind: str) -> None:
    with pytest.raises(BuildError, match="converter"):
        parse_template(f"/{{x:{kind}}}", DEFAULT_CONVERTERS)


@pytest.mark.parametrize(("regex", "problem"), [("[a-", "not a regular"), ("(?P<y>a)", "named group"), ("", "empty")])
def test_a_faulty_regular_expression_is_refused(regex: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        regex_converter(regex)


def test_a_negated_slash_keeps_a_regular_expression_in_its_segment() -> None:
    assert not regex_converter("[^/]+").multi_segment
    assert regex_converter("[a-z/]+").multi_segment


def test_the_default_converters_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DEFAULT_CONVERTERS["new"] = DEFAULT_CONVERTERS["int"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        ("int", -3, "/-3"),
        ("int", "12", "/12"),
        ("float", 1e21, "/1000000000000000000000"),
        ("float", 2, "/2.0"),
        ("date", datetime.datetime(2024, 1, 2, 3, 4), "/2024-01-02"),
        ("date", "2024-01-02", "/2024-01-02"),
        ("uuid", uuid.UUID(UUID), "/" + UUID),
        ("path", "a b/c", "/a%20b/c"),
        ("str", "a/b ü", "/a%2Fb%20%C3%BC"),
    ],
)
def test_a_converter_formats_its_value(kind: str, value: Any, path: str) -> None:
    assert parse_template(f"/{{x:{kind}}}", DEFAULT_CONVERTERS).build({"x": value}) == path


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "abc"),
        ("int", True),
        ("int", 1.5),
        ("int(max=9)", 10),
        ("float", "nan"),
        ("float", float("inf")),
        ("float", None),
        ("date", "2023-02-30"),
        ("uuid", "7"),
        ("slug", "a b"),
        ("str", ""),
        ("path", ""),
        ("re:[a-z]+", "A"),
    ],
)
def test_a_value_that_would_not_match_builds_no_url(kind: str, value: Any) -> None:
    with pytest.raises(CannotBuildURL, match="'x'"):
        parse_template(f"/{{x:{kind}}}", DEFAULT_CONVERTERS).build({"x": value})


@given(text=st.text(max_size=12))
def test_no_text_makes_a_converter_raise_anything_but_no_match(text: str) -> None:
    for kind in DEFAULT_CONVERTERS:
        values(f"{{x:{kind}}}", text)
