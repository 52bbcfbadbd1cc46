"""A project of `fenrir new`, installed as it says, from an index that has foreign packages of our names."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, List

import pytest
from tests.packaging.conftest import DISTRIBUTIONS, CleanEnvironment, normalised

from fenrir_core import __version__

#: Foreign packages of our names on the test's index: one below our versions, one above.
FOREIGN = ("4.4.0", "5.9")


def dummy(directory: Path, name: str, version: str) -> None:
    """Write the wheel of a foreign package, without any module."""
    stem = f"{name.replace('-', '_')}-{version}"
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{stem}.dist-info/{file},,\n" for file in [*files, "RECORD"])
    with zipfile.ZipFile(directory / f"{stem}-py3-none-any.whl", "w") as archive:
        for file, text in {**files, "RECORD": record}.items():
            archive.writestr(f"{stem}.dist-info/{file}", text)


@pytest.fixture(scope="module")
def foreign(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Path]:
    """Return our dependencies, our wheels, and the foreign packages, each a directory of wheels."""
    made = {name: tmp_path_factory.mktemp(name) for name in ("others", "ours", "foreign")}
    for wheel in index.glob("*.whl"):
        shutil.copy(str(wheel), str(made["ours" if wheel.name.startswith("fenrir") else "others"]))
    for name in DISTRIBUTIONS:
        for version in FOREIGN:
            dummy(made["foreign"], name, version)
    return made


def simple_index(directory: Path, *sources: Path) -> str:
    """Return the URL of a package index (PEP 503) in a directory, with the wheels of other directories."""
    for source in sources:
        for wheel in source.glob("*.whl"):
            page = directory / normalised(wheel.name.split("-")[0])
            page.mkdir(parents=True, exist_ok=True)
            with (page / "index.html").open("a", encoding="utf-8") as file:
                file.write(f'<a href="{wheel.as_uri()}">{wheel.name}</a>\n')
    return directory.as_uri()


class Machine:
    """A clean environment whose pip knows one index."""

    def __init__(self, directory: Path, url: str) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
        self.bin = directory / ("Scripts" if os.name == "nt" else "bin")
        self.variables = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FENRIR", "PIP"))
        }
        self.variables.update(
            PATH=f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            PIP_INDEX_URL=url,
            PIP_CONFIG_FILE=os.devnull,
            PIP_DISABLE_PIP_VERSION_CHECK="1",
        )

    def run(self, command: str, cwd: Path) -> str:
        """Run a command line and return what it printed."""
        done = subprocess.run(
            shlex.split(command),
            cwd=str(cwd),
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def versions(self, cwd: Path) -> Dict[str, str]:
        """Return the versions of our distributions that are installed."""
        lines = self.run("pip list --format freeze", cwd).splitlines()
        found = dict(line.split("==") for line in lines if "==" in line)
        return {normalised(name): version for name, version in found.items() if normalised(name) in DISTRIBUTIONS}


def container(dockerfile: str, site: Path, root: Path, machine: Machine) -> List[Any]:
    """Run the steps of a Dockerfile in a directory, and return the words of its CMD."""
    for step, _, rest in (line.partition(" ") for line in dockerfile.splitlines()):
        if step == "COPY":
            source, target = rest.split()
            if source == ".":
                shutil.copytree(str(site), str(root), dirs_exist_ok=True)
            elif (site / source).is_dir():
                shutil.copytree(str(site / source), str(root / target))
            else:
                shutil.copy(str(site / source), str(root / target))
        elif step == "RUN":
            machine.run(rest, root)
    (command,) = re.findall(r"^CMD \[(.*)\]$", dockerfile, re.M)
    return [word.strip().strip('"') for word in command.split(",")]


@pytest.mark.once
@pytest.mark.parametrize("paradigm", ["hybrid", "bottle"])
def test_a_project_of_a_clone_installs_its_wheels_whatever_an_index_has(
    paradigm: str, foreign: Dict[str, Path], tmp_path: Path
) -> None:
    """The Dockerfile's steps and the printed commands, with foreign packages of our names, some of them newer."""
    new = [sys.executable, "-m", "fenrir_cli", "new", "my_site", "--paradigm", paradigm]
    printed = subprocess.run(new, cwd=str(tmp_path), check=True, stdout=subprocess.PIPE, text=True).stdout
    site, root = tmp_path / "my_site", tmp_path / "app"
    root.mkdir()
    url = simple_index(tmp_path / "simple", foreign["others"], foreign["foreign"])
    machine = Machine(tmp_path / "venv", url)
    command = container((site / "Dockerfile").read_text(encoding="utf-8"), site, root, machine)
    assert set(machine.versions(root).values()) == {__version__}
    assert command[:3] == ["fenrir", "run", "app:app"]
    assert "/api/greetings/" in machine.run("fenrir routes app:app", root)
    assert "Its tests: python -m pytest\n" in printed
    machine.run("python -m pytest -q -p no:cacheprovider", site)
    machine.run("pip check", root)


def test_a_project_where_an_index_was_the_source_asks_it_for_compatible_versions(
    foreign: Dict[str, Path], tmp_path: Path
) -> None:
    older = tmp_path / "older"
    older.mkdir()
    for wheel in foreign["foreign"].glob(f"*-{FOREIGN[0]}-*.whl"):
        shutil.copy(str(wheel), str(older))
    machine = Machine(tmp_path / "venv", simple_index(tmp_path / "simple", foreign["others"], foreign["ours"], older))
    machine.run("pip install --quiet fenrir-framework", tmp_path)
    machine.run("fenrir new my_site", tmp_path)
    site = tmp_path / "my_site"
    assert (site / "requirements.txt").read_text(encoding="utf-8").splitlines()[0] == "fenrir-framework>=5.0,<6"
    assert not (site / "wheels").exists()
    assert "wheels" not in (site / "Dockerfile").read_text(encoding="utf-8")
    machine.run("pip install --quiet -r requirements.txt", site)
    assert set(machine.versions(site).values()) == {__version__}


@pytest.mark.once
@pytest.mark.parametrize("is_clone", [True, False], ids=["from a clone", "from an index"])
def test_the_commands_printed_for_a_plugin_install_no_foreign_package(
    is_clone: bool, foreign: Dict[str, Path], tmp_path: Path
) -> None:
    """An index has foreign packages of our names: newer ones too, if Fenrir came from a clone."""
    url = simple_index(tmp_path / "simple", foreign["others"], foreign["foreign" if is_clone else "ours"])
    machine = Machine(tmp_path / "venv", url)
    if is_clone:
        new = [sys.executable, "-m", "fenrir_cli", "new", "acme-timing", "--plugin"]
        printed = subprocess.run(new, cwd=str(tmp_path), check=True, stdout=subprocess.PIPE, text=True).stdout
    else:
        machine.run("pip install --quiet fenrir-cli", tmp_path)
        printed = machine.run("fenrir new acme-timing --plugin", tmp_path)
    plugin = tmp_path / "acme-timing"
    commands = [line.strip() for line in printed.partition("Next:\n")[2].partition("\n\n")[0].splitlines()]
    assert commands[0] == "cd acme-timing"
    output = [machine.run(command, plugin) for command in commands[1:]]
    assert set(machine.versions(plugin).values()) == {__version__}
    assert "4 passed" in output[-2]
    assert "acme-timing 0.1.0" in output[-1]
    assert (plugin / "wheels").exists() == is_clone
    assert '"fenrir-core>=5.0,<6"' in (plugin / "pyproject.toml").read_text(encoding="utf-8")
    machine.run("pip check", plugin)


@pytest.mark.once
def test_the_wheels_in_the_directory_of_a_plugin_are_no_part_of_its_distribution(
    foreign: Dict[str, Path], tmp_path: Path
) -> None:
    new = [sys.executable, "-m", "fenrir_cli", "new", "acme-timing", "--plugin"]
    subprocess.run(new, cwd=str(tmp_path), check=True, stdout=subprocess.PIPE)
    machine = Machine(tmp_path / "venv", simple_index(tmp_path / "simple", foreign["others"]))
    machine.run("pip install --quiet hatchling", tmp_path)
    machine.run("python -m hatchling build", tmp_path / "acme-timing")
    made = tmp_path / "acme-timing" / "dist"
    with tarfile.open(str(made / "acme_timing-0.1.0.tar.gz")) as source:
        assert "acme_timing-0.1.0/pyproject.toml" in source.getnames()
        assert not [name for name in source.getnames() if name.endswith(".whl")]
    with zipfile.ZipFile(str(made / "acme_timing-0.1.0-py3-none-any.whl")) as wheel:
        assert {name.split("/")[0] for name in wheel.namelist()} == {"acme_timing", "acme_timing-0.1.0.dist-info"}


@pytest.mark.parametrize("paradigm", ["hybrid", "bottle"])
def test_a_new_project_needs_what_its_requirements_name_and_no_more(paradigm: str, index: Path, tmp_path: Path) -> None:
    new = [sys.executable, "-m", "fenrir_cli", "new", "my_site", "--paradigm", paradigm]
    made = subprocess.run(new, cwd=str(tmp_path), check=True, stdout=subprocess.PIPE, text=True)
    assert "pip install -r requirements.txt" in made.stdout
    site = tmp_path / "my_site"
    environment = CleanEnvironment(tmp_path / "venv", index, "-r", "requirements.txt", cwd=site)
    environment.check()
    environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=site)
    assert "/api/greetings/" in environment.run("-m", "fenrir.cli", "routes", "app:app", cwd=site).stdout
