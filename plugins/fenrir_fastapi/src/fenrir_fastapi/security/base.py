"""What all security schemes are."""

from __future__ import annotations

from typing import Any, Dict


class SecurityBase:
    """A dependency that the OpenAPI document describes as a security scheme.

    Attributes:
        scheme_name: Its name in the document.
        model: Its description there.
        auto_error: Whether a missing credential is an error, instead of None.
    """

    scheme_name: str
    model: Dict[str, Any]
    auto_error: bool = True
