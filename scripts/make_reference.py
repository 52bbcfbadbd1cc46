"""Bring the tables of docs/plugins/reference/ up to date: names, types and defaults as the code has them.

Run it after something public was added, renamed or given another type; a test fails until then. The last column of a
table is written by hand: it stays as it is, and a new row starts with the first line of the docstring. New rows are
added to the last table of their class; move them where they belong.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

import fenrir_cli.values
import fenrir_core
from fenrir_core import App, Connection, Response, authoring, lazy

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "plugins" / "reference"
#: The classes whose members a page has tables of, by the page's name.
CLASSES: Dict[str, List[Any]] = {
    "connection": [Connection],
    "request": [fenrir_core.Request],
    "websocket": [fenrir_core.WebSocket],
    "response": [
        item
        for item in (getattr(fenrir_core, name) for name in dir(fenrir_core))
        if inspect.isclass(item) and issubclass(item, Response)
    ],
    "app": [App],
}
PUBLIC: Dict[str, Any] = {
    **{name: getattr(fenrir_core, name) for name in dir(fenrir_core)},
    **{name: value for name, value in vars(fenrir_cli.values).items() if not name.startswith("_")},
}
#: Every public dataclass that a hook takes or returns.
VALUES = {
    name: value
    for name, value in PUBLIC.items()
    if dataclasses.is_dataclass(value) and value.__module__.split(".")[1] in ("plugins", "routing", "values")
}
_ROW = re.compile(r"^\| `(?P<name>[^`|]+)` \| (?P<cells>.*) \| (?P<meaning>[^|]*) \|$")
_HEADING = re.compile(r"^#{1,3} `(?P<name>\w+)`$")


class Row(NamedTuple):
    """A row of a table: what it is about, what the code says of it, and a first meaning."""

    name: str
    cells: Tuple[str, ...]
    meaning: str


def members(cls: Any) -> List[Row]:
    """Return a row for each public attribute and method that a class adds to its public bases, by name."""
    own = [base for base in cls.__mro__ if base is not object]
    known = {name for base in cls.__mro__[1:] if base.__name__ in PUBLIC for name in _names(base)}
    found: Dict[str, Row] = {}
    for base in own:
        for name in _names(base):
            if name not in known:
                found.setdefault(name, Row(name, (_type_of(base, name),), _first_line(vars(base).get(name))))
    return [found[name] for name in sorted(found)]


def _names(cls: Any) -> List[str]:
    return [name for name in {**vars(cls), **cls.__dict__.get("__annotations__", {})} if not name.startswith("_")]


def _type_of(cls: Any, name: str) -> str:
    annotations = cls.__dict__.get("__annotations__", {})
    if name in annotations:
        return f"`{annotations[name]}`"
    value = inspect.getattr_static(cls, name)
    if isinstance(value, property):
        return f"`{value.fget.__annotations__['return']}`"
    if isinstance(value, lazy):
        return f"`{value.function.__annotations__['return']}`"
    if isinstance(value, (staticmethod, classmethod)):
        return signature(value.__get__(None, cls))
    return signature(value) if inspect.isfunction(value) else f"`{type(value).__name__}`"


def signature(function: Any) -> str:
    """Return how a function is called, as a cell: its parameters with types and defaults, and what it returns."""
    parts: List[str] = []
    star = slash = False
    for item in inspect.signature(function).parameters.values():
        if item.name in ("self", "cls"):
            continue
        prefix = "*" if item.kind == item.VAR_POSITIONAL else "**" if item.kind == item.VAR_KEYWORD else ""
        if item.kind == item.KEYWORD_ONLY and not star:
            parts.append("*")
        star = star or item.kind in (item.KEYWORD_ONLY, item.VAR_POSITIONAL)
        if slash and item.kind != item.POSITIONAL_ONLY:
            parts.append("/")
        slash = item.kind == item.POSITIONAL_ONLY
        default = "" if item.default is item.empty else f" = {_shown(item.default)}"
        parts.append(f"{prefix}{item.name}: {item.annotation}{default}")
    returned = str(inspect.signature(function).return_annotation)
    target = inspect.unwrap(function)
    if target is not function and inspect.isasyncgenfunction(target):
        returned = returned.replace("AsyncIterator", "AsyncContextManager")
    is_async = inspect.iscoroutinefunction(function)
    return f"`{'async ' if is_async else ''}({', '.join(parts)}) -> {returned}`"


def _shown(default: Any) -> str:
    return str(default.__name__) if inspect.isroutine(default) else repr(default)


def _first_line(value: Any) -> str:
    text = inspect.getdoc(value) if callable(value) or isinstance(value, (property, lazy)) else None
    return (text or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`").replace("|", "/")


def authoring_names() -> List[Row]:
    """Return a row for each name of `fenrir_core.authoring`."""
    rows: List[Row] = []
    for name in authoring.__all__:
        value = getattr(authoring, name)
        if inspect.isclass(value):
            kind = "class"
        elif inspect.isfunction(inspect.unwrap(value)):
            kind = signature(inspect.unwrap(value))
        elif isinstance(value, (str, tuple, frozenset)):
            kind = f"`{type(value).__name__}`"
        else:
            kind = "type"
        rows.append(Row(name, (kind,), _first_line(value) if callable(value) else ""))
    return rows


def fields(value: Any) -> List[Row]:
    """Return a row for each field of a value."""
    return [Row(item.name, (f"`{item.type}`", _default(item)), "") for item in dataclasses.fields(value)]


def _default(field: Any) -> str:
    if field.default is not dataclasses.MISSING:
        return f"`{field.default!r}`"
    return "required" if field.default_factory is dataclasses.MISSING else f"`{field.default_factory()!r}`"


def sections(page: Path) -> Iterator[Tuple[str, List[str], List[Row]]]:
    """Divide a page into parts whose tables belong together.

    Yields:
        What a part is about (a class, a value, or ``""``), its lines, and the rows that its tables must have.
    """
    classes = {cls.__name__: cls for cls in CLASSES.get(page.stem, ())}
    part: List[str] = []
    about, in_code = "", False
    wanted: List[Row] = authoring_names() if page.stem == "authoring" else []
    for line in page.read_text(encoding="utf-8").splitlines():
        in_code ^= line.startswith("```")
        heading = None if in_code else _HEADING.match(line)
        name = "" if heading is None else heading["name"]
        if name in classes or name in VALUES:
            yield about, part, wanted
            about, part, wanted = name, [], members(classes[name]) if name in classes else fields(VALUES[name])
        elif about in VALUES and line.startswith("#") and not in_code:
            yield about, part, wanted
            about, part, wanted = "", [], []
        part.append(line)
    yield about, part, wanted


def rows(lines: List[str]) -> List[Row]:
    """Return the rows of all tables in some lines of a page."""
    found = (_ROW.match(line) for line in lines)
    return [Row(row["name"], tuple(row["cells"].split(" | ")), row["meaning"].strip()) for row in found if row]


def updated(lines: List[str], wanted: List[Row], ordered: bool = False) -> List[str]:
    """Return some lines of a page with the rows that their tables must have; `ordered` is for one table, as wanted."""
    there = {row.name: row for row in rows(lines)}
    left = {
        row.name: row._replace(meaning=there[row.name].meaning if row.name in there else row.meaning) for row in wanted
    }
    result: List[str] = []
    last = None
    for line in lines:
        row = _ROW.match(line)
        if row is None or not wanted:
            result.append(line)
            continue
        for name in [*left] if ordered else [row["name"]]:
            if name in left:
                result.append(_written(left.pop(name)))
        last = len(result)
    if last is not None:
        result[last:last] = [_written(row) for row in left.values()]
    return result


def _written(row: Row) -> str:
    return f"| `{row.name}` | {' | '.join(row.cells)} | {row.meaning} |"


def main() -> None:
    """Rewrite every page of the reference."""
    for page in sorted(REFERENCE.glob("*.md")):
        lines = [
            line for about, part, wanted in sections(page) for line in updated(part, wanted, ordered=about in VALUES)
        ]
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
