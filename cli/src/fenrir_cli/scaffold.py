"""Projects made from templates; existing files are never overwritten."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from string import Template
from typing import Dict, List, Tuple, Union

from .errors import FAILED, MISUSED, CliError
from .requirements import WHEELS, Requirements, requirements_of
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
    needed = requirements_of(_wanted(template))
    files: Dict[str, Union[str, bytes]] = {**_texts(template, package, _values(name, package, template, needed))}
    files.update({f"{WHEELS}/{file}": content for file, content in needed.wheels.items()})
    try:
        for relative, content in files.items():
            path = target / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
    except OSError as error:
        raise CliError(f"Can't write {name}: {error.strerror or error}.", exit_code=FAILED) from error
    return sorted(f"{name}/{relative}" for relative in files)


def _wanted(template: ProjectTemplate) -> Dict[str, str]:
    """Return what a project of a template requires: the range of versions by distribution."""
    oldest, ceiling = _range()
    compatible = f">={oldest},<{ceiling}"
    if template.requires:
        return {template.requires: compatible}
    if template.is_own:
        return {f"fenrir-core[cli,{template.name}]": compatible}
    return {"fenrir-core[cli]": compatible, template.distribution: f">={template.version}"}


def _range() -> Tuple[str, str]:
    """Return the first version of Fenrir that fits this one, and the first that does not."""
    major, minor = (int(part) for part in version_of("fenrir-cli").split(".")[:2])
    return f"{major}.{minor}", str(major + 1)


def _values(name: str, package: str, template: ProjectTemplate, needed: Requirements) -> Dict[str, str]:
    """Return the values of the placeholders in template files."""
    oldest, ceiling = _range()
    return {
        "name": name,
        "title": title_of(name),
        "package": package,
        "paradigm": template.name,
        "manner": template.manner,
        "version": version_of("fenrir-cli"),
        "oldest": oldest,
        "ceiling": ceiling,
        "requirements": needed.text,
        "copies": f"COPY {WHEELS} {WHEELS}\n" if needed.wheels else "",
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
