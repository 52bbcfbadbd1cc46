"""The name of an app: `module:attribute`, `module`, a file, or what is found in the directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from .errors import MISUSED, CliError

#: The modules in which an app is looked for by default, in this order; each in the directory and in its `src`.
MODULES = ("app", "main", "asgi", "application")
#: The names under which it is looked for, in this order; then the functions that make one.
ATTRIBUTES = ("app", "application", "api", "asgi")
FACTORIES = ("create_app", "make_app", "build_app", "get_app")


@dataclass(frozen=True)
class AppTarget:
    """The name of an app that is not imported yet.

    Args:
        module: The dotted name of the module.
        attribute: A dotted name in it; None to look for one.
        directory: What must be on `sys.path` for the module to be found.
        call: Whether the attribute was written with parentheses, ``create_app()``.
    """

    module: str
    attribute: Optional[str]
    directory: str
    call: bool = False

    def __str__(self) -> str:
        return f"{self.module}:{self.attribute}{'()' if self.call else ''}" if self.attribute else self.module


def parse_target(text: Optional[str], directory: str) -> AppTarget:
    """Parse the name of an app.

    Args:
        text: `module:attribute`, `module`, a path to a file (with or without `:attribute`),
            or None to look for one.
        directory: The working directory.

    Raises:
        CliError: It is no valid name, or nothing of that name is found.
    """
    if text is None:
        return _discovered(Path(directory))
    place, attribute, call = _split(text)
    if place.endswith(".py") or os.sep in place or "/" in place:
        return _of_file(place, attribute, call, Path(directory))
    if not all(part.isidentifier() for part in place.split(".")):
        raise CliError(
            f"{text!r} names no app: write module:attribute (for example app:app) or a file (app.py).",
            exit_code=MISUSED,
        )
    return AppTarget(place, attribute, _directory_of(place, Path(directory)), call)


def _split(text: str) -> Tuple[str, Optional[str], bool]:
    # The drive letter of a Windows path is no module.
    start = 2 if os.path.splitdrive(text)[0] else 0
    head, colon, attribute = text[start:].partition(":")
    call = attribute.endswith("()")
    if call:
        attribute = attribute[:-2]
    if colon and not all(part.isidentifier() for part in attribute.split(".")):
        raise CliError(
            f"{text!r} names no app: after the colon stands the name of the app in its module (app:app).",
            exit_code=MISUSED,
        )
    return text[:start] + head, attribute or None, call


def _of_file(place: str, attribute: Optional[str], call: bool, directory: Path) -> AppTarget:
    path = (directory / place).resolve()
    if path.is_dir():
        path = path / "__init__.py" if (path / "__init__.py").is_file() else path / "app.py"
    if not path.is_file():
        near = ", ".join(sorted(found.name for found in directory.glob("*.py"))[:5])
        hint = f"Python files here: {near}." if near else f"There is no Python file in {directory}."
        raise CliError(f"There is no file {place}. {hint}", exit_code=MISUSED)
    names = [] if path.name == "__init__.py" else [path.stem]
    parent = path.parent
    while (parent / "__init__.py").is_file():
        names.insert(0, parent.name)
        parent = parent.parent
    return AppTarget(".".join(names), attribute, str(parent), call)


def _directory_of(module: str, directory: Path) -> str:
    """Return the directory itself, or its `src` if only that one has the module."""
    top = module.split(".")[0]
    for candidate in (directory, directory / "src"):
        if (candidate / f"{top}.py").is_file() or (candidate / top).is_dir():
            return str(candidate)
    return str(directory)


def _discovered(directory: Path) -> AppTarget:
    for module, place in _candidates(directory):
        return AppTarget(module, None, place)
    looked_for = ", ".join(f"{name}.py" for name in MODULES)
    raise CliError(
        f"No app was named, and none is in {directory} (looked for {looked_for}).",
        ["Name it: fenrir run module:attribute, or start a project with: fenrir new NAME"],
        MISUSED,
    )


def _candidates(directory: Path) -> Iterator[Tuple[str, str]]:
    places: List[Path] = [directory, directory / "src"]
    for place in places:
        for module in MODULES:
            if (place / f"{module}.py").is_file() or (place / module / "__init__.py").is_file():
                yield module, str(place)
