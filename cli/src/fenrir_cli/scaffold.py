"""Projects made from templates; existing files are never overwritten."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from string import Template
from typing import Dict, List

from .errors import FAILED, MISUSED, CliError
from .templates import SUFFIX, ProjectTemplate
from .versions import version_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_HIDDEN, _PACKAGE = "dot-", "package"


def create(name: str, parent: Path, template: ProjectTemplate) -> List[str]:
    """Write a new project.

    Args:
        name: The directory's name.
        parent: Where it is made.
        template: What it is made of.

    Returns:
        Its files, relative to `parent`, sorted.

    Raises:
        CliError: The name can't be used, the directory exists already, or the template is faulty.
    """
    package = check_name(name)
    target = parent / name
    if target.exists() or target.is_symlink():
        raise CliError(f"{name} is there already; nothing was written.", exit_code=MISUSED)
    texts = _texts(template, package, _values(name, package, template))
    try:
        for relative, text in texts.items():
            path = target / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise CliError(f"Can't write {name}: {error.strerror or error}.", exit_code=FAILED) from error
    return sorted(f"{name}/{relative}" for relative in texts)


def _values(name: str, package: str, template: ProjectTemplate) -> Dict[str, str]:
    """Return the values of the placeholders in template files."""
    version = version_of("fenrir-cli")
    major, minor = (int(part) for part in version.split(".")[:2])
    requirements = f"fenrir-core[cli]>={version}\n{template.distribution}>={template.version}"
    return {
        "name": name,
        "title": title_of(name),
        "package": package,
        "paradigm": template.name,
        "manner": template.manner,
        "version": version,
        "oldest": f"{major}.{minor}",
        "ceiling": f"{major}.{minor + 1}" if major == 0 else str(major + 1),
        "requirements": f"fenrir-core[cli,{template.name}]>={version}" if template.is_own else requirements,
    }


def _texts(template: ProjectTemplate, package: str, values: Dict[str, str]) -> Dict[str, str]:
    """Return the text of each file that is written, by its path in the project."""
    found: Dict[str, str] = {}
    for directory in template.directories:
        for file in sorted(directory.rglob(f"*{SUFFIX}")):
            parts = list(file.relative_to(directory).parts)
            parts[-1] = parts[-1][: -len(SUFFIX)]
            parts = ["." + part[len(_HIDDEN) :] if part.startswith(_HIDDEN) else part for part in parts]
            relative = "/".join(package if part == _PACKAGE else part for part in parts)
            try:
                found[relative] = Template(file.read_text(encoding="utf-8")).substitute(values)
            except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
                wrong = f"there is no placeholder ${error.args[0]}" if isinstance(error, KeyError) else str(error)
                raise CliError(
                    f"{file}: {wrong}; nothing was written.",
                    [f"Placeholders are {', '.join(f'${name}' for name in values)}; a dollar sign is written $$."],
                ) from error
    return found


def check_name(name: str) -> str:
    """Return the name of the package of a project.

    Raises:
        CliError: It can't be the name of a project, or of its package.
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
    """Return a title: ``my_website`` becomes ``My Website``."""
    return " ".join(word[:1].upper() + word[1:] for word in re.split(r"[_-]+", name) if word)
