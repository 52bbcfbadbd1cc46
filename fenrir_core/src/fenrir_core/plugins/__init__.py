"""Plugins: hookspecs, the values that hooks return, their validation, and the manager."""

from __future__ import annotations
