"""Fixtures with the wheels, built once, and clean environments that install only from them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Set

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
#: Each distribution and the directory of its pyproject.toml.
DISTRIBUTIONS = {
    "fenrir-framework": ".",
    "fenrir-core": "fenrir_core",
    "fenrir-fastapi": "plugins/fenrir_fastapi",
    "fenrir-flask": "plugins/fenrir_flask",
    "fenrir-falcon": "plugins/fenrir_falcon",
    "fenrir-sanic": "plugins/fenrir_sanic",
    "fenrir-bottle": "plugins/fenrir_bottle",
    "fenrir-wsgi": "plugins/fenrir_wsgi",
    "fenrir-problems": "plugins/fenrir_problems",
    "fenrir-redis": "plugins/fenrir_redis",
    "fenrir-security": "plugins/fenrir_security",
    "fenrir-takeover": "plugins/fenrir_takeover",
    "fenrir-otel": "plugins/fenrir_otel",
    "fenrir-cli": "cli",
}
#: The requirements of building and testing a plugin besides Fenrir: the build backend, also for editable installs.
TOOLS = ("hatchling>=1.22", "editables", "pytest>=7")


def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """Mark all tests of this directory, and set the timeout that building and installing needs."""
    for item in items:
        if HERE in Path(str(item.fspath)).parents:
            item.add_marker(pytest.mark.packaging)
            item.add_marker(pytest.mark.timeout(600))


def normalised(name: str) -> str:
    """Return a distribution's name as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()


class CleanEnvironment:
    """A virtual environment with some distributions and their requirements, without pip."""

    def __init__(self, directory: Path, wheels: Path, *requirements: str, cwd: Optional[Path] = None) -> None:
        self._cwd = None if cwd is None else str(cwd)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
        self.bin = directory / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / "python"
        self._pip("install", "--quiet", "--no-index", "--find-links", str(wheels), *requirements)

    def _pip(self, *arguments: str) -> str:
        # --isolated: settings of this machine must have no effect.
        command = [
            sys.executable,
            "-m",
            "pip",
            "--isolated",
            "--disable-pip-version-check",
            "--python",
            str(self.python),
        ]
        return subprocess.run(
            [*command, *arguments], check=True, stdout=subprocess.PIPE, text=True, cwd=self._cwd
        ).stdout

    def installed(self) -> Set[str]:
        """Return the normalised names of all installed distributions."""
        return {normalised(item["name"]) for item in json.loads(self._pip("list", "--format", "json"))}

    def check(self) -> None:
        """Fail if a requirement of an installed distribution is not met."""
        self._pip("check")

    def run(self, *arguments: str, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run this environment's Python in `cwd`, with warnings as errors and no other directory on its path."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FENRIR"))}
        done = subprocess.run(
            [str(self.python), "-W", "error", *arguments],
            cwd=str(cwd),
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def drive(self, module: str, requests: List[Dict[str, Any]], cwd: Path) -> List[Dict[str, Any]]:
        """Send requests to the `app` of a module in `cwd`, in process, and return the responses."""
        done = self.run(str(HERE / "drive.py"), module, json.dumps(requests), cwd=cwd)
        answers: List[Dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return answers


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with our wheels, built from this tree, and those of all dependencies."""
    directory = tmp_path_factory.mktemp("wheels")
    sources = [str(ROOT / path) for path in DISTRIBUTIONS.values()]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "-w", str(directory)]
    subprocess.run([*command, *sources], check=True)
    return directory


@pytest.fixture(scope="session")
def own_wheels(wheels: Path) -> Dict[str, Path]:
    """Return our wheels by the name of their distribution."""
    found = {normalised(wheel.name.split("-")[0]): wheel for wheel in wheels.glob("fenrir*.whl")}
    assert set(found) == set(DISTRIBUTIONS)
    return found


@pytest.fixture(scope="session")
def environment(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., CleanEnvironment]:
    """Return a function that makes a clean environment for some requirements, once for each set."""
    made: Dict[str, CleanEnvironment] = {}

    def make(*requirements: str) -> CleanEnvironment:
        key = " ".join(requirements)
        if key not in made:
            directory = tmp_path_factory.mktemp("environment")
            made[key] = CleanEnvironment(directory / "venv", wheels, *requirements)
        return made[key]

    return make


@pytest.fixture(scope="session")
def index(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory that pip can install a plugin's distribution from, with what its build and tests need."""
    directory = Path(shutil.copytree(str(wheels), str(tmp_path_factory.mktemp("index") / "index")))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "-w", str(directory)]
    subprocess.run([*command, *TOOLS], check=True)
    return directory


@pytest.fixture
def documentation(tmp_path: Path) -> Path:
    """Return a copy of the documentation's snippets, outside the source tree."""
    return Path(shutil.copytree(str(ROOT / "tests" / "documentation"), str(tmp_path / "documentation")))
