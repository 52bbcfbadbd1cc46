"""The version of this distribution; the wheel takes it from here."""

from __future__ import annotations

__version__ = "5.0.0"
