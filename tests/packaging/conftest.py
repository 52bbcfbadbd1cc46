"""Build the wheels once, and make clean environments that install from them alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Set

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
    "fenrir-otel": "plugins/fenrir_otel",
    "fenrir-cli": "cli",
}
#: What a plugin is built and tested with besides Fenrir: the build backend, with and without an editable install.
TOOLS = ("hatchling>=1.22", "editables", "pytest>=7")


def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """Mark all tests of this directory, and give them the time that building and installing takes."""
    for item in items:
        if HERE in Path(str(item.fspath)).parents:
            item.add_marker(pytest.mark.packaging)
            item.add_marker(pytest.mark.timeout(600))


def normalised(name: str) -> str:
    """Write a distribution's name as PEP 503 does."""
    return re.sub(r"[-_.]+", "-", name).lower()


class CleanEnvironment:
    """A virtual environment that holds some distributions and what they need, without pip."""

    def __init__(self, directory: Path, wheels: Path, *requirements: str) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
        self.bin = directory / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / "python"
        self._pip("install", "--quiet", "--no-index", "--find-links", str(wheels), *requirements)

    def _pip(self, *arguments: str) -> str:
        # --isolated: what the machine's settings say about indexes must not leak in.
        command = [
            sys.executable,
            "-m",
            "pip",
            "--isolated",
            "--disable-pip-version-check",
            "--python",
            str(self.python),
        ]
        return subprocess.run([*command, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout

    def installed(self) -> Set[str]:
        """Return the normalised names of all distributions that are there."""
        return {normalised(item["name"]) for item in json.loads(self._pip("list", "--format", "json"))}

    def check(self) -> None:
        """Fail when a requirement of an installed distribution is not met."""
        self._pip("check")

    def run(self, *arguments: str, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run this environment's Python in `cwd`, with warnings as errors and nothing from outside on its path."""
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
        """Send requests to the `app` of a module in `cwd`, in process, and give the answers."""
        done = self.run(str(HERE / "drive.py"), module, json.dumps(requests), cwd=cwd)
        answers: List[Dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return answers


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the own wheels, built from this tree, and those of all they depend on."""
    directory = tmp_path_factory.mktemp("wheels")
    sources = [str(ROOT / path) for path in DISTRIBUTIONS.values()]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "-w", str(directory)]
    subprocess.run([*command, *sources], check=True)
    return directory


@pytest.fixture(scope="session")
def own_wheels(wheels: Path) -> Dict[str, Path]:
    """Return the own wheels by the name of their distribution."""
    found = {normalised(wheel.name.split("-")[0]): wheel for wheel in wheels.glob("fenrir*.whl")}
    assert set(found) == set(DISTRIBUTIONS)
    return found


@pytest.fixture(scope="session")
def environment(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., CleanEnvironment]:
    """Return a function that makes the clean environment for some requirements, each kind once."""
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
