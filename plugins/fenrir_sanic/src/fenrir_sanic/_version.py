"""The version of this distribution, read by the build of the wheel."""

from __future__ import annotations

__version__ = "0.1.0"
