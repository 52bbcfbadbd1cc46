"""API keys in a header, the query or a cookie."""

from __future__ import annotations

from typing import Optional

from ..exceptions import HTTPException
from ..starlette.requests import HTTPConnection
from .base import SecurityBase


class _APIKey(SecurityBase):
    place = ""

    def __init__(
        self,
        *,
        name: str,
        scheme_name: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        self.name = name
        self._declare({"type": "apiKey", "in": self.place, "name": name}, scheme_name, description, auto_error)

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for a missing key."""
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": "APIKey"})

    def check(self, key: Optional[str]) -> Optional[str]:
        """Return the key; if it is missing, raise or return None."""
        if not key:
            self.refuse()
            return None
        return key


class APIKeyHeader(_APIKey):
    """An API key in a header."""

    place = "header"

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the key."""
        return self.check(request.headers.get(self.name))


class APIKeyQuery(_APIKey):
    """An API key in the query."""

    place = "query"

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the key."""
        return self.check(request.query_params.get(self.name))


class APIKeyCookie(_APIKey):
    """An API key in a cookie."""

    place = "cookie"

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the key."""
        return self.check(request.cookies.get(self.name))
