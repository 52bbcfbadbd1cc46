"""Types of Sanic's code."""

from __future__ import annotations

from .hashable_dict import HashableDict

__all__ = ("HashableDict",)
