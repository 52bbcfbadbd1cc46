"""The version of this distribution, which its wheel is built with."""

from __future__ import annotations

__version__ = "5.0.0"
