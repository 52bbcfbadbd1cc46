"""Values of requests."""

from __future__ import annotations

from base64 import b64decode
from typing import NamedTuple, Optional, Tuple


class Credentials(NamedTuple):
    """The credentials of an `Authorization` header.

    Args:
        auth_type: The scheme: ``Basic``, ``Bearer``, ``Token`` or None.
        token: What follows it.
    """

    auth_type: Optional[str]
    token: str

    def _basic(self) -> Tuple[str, str]:
        if self.auth_type != "Basic":
            raise AttributeError("Username and password are only available with Basic authentication")
        name, _, password = b64decode(self.token).decode("utf-8", "replace").partition(":")
        return name, password

    @property
    def username(self) -> str:
        """The name of Basic authentication."""
        return self._basic()[0]

    @property
    def password(self) -> str:
        """The password of Basic authentication."""
        return self._basic()[1]
