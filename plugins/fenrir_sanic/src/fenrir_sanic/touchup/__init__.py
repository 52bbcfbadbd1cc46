"""Names of Sanic's rewriting of its own source, which is not needed here."""

from __future__ import annotations

from .service import TouchUp

__all__ = ("TouchUp",)
