"""Distributions of third parties are built, installed and used: from `fenrir new`, and from the guide."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from tests.conformance.guide import write_files

from fenrir_core.testing import CONFORMANCE

pytestmark = pytest.mark.once

Shell = Callable[..., str]


@pytest.fixture(scope="module")
def shell(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a function that runs shell commands with a virtual environment, which has `fenrir`, active."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FENRIR", "PIP", "PYTEST"))
    }
    environment: Dict[str, str] = {
        **kept,
        "PATH": os.pathsep.join((str(place / "bin"), kept["PATH"])),
        "VIRTUAL_ENV": str(place),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "COLUMNS": "200",
    }

    def run(commands: str, cwd: Path = place.parent) -> str:
        done = subprocess.run(
            ["sh", "-e", "-c", commands],
            cwd=str(cwd),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    run('pip install --quiet "fenrir-framework"')
    return run


def test_the_commands_that_new_prints_for_a_plugin_lead_to_tests_that_pass(shell: Shell, tmp_path: Path) -> None:
    printed = shell("fenrir new acme-timing --plugin", tmp_path)
    commands = [line.strip() for line in printed.partition("Next:\n")[2].partition("\n\n")[0].splitlines()]
    assert commands[:2] == ["cd acme-timing", "pip install -r requirements.txt"]
    output = shell("\n".join(commands), tmp_path)
    assert "4 passed" in output
    (row,) = [line for line in output.splitlines() if "acme_timing.plugin" in line]
    assert "active" in row and "acme-timing 0.1.0" in row
    shell("pip uninstall --quiet --yes acme-timing")


def test_the_paradigm_of_the_guide_is_built_installed_and_used_beside_the_others(shell: Shell, tmp_path: Path) -> None:
    project = write_files(tmp_path / "acme-aio")
    shell("pip wheel --quiet --no-deps -w dist . && pip install --quiet dist/acme_aio-0.1.0-py3-none-any.whl", project)
    use = tmp_path / "use"
    use.mkdir()
    (use / "shop.py").write_text((project / "shop.py").read_text(encoding="utf-8"), encoding="utf-8")

    def told(command: str) -> Any:
        return json.loads(shell(command, use))

    info = told("fenrir info shop:app --json")
    (record,) = [plugin for plugin in info["plugins"] if plugin["name"] == "aio"]
    assert (record["kind"], record["state"], record["version"]) == ("paradigm", "active", "0.1.0")
    assert record["distribution"] == "acme-aio"
    owners: List[Any] = [row["paradigm"] for row in told("fenrir routes shop:app --json")["routes"]]
    assert owners.count("aio") == 4
    names = {item["name"] for item in told("fenrir openapi shop:app")["paths"]["/pets/{pet_id}"]["get"]["parameters"]}
    assert names == {"pet_id", "page"}
    asked = shell("""echo 'print(client.get("/pets/7?page=2").text)' | fenrir shell shop:app""", use)
    assert '{"pet":7,"page":2,"user":"ada","g":"ada"}' in asked.replace(" ", "")

    tested = shell("pip install --quiet pytest && python -m pytest -W error", project)
    skipped = sum(1 for check in CONFORMANCE if {"background", "blocking", "websocket"}.intersection(check.needs))
    assert f"{skipped} skipped" in tested

    shell("pip uninstall --quiet --yes acme-aio")
    assert "aio" not in [plugin["name"] for plugin in told("fenrir info --json")["plugins"]]
