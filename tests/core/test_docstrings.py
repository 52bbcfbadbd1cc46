"""What every docstring of the project keeps to."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import List

import pytest

pytestmark = pytest.mark.sources

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [
    ROOT / "fenrir_core" / "src" / "fenrir_core",
    ROOT / "fenrir_core" / "src" / "fenrir",
    *sorted((ROOT / "plugins").glob("*/src/*")),
    ROOT / "cli" / "src" / "fenrir_cli",
]
FILES = [file for package in PACKAGES for file in sorted(package.rglob("*.py"))]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
#: "Be a route …" for a class that is a route, "Give the app …" for a function that returns it.
UNUSUAL = re.compile(r"(Be|Give)\b")


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", FILES, ids=name)
def test_no_docstring_begins_with_be_or_give(file: Path) -> None:
    found: List[str] = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, DOCUMENTED):
            text = ast.get_docstring(node) or ""
            if UNUSUAL.match(text):
                found.append(f"{name(file)}:{getattr(node, 'lineno', 1)} {text.splitlines()[0]}")
    assert found == []
