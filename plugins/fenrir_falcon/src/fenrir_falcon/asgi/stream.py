"""The stream of an ASGI request's body."""

from __future__ import annotations

from ..body_stream import BoundedStream

__all__ = ["BoundedStream"]
