"""The Flask paradigm of the Fenrir web framework: context locals, sessions, templates."""

from __future__ import annotations
