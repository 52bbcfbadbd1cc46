"""Server-sent events."""

from __future__ import annotations

from ..streaming import SSEvent

__all__ = ["SSEvent"]
