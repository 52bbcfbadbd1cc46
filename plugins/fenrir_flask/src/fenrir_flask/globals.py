"""The context locals, where Flask has them."""

from __future__ import annotations

from .proxies import current_app, g, request, session

__all__ = ["current_app", "g", "request", "session"]
