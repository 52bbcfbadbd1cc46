"""The project template of `fenrir new --paradigm specs`."""

from __future__ import annotations

MANNER = "with handler classes"
