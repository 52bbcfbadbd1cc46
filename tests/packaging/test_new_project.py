"""A project of `fenrir new`, with only its requirements.txt installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.packaging.conftest import CleanEnvironment


@pytest.mark.parametrize("paradigm", ["hybrid", "bottle"])
def test_a_new_project_needs_what_its_requirements_name_and_no_more(paradigm: str, index: Path, tmp_path: Path) -> None:
    new = [sys.executable, "-m", "fenrir_cli", "new", "my_site", "--paradigm", paradigm]
    made = subprocess.run(new, cwd=str(tmp_path), check=True, stdout=subprocess.PIPE, text=True)
    assert "pip install -r requirements.txt" in made.stdout
    site = tmp_path / "my_site"
    environment = CleanEnvironment(tmp_path / "venv", index, "-r", str(site / "requirements.txt"))
    environment.check()
    environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=site)
    assert "/api/greetings/" in environment.run("-m", "fenrir.cli", "routes", "app:app", cwd=site).stdout
