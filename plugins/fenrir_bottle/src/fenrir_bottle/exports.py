"""The names that the façade `fenrir` hands on from this plugin."""

from __future__ import annotations

from .helpers import redirect, send_file, send_from_directory
from .mounting import mount_wsgi

__all__ = ["mount_wsgi", "redirect", "send_file", "send_from_directory"]
