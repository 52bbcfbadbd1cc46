"""Each parser reads any input or refuses it as it should; see `parsers.py`, and `make fuzz` for more inputs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profiling import uncollected
from tests.security.parsers import PARSERS, TOKENS

#: What is repeated for long inputs.
REPEATED = (
    *'"=a\\;, \t%&[:{<(-/1.\xe9', "a=", '"=', 'a="', '"a', '"\\', '\\"', " ;", ";q=", "a,", '"a"=b;', "--xx\r\n",
    "\r\n", "a1-_", "q=1;", 'W/"', "0-1,", "%a", "a&", "a/", "{a}", "0.", "*/",
)  # fmt: skip
PIECES = st.lists(st.sampled_from(TOKENS) | st.text(st.characters(max_codepoint=255), max_size=8), max_size=12)


@pytest.mark.parametrize("name", PARSERS)
def test_the_seeds(name: str) -> None:
    for seed in PARSERS[name].seeds:
        PARSERS[name].check(seed)


@pytest.mark.once
@pytest.mark.parametrize("name", PARSERS)
def test_a_long_input_costs_linear_time(name: str) -> None:
    for start in ("", "a=", 'a="', "secret=s;"):
        for piece in REPEATED:
            text = start + piece * (16_000 // len(piece))
            with uncollected():  # of what other tests have left
                began = time.thread_time()
                PARSERS[name].check(text)
                seconds = time.thread_time() - began
            assert seconds < 1, (start, piece)  # 5 to 60 ms; 2 s and more where it is quadratic


@pytest.mark.parametrize("name", PARSERS)
@given(st.data())
@settings(max_examples=40, derandomize=True, database=None)
def test_any_input(name: str, data: st.DataObject) -> None:
    pieces = "".join(data.draw(PIECES))
    seed = data.draw(st.sampled_from(PARSERS[name].seeds))
    start, end = sorted((data.draw(st.integers(0, len(seed))), data.draw(st.integers(0, len(seed)))))
    PARSERS[name].check(seed[:start] + pieces + seed[end:])
