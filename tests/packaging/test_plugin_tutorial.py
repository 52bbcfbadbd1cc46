"""Do what the tutorial for plugin authors says, from the first virtual environment to the last."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict

import pytest
from tests.guide import PLUGIN_PAGES, run

#: What the tutorial's own environments install besides Fenrir: the build backend, with and without an editable install.
TOOLS = ("hatchling>=1.22", "editables", "pytest>=7")


@pytest.fixture
def index(wheels: Path, tmp_path: Path) -> Path:
    """Give a directory that pip can install all of it from."""
    directory = Path(shutil.copytree(str(wheels), str(tmp_path / "index")))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "-w", str(directory)]
    subprocess.run([*command, *TOOLS], check=True)
    return directory


def test_the_tutorial_leads_to_an_installed_plugin(index: Path, tmp_path: Path) -> None:
    directory = tmp_path / "tutorial"
    directory.mkdir()
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FENRIR", "PIP", "PYTEST"))
    }
    environment: Dict[str, str] = {
        **kept,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), kept["PATH"])),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "COLUMNS": "200",
    }
    run(PLUGIN_PAGES / "tutorial.md", directory, environment, seconds=500)
