"""Completion for shells: the names of apps, found in the text of modules, and of project templates."""

from __future__ import annotations

import os
import re
from typing import Any, Iterator, List, Tuple

from .target import ATTRIBUTES, FACTORIES

#: A line that makes an app, and one that defines a function that makes one.
_MADE = re.compile(
    r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)*(?:Fenrir|FastAPI|Flask|App|Sanic|Bottle)\("
    # any class counts if the variable has a usual name for an app
    rf"|^({'|'.join(ATTRIBUTES)})\s*(?::[^=\n]+)?=\s*(?:\w+\.)*[A-Z]\w*\(",
    re.M,
)
_FACTORY = re.compile(rf"^(?:async )?def ({'|'.join(FACTORIES)})\(", re.M)
#: How much of a module is read, in characters, and how many modules.
_MOST, _MODULES = 100_000, 200


def complete_app(ctx: Any, param: Any, incomplete: str) -> List[str]:
    """Return the apps whose names begin with `incomplete`: ``app:app``, ``shop.web:site``."""
    return [name for name in _apps(os.getcwd()) if name.startswith(incomplete)]


def complete_template(ctx: Any, param: Any, incomplete: str) -> List[str]:
    """Return the project templates whose names begin with `incomplete`."""
    from .templates import template_names

    return [name for name in template_names() if name.startswith(incomplete)]


def _apps(directory: str) -> Iterator[str]:
    for module, path in _modules(directory):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read(_MOST)
        except (OSError, UnicodeDecodeError):
            continue
        yield from (f"{module}:{name or usual}" for name, usual in _MADE.findall(text))
        yield from (f"{module}:{name}()" for name in _FACTORY.findall(text))


def _modules(directory: str) -> Iterator[Tuple[str, str]]:
    """List the modules of a directory and of the packages in it, the nearest first."""
    names = sorted(os.listdir(directory))
    found = [(name[:-3], os.path.join(directory, name)) for name in names if name.endswith(".py")]
    for name in names:
        package = os.path.join(directory, name)
        if name.isidentifier() and os.path.isfile(os.path.join(package, "__init__.py")):
            found.append((name, os.path.join(package, "__init__.py")))
            inner = sorted(os.listdir(package))
            found += [(f"{name}.{file[:-3]}", os.path.join(package, file)) for file in inner if file.endswith(".py")]
    return (item for item in found[:_MODULES] if not item[0].endswith("__init__"))
