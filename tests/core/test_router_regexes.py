"""Many regular expressions at one place of the path."""

from __future__ import annotations

import re
from typing import List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.counting import calls_of

from fenrir_core.routing import DEFAULT_CONVERTERS, Router, parse_template

#: Expressions that overlap; some have groups, a back-reference or flags, and can't be part of a larger one.
REGEXES = ["a+", "b+", "[ab]+", "a|b", "ab?", "(a)b", r"(a|b)\1", "(?i)A+", ".b", "b.*", "[^a]+", "ba"]
#: What follows them, so that the first expression that matches is not always the one that serves.
ENDS = ["x", "y", "z"]


def router_of(routes: List[Tuple[str, str]]) -> Router:
    router = Router("strict")
    for regex, end in routes:
        router.add("GET", parse_template(f"/{{value:re:{regex}}}/{end}", DEFAULT_CONVERTERS), (regex, end))
    router.freeze()
    return router


@given(
    routes=st.lists(st.tuples(st.sampled_from(REGEXES), st.sampled_from(ENDS)), min_size=1, max_size=20, unique=True),
    value=st.text("abA", min_size=1, max_size=3),
    end=st.sampled_from(ENDS),
)
def test_the_first_expression_that_leads_to_a_route_serves_it(
    routes: List[Tuple[str, str]], value: str, end: str
) -> None:
    edges = list(dict.fromkeys(regex for regex, _ in routes))
    fitting = [regex for regex in edges if re.fullmatch(regex, value) and (regex, end) in routes]
    found = router_of(routes).match("GET", f"/{value}/{end}")
    assert found.target == ((fitting[0], end) if fitting else None)
    assert found.params == ({"value": value} if fitting else {})


@pytest.mark.parametrize("value", ["r7-", "none"])
def test_a_match_does_the_same_work_among_10_and_1000_expressions(value: str) -> None:
    few, many = (router_of([(f"r{number}-", "x") for number in range(size)]) for size in (10, 1000))
    assert calls_of(few, f"/{value}/x") == calls_of(many, f"/{value}/x")
