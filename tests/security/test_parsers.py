"""Each parser reads any input or refuses it as it should; see `parsers.py`, and `make fuzz` for more inputs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security.parsers import PARSERS, TOKENS

PIECES = st.lists(st.sampled_from(TOKENS) | st.text(st.characters(max_codepoint=255), max_size=8), max_size=12)


@pytest.mark.parametrize("name", PARSERS)
def test_the_seeds(name: str) -> None:
    for seed in PARSERS[name].seeds:
        PARSERS[name].check(seed)


@pytest.mark.parametrize("name", PARSERS)
@given(st.data())
@settings(max_examples=40, derandomize=True, database=None)
def test_any_input(name: str, data: st.DataObject) -> None:
    pieces = "".join(data.draw(PIECES))
    seed = data.draw(st.sampled_from(PARSERS[name].seeds))
    start, end = sorted((data.draw(st.integers(0, len(seed))), data.draw(st.integers(0, len(seed)))))
    PARSERS[name].check(seed[:start] + pieces + seed[end:])
