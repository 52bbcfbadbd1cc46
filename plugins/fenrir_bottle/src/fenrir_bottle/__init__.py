"""The Bottle paradigm of the Fenrir web framework: WSGI mounts and small helpers."""

from __future__ import annotations
