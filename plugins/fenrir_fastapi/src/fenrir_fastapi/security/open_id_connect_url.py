"""OpenID Connect, by the URL of its discovery document."""

from __future__ import annotations

from typing import Optional

from ..starlette.requests import HTTPConnection
from .oauth2 import Authorized


class OpenIdConnect(Authorized):
    """A scheme of OpenID Connect, which reads the `Authorization` header and does not check it."""

    def __init__(
        self,
        *,
        openIdConnectUrl: str,
        scheme_name: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        model = {"type": "openIdConnect", "openIdConnectUrl": openIdConnectUrl}
        self._declare(model, scheme_name, description, auto_error)

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the header."""
        return self.header(request)
