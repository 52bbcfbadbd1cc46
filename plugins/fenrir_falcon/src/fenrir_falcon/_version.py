"""The version of this distribution, which the wheel takes from here."""

from __future__ import annotations

__version__ = "5.0.0"
