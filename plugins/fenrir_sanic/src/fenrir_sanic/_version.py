"""The version of this distribution, read by the build of the wheel."""

from __future__ import annotations

__version__ = "5.0.0"
