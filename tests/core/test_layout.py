"""Hold what the house rules say about sizes and imports and a machine can count."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Iterator, List, Set, Tuple, Union

import pytest

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ROOT / "fenrir_core" / "src" / "fenrir_core"
PACKAGES = [
    KERNEL,
    ROOT / "fenrir_core" / "src" / "fenrir",
    *sorted((ROOT / "plugins").glob("*/src/*")),
    ROOT / "cli" / "src" / "fenrir_cli",
]
FILES = [file for package in PACKAGES for file in sorted(package.rglob("*.py"))]
#: The layers that make the kernel a microkernel; `http` and `routing` are the toolkit that it stands on.
MICROKERNEL = ("plugins", "runtime", "build", "app.py")
MICROKERNEL_LINES = 3000
FILE_LINES = 400
FUNCTION_LINES = 50
#: Above its size, a file or function says why in a comment that starts like this.
EXCUSE = "# SIZE:"
KERNEL_DEPENDENCIES = {"fenrir_core", "pluggy", "importlib_metadata", "typing_extensions"}

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_the_microkernel_stays_small(count_any: ModuleType) -> None:
    """The budget is the design's: what does not fit is a plugin's."""
    files = [file for file in FILES if KERNEL in file.parents and file.relative_to(KERNEL).parts[0] in MICROKERNEL]
    sizes = {name(file): len(count_any.code_lines(file.read_text(encoding="utf-8"))) for file in files}
    assert sum(sizes.values()) <= MICROKERNEL_LINES, sorted(sizes.items(), key=lambda item: -item[1])


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_file_and_its_functions_stay_small_or_say_why_not(file: Path, count_any: ModuleType) -> None:
    source = file.read_text(encoding="utf-8")
    text, lines = source.splitlines(), count_any.code_lines(source)
    too_long: List[Tuple[str, int]] = []
    if len(lines) > FILE_LINES and EXCUSE not in source:
        too_long.append((name(file), len(lines)))
    for function in functions(ast.parse(source)):
        # The decorators' lines are not the function's; those of functions inside it are.
        span = range(function.lineno, (function.end_lineno or 0) + 1)
        size = len(lines.intersection(span))
        if size > FUNCTION_LINES and not any(EXCUSE in text[line - 1] for line in span):
            too_long.append((f"{name(file)}:{function.lineno} {function.name}", size))
    assert too_long == []


def imported_roots(tree: ast.AST) -> Set[str]:
    roots: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            roots.add(node.module.split(".")[0])
    return roots


def is_standard(module: str) -> bool:
    """Say whether a top-level module comes with Python (Python 3.8 has no list of them)."""
    if module in sys.builtin_module_names:
        return True
    spec = importlib.util.find_spec(module)
    if spec is None:
        return False
    origin = spec.origin or ""
    return origin in ("built-in", "frozen") or (
        origin.startswith(sysconfig.get_path("stdlib")) and "site-packages" not in origin
    )


@pytest.mark.parametrize("file", [file for file in FILES if KERNEL in file.parents], ids=name)
def test_the_kernel_imports_the_standard_library_and_pluggy_alone(file: Path) -> None:
    foreign = {root for root in imported_roots(ast.parse(file.read_text(encoding="utf-8"))) if not is_standard(root)}
    # Extras: python-multipart, imported when the first form is read, and orjson, used where it is installed. Nothing
    # imports the fixtures but the test suites that ask for them.
    pytest_plugins = {"fixtures.py": {"pytest"}, "alias.py": {"pytest"}}
    extras = {"multipart.py": {"python_multipart"}, "json.py": {"orjson"}, **pytest_plugins}
    assert foreign <= KERNEL_DEPENDENCIES | extras.get(file.name, set())


@pytest.mark.sources
def test_every_room_of_the_kernel_can_be_the_first_to_be_imported() -> None:
    rooms = [file.relative_to(KERNEL.parent).with_suffix("").parts for file in FILES if KERNEL in file.parents]
    names = [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in rooms]
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    for key in [key for key in sys.modules if key.startswith('fenrir')]:\n"
        "        del sys.modules[key]\n"
        "    importlib.import_module(name)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_all_names_of_the_kernel_can_be_imported_at_once() -> None:
    code = "from fenrir_core import *\nassert App and hookimpl and PluginInfo"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize("file", [file for file in FILES if file.name != "_compat.py"], ids=name)
def test_only_the_compat_module_asks_for_the_version_of_python(file: Path) -> None:
    asked = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("version_info", "hexversion")
    ]
    assert asked == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_everything_public_has_a_docstring(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    missing = [] if ast.get_docstring(tree) else [name(file)]
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            members = node.body if isinstance(node, ast.ClassDef) else []
            for item in [node, *members]:
                marks = [ast.dump(mark) for mark in getattr(item, "decorator_list", [])]
                # the property itself says what its setter takes
                is_spared = any("overload" in mark or "attr='setter'" in mark for mark in marks)
                if (
                    isinstance(item, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
                    and not item.name.startswith("_")
                    and not is_spared
                    and not ast.get_docstring(item)
                ):
                    missing.append(f"{name(file)}:{item.lineno} {item.name}")
    assert missing == []
