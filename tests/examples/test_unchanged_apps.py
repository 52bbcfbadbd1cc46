"""The examples that are written for Flask, FastAPI and Falcon, run unchanged on Fenrir by the alias.

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


#: The files with checks, and what they need besides.
FILES = {
    "flask": (["flask", "flask_tutorial", "flask_blog"], "werkzeug"),
    "fastapi": (["fastapi"], "httpx"),
    "falcon": (["falcon"], "fenrir_falcon"),
}


@pytest.mark.parametrize("name", list(FILES))
def test_unchanged_applications_pass_their_checks_under_the_alias(name: str) -> None:
    files, needs = FILES[name]
    pytest.importorskip(needs)
    checks = [str(CHECKS / f"{file}_checks.py") for file in files]
    alias = ["-p", "fenrir_core.testing.alias", "--fenrir-alias", name]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *alias, *checks],
        cwd=str(ROOT),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"fenrir: {name} by alias" in done.stdout or " passed" in done.stdout


@pytest.mark.parametrize(
    "name", ["unchanged_flask", "flask_tutorial", "flask_blog", "unchanged_fastapi", "unchanged_falcon"]
)
def test_the_sources_name_no_package_of_ours(name: str) -> None:
    sources = list((ROOT / "examples" / name).rglob("*.py"))
    assert sources and not [file.name for file in sources if "import fenrir" in file.read_text("utf-8")]
    assert not [file.name for file in sources if "from fenrir" in file.read_text("utf-8")]
