"""The project templates of `fenrir new`: packages that entry points name, also for Fenrir's own."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, List, Tuple

from .errors import MISUSED, CliError

#: The entry-point group: the name is what `--paradigm` takes, the value a package with template files in its directory.
GROUP = "fenrir.templates"
#: The suffix of template files.
SUFFIX = ".tmpl"

_OWN, _PLUGIN = "fenrir-cli", "fenrir_cli.project_templates.plugin"


@dataclass(frozen=True)
class ProjectTemplate:
    """The template of a project.

    Args:
        name: What `--paradigm` takes.
        manner: How an app of it is written, in words that end a sentence.
        directories: The directories of its files; a later one takes precedence.
        distribution, version: The distribution that declares it.
        requires: The distribution that it needs, if that is not the kernel with the extra `name`.
    """

    name: str
    manner: str
    directories: Tuple[Path, ...]
    distribution: str = _OWN
    version: str = ""
    requires: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it comes with the command line itself."""
        return self.distribution == _OWN


def template_names() -> List[str]:
    """Return the names of the installed templates, sorted; nothing is imported."""
    return sorted(_installed())


def find_template(name: str) -> ProjectTemplate:
    """Return an installed template.

    Raises:
        CliError: There is none of that name, two distributions have one, or it can't be used.
    """
    installed = _installed()
    if name not in installed:
        from fenrir_core.authoring import did_you_mean

        hint, there = did_you_mean(name, installed, lead=" "), ", ".join(sorted(installed)) or "none"
        raise CliError(f"There is no project template {name!r}.{hint} There are: {there}.", exit_code=MISUSED)
    points = installed[name]
    if len(points) > 1:
        both = " and ".join(f"{point.distribution} {point.version}" for point in points)
        raise CliError(f"Two distributions have a project template {name!r}: {both}. Uninstall one of them.")
    (point,) = points
    origin = f"The project template {name!r} of {point.distribution} {point.version} can't be used"
    package = _package(point.value, origin)
    directories = _directories([*getattr(package, "EXTENDS", ()), point.value], origin)
    manner = getattr(package, "MANNER", f"in the manner of {name}")
    requires = getattr(package, "REQUIRES", "")
    return ProjectTemplate(name, manner, directories, point.distribution, point.version, requires)


def plugin_template() -> ProjectTemplate:
    """Return the template of a distribution with a plugin."""
    directories = _directories([_PLUGIN], "The template of a plugin can't be used")
    return ProjectTemplate("plugin", "", directories, requires="fenrir-core[cli]")


def _installed() -> Dict[str, List[Any]]:
    from fenrir_core._compat import entry_points

    found: Dict[str, List[Any]] = {}
    for point in entry_points(GROUP):
        found.setdefault(point.name, []).append(point)
    return found


def _directories(packages: Iterable[str], origin: str) -> Tuple[Path, ...]:
    found = []
    for path in packages:
        directory = Path(next(iter(_package(path, origin).__path__)))
        if next(directory.rglob(f"*{SUFFIX}"), None) is None:
            raise CliError(f"{origin}: {path} has no file whose name ends with {SUFFIX}.")
        found.append(directory)
    return tuple(found)


def _package(path: str, origin: str) -> Any:
    try:
        package = importlib.import_module(path)
    except (Exception, SystemExit) as error:  # a module of a plugin may fail in any way
        raise CliError(
            f"{origin}: importing {path} failed: {type(error).__name__}: {error}",
            ["Correct its entry point or its EXTENDS, or install what it needs."],
        ) from error
    if not getattr(package, "__path__", None):
        raise CliError(f"{origin}: {path} is no package. Name the package whose directory has the template files.")
    return package
