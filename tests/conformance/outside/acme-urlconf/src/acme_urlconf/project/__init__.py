"""The project template of `fenrir new --paradigm urlconf`."""

from __future__ import annotations

MANNER = "with views and URL patterns"
