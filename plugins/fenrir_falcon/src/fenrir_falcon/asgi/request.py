"""The request of an ASGI application."""

from __future__ import annotations

from ..asgi_request import Request

__all__ = ["Request"]
