"""Count `Any` per 100 code lines in each package: how much of the code a type checker can't look into.

Counted is every `Any` outside of import lines (annotations, `cast`, aliases, bounds of type variables), and `object`
where it is the whole annotation of a parameter, a return value or a variable, since it then only stands in for `Any`.
Parameters that the standard library itself declares as `object` (`__eq__`, `__contains__`) are not. A code line is one
that is not blank and no comment or docstring.

Usage: ``python scripts/count_any.py [--files] [--limit PACKAGE=N]...``; exits with 1 when a package is above its limit.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from pathlib import Path
from typing import Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Set, Tuple

ROOT = Path(__file__).resolve().parents[1]
#: Methods whose parameter has to be `object`, because the base class in the standard library has it so.
OBJECT_BY_CONTRACT = ("__eq__", "__ne__", "__contains__")
NOT_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


class Count(NamedTuple):
    """The occurrences of `Any` in some source, and its code lines."""

    found: int
    lines: int

    @property
    def density(self) -> float:
        """Occurrences per 100 code lines."""
        return 100 * self.found / self.lines if self.lines else 0.0


def packages() -> Dict[str, Path]:
    """Return the packages of the project by name, the kernel first."""
    plugins = sorted(path for path in (ROOT / "plugins").glob("*/src/*") if path.is_dir())
    kernel = ROOT / "fenrir_core" / "src"
    found = [kernel / "fenrir_core", kernel / "fenrir", *plugins, ROOT / "cli" / "src" / "fenrir_cli"]
    return {path.name: path for path in found}


def count_source(source: str, aliases: FrozenSet[str] = frozenset()) -> Count:
    """Count the occurrences and the code lines of one module; `aliases`: names of `Any` in other modules."""
    return Count(sum(1 for _ in occurrences(ast.parse(source), aliases)), len(code_lines(source)))


def aliases_in(package: Path) -> FrozenSet[str]:
    """Return the names that a package gives to `Any`, so that one imported from another module counts, too."""
    texts = [file.read_text(encoding="utf-8") for file in package.rglob("*.py")]
    trees = [ast.parse(text) for text in texts if re.search(r"^\w+ = \w+$", text, re.MULTILINE)]
    return frozenset(name for tree in trees for name in _names_of_any(tree))


def count_package(package: Path) -> Count:
    """Count the occurrences and the code lines of all modules of a package."""
    aliases = aliases_in(package)
    counts = [count_source(file.read_text(encoding="utf-8"), aliases) for file in sorted(package.rglob("*.py"))]
    return Count(sum(count.found for count in counts), sum(count.lines for count in counts))


def occurrences(tree: ast.Module, aliases: FrozenSet[str] = frozenset()) -> Iterator[ast.AST]:
    """Iterate the nodes that are `Any`, or `object` in its place."""
    names = _names_of_any(tree, aliases)
    exempt = _exempt_parameters(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            yield node
        elif isinstance(node, ast.Attribute) and node.attr == "Any":
            yield node
        annotation = _annotation(node)
        if isinstance(annotation, ast.Name) and annotation.id == "object" and id(annotation) not in exempt:
            yield annotation
        elif isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            yield from occurrences(ast.parse(f"_: {annotation.value}"), aliases)


def _names_of_any(tree: ast.Module, aliases: FrozenSet[str] = frozenset()) -> Set[str]:
    """Return the names under which a module knows `Any`: its own, and those it is imported or assigned as."""
    names = {"Any"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names if alias.name in aliases | {"Any"})
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def _annotation(node: ast.AST) -> Optional[ast.expr]:
    if isinstance(node, (ast.arg, ast.AnnAssign)):
        return node.annotation
    return node.returns if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _exempt_parameters(tree: ast.Module) -> Set[int]:
    return {
        id(argument.annotation)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in OBJECT_BY_CONTRACT
        for argument in node.args.args
    }


def code_lines(source: str) -> Set[int]:
    """Return the numbers of the lines that have code: no blank lines, comments or docstrings."""
    lines: Set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NOT_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
                lines.difference_update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


def table(rows: List[Tuple[str, Count]]) -> str:
    """Return the counts as text, one row each."""
    width = max(len(name) for name, _ in rows)
    lines = [f"{'':{width}}   Any  code lines  Any per 100"]
    lines += [f"{name:{width}} {row.found:5}  {row.lines:10}  {row.density:11.1f}" for name, row in rows]
    return "\n".join(lines)


def main(arguments: Optional[List[str]] = None) -> int:
    """Print the table; return 1 when a package is above its limit."""
    parser = argparse.ArgumentParser(description="Count `Any` per 100 code lines in each package.")
    parser.add_argument("--files", action="store_true", help="list the modules, those with the most first")
    parser.add_argument("--limit", action="append", default=[], metavar="PACKAGE=N", help="the most per 100 code lines")
    options = parser.parse_args(arguments)
    known = packages()
    limits: Dict[str, float] = {}
    for limit in options.limit:
        name, _, number = limit.partition("=")
        if name not in known:
            parser.error(f"there is no package {name!r}; there are: {', '.join(known)}")
        limits[name] = float(number)
    counts = {name: count_package(path) for name, path in known.items()}
    rows = list(counts.items())
    if options.files:
        aliases = {path: aliases_in(path) for path in known.values()}
        files = [(path, file) for path in known.values() for file in sorted(path.rglob("*.py"))]
        rows = [
            (file.relative_to(path.parent).as_posix(), count_source(file.read_text(encoding="utf-8"), aliases[path]))
            for path, file in files
        ]
        rows = sorted((row for row in rows if row[1].found), key=lambda row: -row[1].found)
    print(table(rows))
    above = [name for name, limit in limits.items() if counts[name].density > limit]
    for name in above:
        message = f"{name} has {counts[name].density:.1f} per 100 code lines; the limit is {limits[name]:g}."
        print(message, file=sys.stderr)
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
