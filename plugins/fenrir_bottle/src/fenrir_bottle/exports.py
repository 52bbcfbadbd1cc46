"""The names that the façade `fenrir` hands on from this plugin."""

from __future__ import annotations

from .helpers import redirect, send_file, send_from_directory

__all__ = ["redirect", "send_file", "send_from_directory"]
