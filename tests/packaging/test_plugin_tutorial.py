"""The tutorial for plugin authors, step by step, from the first virtual environment to the last."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Dict

import pytest
from tests.guide import PLUGIN_PAGES, run

pytestmark = pytest.mark.once


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
