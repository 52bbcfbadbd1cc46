"""The examples that are written for Flask, FastAPI and Sanic, run unchanged on Fenrir by the alias.

The checks also pass on the real frameworks: in an environment that has one of them and pytest, run them without the
option, `python -m pytest tests/examples/unchanged/flask_checks.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = Path(__file__).resolve().parent / "unchanged"


@pytest.mark.parametrize(("name", "needs"), [("flask", "werkzeug"), ("fastapi", "httpx"), ("sanic", "httpx")])
def test_an_unchanged_application_passes_its_checks_under_the_alias(name: str, needs: str) -> None:
    pytest.importorskip(needs)
    checks = str(CHECKS / f"{name}_checks.py")
    alias = ["-p", "fenrir_core.testing.alias", "--fenrir-alias", name]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *alias, checks],
        cwd=str(ROOT),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"fenrir: {name} by alias" in done.stdout or " passed" in done.stdout


@pytest.mark.parametrize("name", ["flask", "fastapi", "sanic"])
def test_the_sources_name_no_package_of_ours(name: str) -> None:
    sources = list((ROOT / "examples" / f"unchanged_{name}").glob("*.py"))
    assert sources and not [file.name for file in sources if "import fenrir" in file.read_text("utf-8")]
    assert not [file.name for file in sources if "from fenrir" in file.read_text("utf-8")]
