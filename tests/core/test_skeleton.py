"""Hold every paradigm to the one skeleton, and every plugin to the public parts of the kernel."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Dict, Iterator, List, Tuple, Union

import pytest

pytestmark = pytest.mark.sources

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = sorted(folder for folder in (ROOT / "plugins").iterdir() if (folder / "pyproject.toml").is_file())
PARADIGMS = [folder for folder in PLUGINS if "fenrir.paradigms" in (folder / "pyproject.toml").read_text("utf-8")]
#: What every paradigm has, each as a module or as a folder of that name.
MODULES = (
    "plugin", "app", "registration", "state", "request", "response", "return_values", "error_handling", "exceptions",
    "hooks",
)  # fmt: skip
#: Where the work of a hook is done, for the paradigms that implement it.
HOMES = {
    "fenrir_make_resolver": "parameters",
    "fenrir_make_return_handler": "return_values",
    "fenrir_route_hooks": "hooks",
    "fenrir_exception_handlers": "error_handling",
}
#: Attributes of the kernel's objects that are its own business.
PRIVATE = re.compile(
    r"\.(?:built|cleanups|facades|before_start|lifespan_manager|planner|_builder|_stack|_overrides)\b(?!\()"
)
Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def package(folder: Path) -> Path:
    return folder / "src" / folder.name


def has(folder: Path, module: str) -> bool:
    return (package(folder) / f"{module}.py").is_file() or (package(folder) / module / "__init__.py").is_file()


def hook_implementations(folder: Path) -> Iterator[Function]:
    tree = ast.parse((package(folder) / "plugin.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def statements(function: Function) -> List[ast.stmt]:
    """Return the statements of a function without its docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


@pytest.mark.parametrize("folder", PARADIGMS, ids=lambda folder: folder.name)
def test_a_paradigm_has_the_modules_of_the_skeleton(folder: Path) -> None:
    assert [module for module in MODULES if not has(folder, module)] == []


@pytest.mark.parametrize("folder", PARADIGMS, ids=lambda folder: folder.name)
def test_the_plugin_module_has_hook_implementations_alone_of_a_few_lines(folder: Path) -> None:
    functions = list(hook_implementations(folder))
    assert functions and all(function.name.startswith("fenrir_") for function in functions)
    long = [function.name for function in functions if len(statements(function)) > 3]
    assert long == []


@pytest.mark.parametrize("folder", PARADIGMS, ids=lambda folder: folder.name)
def test_a_hook_is_implemented_where_the_skeleton_has_it(folder: Path) -> None:
    misplaced: Dict[str, str] = {}
    for function in hook_implementations(folder):
        home = HOMES.get(function.name)
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        if home is not None and home not in names:
            misplaced[function.name] = home
    assert misplaced == {}


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_reaches_into_nothing_of_the_kernel(folder: Path) -> None:
    found: List[Tuple[str, int, str]] = []
    for file in sorted(package(folder).rglob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if PRIVATE.search(line.partition("  #")[0]):
                found.append((file.relative_to(ROOT).as_posix(), number, line.strip()))
    assert found == []
