"""The requirements of a new project, and the wheels that they name."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import metadata
from typing import Dict, FrozenSet, Iterable, List, Optional, Tuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .errors import CliError
from .versions import requirements
from .wheels import make_wheel, origin_path

#: The directory of wheels in a project.
WHEELS = "wheels"

_NOTE = (
    "# Fenrir was not installed from an index, so its wheels are part of this project.\n"
    "# Paths are relative: run pip in this directory.\n"
)


@dataclass
class Requirements:
    """What a project requires.

    Args:
        lines: Lines for a `requirements.txt`.
        wheels: The content of wheels by file name; `lines` name them by path.
    """

    lines: List[str] = field(default_factory=list)
    wheels: Dict[str, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The lines in one text, with a note where they name wheels."""
        return (_NOTE if self.wheels else "") + "\n".join(self.lines)


def requirements_of(wanted: Dict[str, str]) -> Requirements:
    """Return the requirements of a project on distributions that are installed here.

    What an index answered for is named with its range. What was installed from elsewhere (a clone, a file) is packed
    into wheels, and so is all of that kind that it requires: an index may have something else under these names.

    Args:
        wanted: The range of each distribution, for example ``{"fenrir-core[cli]": ">=5.0,<6"}``.

    Raises:
        CliError: A part is missing, or can't be packed.
    """
    found, parts = Requirements(), _with_parts(wanted)
    _check_parts(parts)
    local = {name: one for name in parts for one in [_installed(name)] if one is not None and origin_path(one)}
    for requirement, versions in wanted.items():
        if _split(requirement)[0] not in local:
            found.lines.append(requirement + versions)
    for name, distribution in sorted(local.items()):
        file, content = make_wheel(distribution)
        found.wheels[file] = content
        path = f"./{WHEELS}/{file}"
        found.lines.append(path)
        # COMPAT: pip 23 needs the line without extras, or it asks the index for `name[other]` that a part requires
        found.lines.extend(
            f"{path}[{','.join(sorted(extras))}]" for other, extras in map(_split, wanted) if other == name and extras
        )
    return found


def _check_parts(names: Iterable[str]) -> None:
    """Fail if a part of Fenrir is missing and the others did not come from an index, which then must not be asked."""
    kernel = _installed("fenrir-core")
    source = "" if kernel is None else origin_path(kernel)
    missing = sorted(name for name in names if name.startswith("fenrir-") and _installed(name) is None)
    if source and missing:
        raise CliError(
            f"The project needs {' and '.join(missing)}, not installed here; nothing was written.",
            [f"The other parts came from {source}. Install it from there too, or choose another --paradigm."],
        )


def _with_parts(wanted: Dict[str, str]) -> Dict[str, FrozenSet[str]]:
    """Return the distributions that are wanted and all that they require, each with the extras that are asked for."""
    found: Dict[str, FrozenSet[str]] = {}
    left = [_split(requirement) for requirement in wanted]
    while left:
        name, extras = left.pop()
        if name in found and extras <= found[name]:
            continue
        found[name] = found.get(name, frozenset()) | extras
        left.extend((item.name, frozenset(item.extras)) for item in requirements(name, found[name]))
    return found


def _split(requirement: str) -> Tuple[str, FrozenSet[str]]:
    """Return the normalised name (PEP 503) and the extras of a requirement."""
    found = Requirement(requirement)
    return canonicalize_name(found.name), frozenset(found.extras)


def _installed(name: str) -> Optional[metadata.Distribution]:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
