"""Settings of all tests, and the few fixtures that several directories need."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Iterator

import pytest
from hypothesis import settings

# On a shared machine the time of an example means nothing, so there is no deadline; CI repeats the same examples.
settings.register_profile("fenrir", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "fenrir")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the directory that holds the workspace."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def own_sanic_apps() -> Iterator[None]:
    """Keep the names of Sanic's apps, which a process has only once, to one test."""
    if "fenrir_sanic" not in sys.modules:
        yield
        return
    from fenrir_sanic.registry import isolated_apps

    with isolated_apps():
        yield


def find_free_port() -> int:
    """Return a TCP port on 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that was free a moment ago."""
    return find_free_port()
