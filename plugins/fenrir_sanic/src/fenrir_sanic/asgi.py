"""Types of the ASGI specification; an app is an ASGI callable itself."""

from __future__ import annotations

from .models.asgi import ASGIMessage, ASGIReceive, ASGIScope, ASGISend

__all__ = ("ASGIMessage", "ASGIReceive", "ASGIScope", "ASGISend")
