"""The versions of what is installed."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Dict, Iterable, List, Mapping, Optional

if TYPE_CHECKING:
    from packaging.requirements import Requirement

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

    own = {item.name for item in requirements(_CORE) if _is_first_party(item.name)}
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
        for item in () if version is None else requirements(part, None if _is_first_party(part) else ()):
            found[item.name] = installed_version(item.name)
    return {name: found[name] for name in sorted(set(found) - set(parts) - set(others))}


def _is_first_party(distribution: str) -> bool:
    return distribution.startswith("fenrir-")


def requirements(distribution: str, extras: Optional[Iterable[str]] = None) -> List[Requirement]:
    """Return what an installed distribution requires on this Python and platform; nothing if it is not installed.

    Args:
        distribution: Its name.
        extras: The extras that are asked for; by default all that it has.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        installed = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return []
    chosen = ("", *((installed.metadata.get_all("Provides-Extra") or ()) if extras is None else extras))
    found = []
    for line in installed.requires or ():
        try:
            requirement = Requirement(line)
        except InvalidRequirement:  # written before PEP 508
            continue
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in chosen):
            requirement.name = canonicalize_name(requirement.name)
            found.append(requirement)
    return found
