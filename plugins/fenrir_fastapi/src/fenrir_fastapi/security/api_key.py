"""API keys in a header, the query or a cookie."""

from __future__ import annotations

from typing import Optional

from ..exceptions import HTTPException
from ..starlette.requests import HTTPConnection
from .base import SecurityBase


class APIKeyBase(SecurityBase):
    """The base of API keys.

    Args:
        location: Where the key is, as `APIKeyIn` or its value; that of the class by default.
    """

    place = ""

    def __init__(
        self,
        *,
        name: str,
        scheme_name: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
        location: Optional[str] = None,
    ) -> None:
        self.name = name
        place = self.place if location is None else getattr(location, "value", location)
        self._declare({"type": "apiKey", "in": place, "name": name}, scheme_name, description, auto_error)

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for a missing key."""
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": "APIKey"})

    def check_api_key(self, api_key: Optional[str]) -> Optional[str]:
        """Return the key; if it is missing, raise or return None."""
        if not api_key:
            self.refuse()
            return None
        return api_key


class APIKeyHeader(APIKeyBase):
    """An API key in a header."""

    place = "header"

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the key."""
        return self.check_api_key(request.headers.get(self.name))


class APIKeyQuery(APIKeyBase):
    """An API key in the query."""

    place = "query"

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the key."""
        return self.check_api_key(request.query_params.get(self.name))


class APIKeyCookie(APIKeyBase):
    """An API key in a cookie."""

    place = "cookie"

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the key."""
        return self.check_api_key(request.cookies.get(self.name))
