"""Make a project from the templates in `project_template/`: never over what is there."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from typing import List

from .errors import FAILED, MISUSED, CliError
from .versions import version_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SUFFIX = ".tmpl"


def create(name: str, parent: Path) -> List[str]:
    """Write a new project and give its files, relative to `parent`, in order.

    Args:
        name: The directory's name.
        parent: Where it is made.

    Raises:
        CliError: The name won't do, or something is there already.
    """
    if not _NAME.fullmatch(name) or len(name) > 64:
        raise CliError(
            f"{name!r} is no name for a project: letters, digits, '_' and '-', a letter first, at most 64.",
            exit_code=MISUSED,
        )
    target = parent / name
    if target.exists() or target.is_symlink():
        raise CliError(f"{name} is there already; nothing was written.", exit_code=MISUSED)
    values = {"name": name, "title": title_of(name), "version": version_of("fenrir-cli")}
    source = Path(__file__).with_name("project_template")
    written = []
    try:
        for template in sorted(source.rglob(f"*{_SUFFIX}")):
            relative = template.relative_to(source)
            plain = relative.name[: -len(_SUFFIX)]
            path = target / relative.parent / (".gitignore" if plain == "gitignore" else plain)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = Template(template.read_text(encoding="utf-8")).substitute(values)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            written.append(path.relative_to(parent).as_posix())
    except OSError as error:
        raise CliError(f"Can't write {name}: {error.strerror or error}.", exit_code=FAILED) from error
    return sorted(written)


def title_of(name: str) -> str:
    """Make a title for people: ``my_website`` is ``My Website``."""
    return " ".join(word[:1].upper() + word[1:] for word in re.split(r"[_-]+", name) if word)
