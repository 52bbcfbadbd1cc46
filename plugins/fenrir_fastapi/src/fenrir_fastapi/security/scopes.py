"""The OAuth2 scopes that an endpoint requires."""

from __future__ import annotations

from typing import List, Optional, Sequence


class SecurityScopes:
    """The scopes that the `Security()` markers above a dependency require, outermost first.

    Args:
        scopes: The scopes.
    """

    def __init__(self, scopes: Optional[Sequence[str]] = None) -> None:
        self.scopes: List[str] = list(scopes or ())
        self.scope_str = " ".join(self.scopes)
