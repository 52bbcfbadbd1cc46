"""The versions of what is installed."""

from __future__ import annotations

from importlib import metadata
from typing import Optional


def installed_version(distribution: str) -> Optional[str]:
    """Return the version of a distribution, or None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def version_of(distribution: str) -> str:
    """Return the version of a distribution, or an empty string."""
    return installed_version(distribution) or ""
