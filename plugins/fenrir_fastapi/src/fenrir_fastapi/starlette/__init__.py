"""Starlette's names, apart from the engine: they stand on the kernel alone."""

from __future__ import annotations
