"""Helpers of requests, at the place where Falcon has them."""

from __future__ import annotations

from .etags import parse_etags
from .forwarded import parse_forwarded

__all__ = ["parse_etags", "parse_forwarded"]
