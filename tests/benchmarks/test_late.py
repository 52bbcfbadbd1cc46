"""The measurement of late registration."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks import late


@pytest.mark.parametrize("kind", late.APPS)
def test_each_app_is_measured_with_all_that_it_takes(kind: str) -> None:
    for what in ("route", *late.APPS[kind]()[2]):
        figures = asyncio.run(late.measure(kind, what, routes=12, times=2))
        assert min(figures) > 0
