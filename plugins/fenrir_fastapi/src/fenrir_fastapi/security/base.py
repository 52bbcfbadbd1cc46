"""The base of security schemes."""

from __future__ import annotations

from typing import Any, Dict


class SecurityBase:
    """A dependency that the OpenAPI document describes as a security scheme.

    Attributes:
        scheme_name: The scheme's name in the document.
        model: The scheme's description in the document.
        auto_error: Whether missing credentials are an error; otherwise the dependency returns None.
    """

    scheme_name: str
    model: Dict[str, Any]
    auto_error: bool = True
