"""Helpers for security schemes of one's own."""

from __future__ import annotations

from typing import Optional, Tuple

__all__ = ["get_authorization_scheme_param"]


def get_authorization_scheme_param(authorization_header_value: Optional[str]) -> Tuple[str, str]:
    """Return the scheme of an `Authorization` header as it was sent, and what follows it; two empty texts for none."""
    scheme, _, param = (authorization_header_value or "").partition(" ")
    return scheme, param.strip()
