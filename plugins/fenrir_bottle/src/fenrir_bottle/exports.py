"""The names that the façade `fenrir` hands on from this plugin."""

from __future__ import annotations

from fenrir_core.authoring import send_file, send_from_directory

from .app import Bottle
from .helpers import redirect

__all__ = ["Bottle", "redirect", "send_file", "send_from_directory"]
