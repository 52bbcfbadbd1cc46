"""The documented recipe for Django's session: one login, one session, one logout on both sides."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

pytest.importorskip("django")
ROOT = Path(__file__).resolve().parents[3]
NOBODY: Dict[str, Any] = {"user": "", "cart": None}
ADA: Dict[str, Any] = {"user": "ada", "cart": ["rope"]}


@pytest.fixture(scope="module")
def told() -> List[Any]:
    """What the requests of one client were answered, in order: `[request, status, JSON]`."""
    command = [sys.executable, "-m", "tests.plugins.takeover.django_site"]
    done = subprocess.run(command, cwd=str(ROOT), capture_output=True, encoding="utf-8", check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    found: List[Any] = json.loads(done.stdout.splitlines()[-1])
    assert [status for _, status, _ in found] == [200] * len(found)
    return found


def test_nobody_is_logged_in_before_the_login(told: List[Any]) -> None:
    assert told[0] == ["GET /new/who", 200, NOBODY]


def test_who_logs_in_at_the_legacy_application_is_known_to_ours(told: List[Any]) -> None:
    assert told[2] == ["GET /new/who", 200, ADA]


def test_what_ours_writes_to_the_session_the_legacy_application_reads(told: List[Any]) -> None:
    assert told[4] == ["GET /who", 200, {"user": "ada", "cart": ["rope", "sail"]}]


def test_a_logout_of_ours_ends_the_session_on_both_sides(told: List[Any]) -> None:
    assert [told[6][2], told[7][2]] == [NOBODY, NOBODY]


def test_a_logout_of_the_legacy_application_ends_it_too(told: List[Any]) -> None:
    assert told[10] == ["GET /new/who", 200, NOBODY]


def test_a_session_of_another_password_logs_nobody_in(told: List[Any]) -> None:
    assert told[13] == ["GET /new/who", 200, NOBODY]
