"""The response of an ASGI application."""

from __future__ import annotations

from ..asgi_response import Response

__all__ = ["Response"]
