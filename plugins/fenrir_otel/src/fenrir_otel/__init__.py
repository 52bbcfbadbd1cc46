"""OpenTelemetry for Fenrir: a span for each request, named by its route template, and request durations."""

from __future__ import annotations

from ._version import __version__

__all__ = ["__version__"]
