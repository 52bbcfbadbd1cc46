"""The versions of what is installed."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Dict, Iterable, List, Mapping, Optional

#: The entry-point groups of distributions that are parts of Fenrir, or extend it.
GROUPS = (
    "fenrir.paradigms",
    "fenrir.plugins",
    "fenrir.exports",
    "fenrir.aliases",
    "fenrir.templates",
    "fenrir.cli",
    "fenrir.commands",
)

_FRAMEWORK, _CORE = "fenrir-framework", "fenrir-core"


def installed_version(distribution: str) -> Optional[str]:
    """Return the version of a distribution, or None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def version_of(distribution: str) -> str:
    """Return the version of a distribution, or an empty string."""
    return installed_version(distribution) or ""


def installed_parts() -> Dict[str, Optional[str]]:
    """Return what Fenrir is made of, by distribution: its version, None for what is not installed.

    These are the framework, the kernel, what the kernel's extras install, and what declares an entry point of Fenrir's.
    """
    from fenrir_core._compat import entry_points

    own = {name for name in _requirements(_CORE, with_extras=True) if _is_first_party(name)}
    found = {point.distribution for point in entry_points(*GROUPS)} | own
    names = [_FRAMEWORK, _CORE, *sorted(found - {_FRAMEWORK, _CORE})]
    return {name: installed_version(name) for name in names}


def required_libraries(parts: Mapping[str, Optional[str]], others: Iterable[str]) -> Dict[str, Optional[str]]:
    """Return the libraries that the parts require, by distribution: the version, None for what is not installed.

    Args:
        parts: What `installed_parts` returned.
        others: Distributions that are listed elsewhere.
    """
    found: Dict[str, Optional[str]] = {}
    for part, version in parts.items():
        # what an extra of a third party installs may be for its tests alone
        for name in () if version is None else _requirements(part, with_extras=_is_first_party(part)):
            found[name] = installed_version(name)
    return {name: found[name] for name in sorted(set(found) - set(parts) - set(others))}


def _is_first_party(distribution: str) -> bool:
    return distribution.startswith("fenrir-")


def _requirements(distribution: str, with_extras: bool) -> List[str]:
    """Return the names of what a distribution requires, without what another Python or platform needs."""
    try:
        lines = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for line in lines:
        requirement, _, marker = line.partition(";")
        (name,) = re.findall(r"^[\w.-]+", requirement)
        name = re.sub(r"[-_.]+", "-", name).lower()
        is_extra, is_for_some = "extra ==" in marker, re.search(r"python_|platform|sys_", marker) is not None
        if (is_extra and not with_extras) or (is_for_some and installed_version(name) is None):
            continue
        found.append(name)
    return found
