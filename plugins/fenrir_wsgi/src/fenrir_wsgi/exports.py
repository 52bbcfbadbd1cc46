"""The names that the façade `fenrir` hands on from this plugin."""

from __future__ import annotations

from .mounting import mount_wsgi

__all__ = ["mount_wsgi"]
