"""User code in every style, as mypy --strict and pyright see it: code that is right passes, typos are errors."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Set

import pytest

pytestmark = pytest.mark.sources

FOLDER = Path(__file__).resolve().parents[2] / "typing_tests"
FILES = sorted(FOLDER.glob("*.py"))
#: Marks a line that has to be an error.
MARK = re.compile(r"# error\b")

#: The numbers of the lines with an error, by the name of the file.
Errors = Dict[str, Set[int]]


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, timeout=300, check=False, cwd=FOLDER
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr  # above 1 the checker itself has failed
    return done.stdout


def errors_of_mypy(cache: Path) -> Errors:
    found: Errors = {}
    printed = run(
        "mypy", "--strict", "--config-file=", "--cache-dir", str(cache), "--no-error-summary", *map(str, FILES)
    )
    for name, line in re.findall(r"^(.+?):(\d+): error:", printed, re.M):
        found.setdefault(Path(name).name, set()).add(int(line))
    return found


def errors_of_pyright(cache: Path) -> Errors:
    del cache  # it has none; files on its command line are checked in the standard mode
    printed = run("pyright", "--pythonpath", sys.executable, "--outputjson", *map(str, FILES))
    report = json.loads(printed[printed.index("{") :])  # the first run on a machine may speak of an installation
    assert report["summary"]["filesAnalyzed"] == len(FILES)
    found: Errors = {}
    for item in report["generalDiagnostics"]:
        if item["severity"] == "error":
            found.setdefault(Path(item["file"]).name, set()).add(item["range"]["start"]["line"] + 1)
    return found


CHECKERS = {"mypy": errors_of_mypy, "pyright": errors_of_pyright}


@pytest.fixture(scope="module", params=sorted(CHECKERS))
def errors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Errors:
    """The errors that a type checker finds in the folder; it runs once for all files."""
    checker: str = request.param
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed: pip install -r requirements-dev.txt, on Python 3.9 or newer")
    return CHECKERS[checker](tmp_path_factory.mktemp(checker))


def marked(file: Path) -> List[int]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if MARK.search(line)]


# The first check on a machine without a cache reads all packages.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_marked_lines_are_errors_and_no_others(errors: Errors, file: Path) -> None:
    assert sorted(errors.get(file.name, ())) == marked(file)


def test_there_is_code_in_every_style() -> None:
    styles = {file.stem for file in FILES if not marked(file)}
    assert styles == {
        "hybrid_app",
        "star_import_app",
        "fastapi_app",
        "flask_app",
        "falcon_app",
        "sanic_app",
        "bottle_app",
    }
