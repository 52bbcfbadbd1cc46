"""Settings of all tests, and the few fixtures that several directories need."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import settings

# On a shared machine the time of an example means nothing, so there is no deadline; CI repeats the same examples.
settings.register_profile("fenrir", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
# Sanic refuses two apps of one name in a process; tests make many.
os.environ.setdefault("SANIC_TEST_MODE", "1")
settings.load_profile("ci" if os.environ.get("CI") == "true" else "fenrir")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the directory that holds the workspace."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
