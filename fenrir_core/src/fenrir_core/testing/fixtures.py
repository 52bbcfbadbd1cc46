"""Fixtures for pytest: ``pytest_plugins = ["fenrir_core.testing.fixtures"]``.

There is no entry point, so that only test suites that name the module import it. No other
plugin is needed: `fenrir_client` is for plain functions.
"""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Iterator, Sequence

import pytest

from .._types import ASGIApp
from . import CONFORMANCE, Check, ParadigmKit, SyncClient, make_app


@pytest.fixture
def fenrir_plugins() -> Sequence[Any]:
    """Return the plugins of `fenrir_app`: none. Override it with a fixture of this name."""
    return ()


@pytest.fixture
def fenrir_app(fenrir_plugins: Sequence[Any]) -> ASGIApp:
    """Return a new hybrid app that has the plugins of `fenrir_plugins` only, whatever is installed.

    Override it with a fixture of this name to use `fenrir_client` with your own app.
    """
    return make_app(fenrir_plugins)


@pytest.fixture
def fenrir_client(fenrir_app: ASGIApp) -> Iterator[SyncClient]:
    """Return a client of `fenrir_app`, which starts at the first request and stops after the test."""
    client = SyncClient(fenrir_app)
    yield client
    client.close()


@pytest.fixture(params=CONFORMANCE, ids=lambda check: check.__name__)
def conformance_check(request: pytest.FixtureRequest) -> Callable[[ParadigmKit], None]:
    """Return each check of the conformance suite in turn: call it with the kit of a paradigm.

    A check that needs something that the kit lacks is skipped.
    """
    check: Check = request.param

    def run(kit: ParadigmKit) -> None:
        missing = check.missing(kit)
        if missing:
            pytest.skip(f"The kit of {kit.name} has no {' and no '.join(missing)}.")
        asyncio.run(check(kit))

    return run
