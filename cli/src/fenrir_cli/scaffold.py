"""Make a project from the templates in `project_templates/`: never over what is there."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from string import Template
from typing import Dict, List, Sequence

from .errors import FAILED, MISUSED, CliError
from .versions import version_of

#: The ways to write an app, each with the directories of templates that make a project of it, later ones over earlier.
PARADIGMS: Dict[str, Sequence[str]] = {
    "hybrid": ("common", "site", "hybrid"),
    # these two have their own way to render templates
    **{name: ("common", "site", "single", name) for name in ("fastapi", "flask")},
    **{name: ("common", "site", "single", "rendering", name) for name in ("falcon", "sanic", "bottle")},
}
PLUGIN: Sequence[str] = ("plugin",)

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SUFFIX, _HIDDEN, _PACKAGE = ".tmpl", "dot-", "package"


def create(name: str, parent: Path, templates: Sequence[str], paradigm: str = "") -> List[str]:
    """Write a new project and give its files, relative to `parent`, in order.

    Args:
        name: The directory's name.
        parent: Where it is made.
        templates: The directories of templates.
        paradigm: For the texts.

    Raises:
        CliError: The name won't do, or something is there already.
    """
    package = check_name(name)
    target = parent / name
    if target.exists() or target.is_symlink():
        raise CliError(f"{name} is there already; nothing was written.", exit_code=MISUSED)
    version = version_of("fenrir-cli")
    major, minor = (int(part) for part in version.split(".")[:2])
    values = {
        "name": name,
        "title": title_of(name),
        "package": package,
        "paradigm": paradigm,
        "manner": "in any mix of the five paradigms" if paradigm == "hybrid" else f"in the manner of {paradigm}",
        "version": version,
        "floor": f"{major}.{minor}",
        "ceiling": f"{major}.{minor + 1}" if major == 0 else str(major + 1),
    }
    files = _files(templates, package)
    try:
        for relative, template in files.items():
            path = target / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            text = Template(template.read_text(encoding="utf-8")).substitute(values)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise CliError(f"Can't write {name}: {error.strerror or error}.", exit_code=FAILED) from error
    return sorted(f"{name}/{relative}" for relative in files)


def _files(templates: Sequence[str], package: str) -> Dict[str, Path]:
    """Return the template of each file that is written."""
    found: Dict[str, Path] = {}
    for directory in templates:
        source = Path(__file__).with_name("project_templates") / directory
        for template in sorted(source.rglob(f"*{_SUFFIX}")):
            parts = list(template.relative_to(source).parts)
            parts[-1] = parts[-1][: -len(_SUFFIX)]
            parts = ["." + part[len(_HIDDEN) :] if part.startswith(_HIDDEN) else part for part in parts]
            found["/".join(package if part == _PACKAGE else part for part in parts)] = template
    return found


def check_name(name: str) -> str:
    """Return the package that a project of this name has.

    Raises:
        CliError: It is no name for a project, or for its package.
    """
    if not _NAME.fullmatch(name) or len(name) > 64:
        raise CliError(
            f"{name!r} is no name for a project: letters, digits, '_' and '-', a letter first, at most 64.",
            exit_code=MISUSED,
        )
    package = name.replace("-", "_").lower()
    if keyword.iskeyword(package) or package in getattr(sys, "stdlib_module_names", sys.builtin_module_names):
        raise CliError(f"{name!r} is no name for a project: {package} is a part of Python.", exit_code=MISUSED)
    return package


def title_of(name: str) -> str:
    """Make a title for people: ``my_website`` is ``My Website``."""
    return " ".join(word[:1].upper() + word[1:] for word in re.split(r"[_-]+", name) if word)
