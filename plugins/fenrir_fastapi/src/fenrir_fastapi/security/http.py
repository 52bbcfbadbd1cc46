"""HTTP authentication: Basic, Bearer, Digest.

Source: RFC 9110, section 11; RFC 6750; RFC 7617.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Dict, Optional, Tuple

from pydantic import BaseModel

from ..exceptions import HTTPException
from ..starlette.requests import HTTPConnection
from .base import SecurityBase


class HTTPBasicCredentials(BaseModel):
    """A user name and password."""

    username: str
    password: str


class HTTPAuthorizationCredentials(BaseModel):
    """An `Authorization` header: its scheme and credentials."""

    scheme: str
    credentials: str


def split_authorization(value: Optional[str]) -> Tuple[str, str]:
    """Return scheme and credentials of an `Authorization` header; empty if there is none."""
    scheme, _, rest = (value or "").partition(" ")
    return scheme, rest.strip()


class HTTPBase(SecurityBase):
    """HTTP authentication with any scheme of the `Authorization` header."""

    def __init__(
        self,
        *,
        scheme: str,
        scheme_name: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        self.scheme = scheme
        self._declare({"type": "http", "scheme": scheme}, scheme_name, description, auto_error)

    def make_authenticate_headers(self) -> Dict[str, str]:
        """Return the headers of a 401 response: the challenge."""
        return {"WWW-Authenticate": self.scheme.title()}

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for missing or invalid credentials."""
        return HTTPException(401, "Not authenticated", self.make_authenticate_headers())

    async def __call__(self, request: HTTPConnection) -> Any:
        """Return the credentials."""
        scheme, rest = split_authorization(request.headers.get("authorization"))
        if not (scheme and rest):
            return self.refuse()
        return HTTPAuthorizationCredentials(scheme=scheme, credentials=rest)


class HTTPBasic(HTTPBase):
    """HTTP Basic authentication (RFC 7617)."""

    def __init__(
        self,
        *,
        scheme_name: Optional[str] = None,
        realm: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme="basic", scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.realm = realm

    def make_authenticate_headers(self) -> Dict[str, str]:
        """Return the headers of a 401 response: the challenge with the realm."""
        return {"WWW-Authenticate": f'Basic realm="{self.realm}"' if self.realm else "Basic"}

    async def __call__(self, request: HTTPConnection) -> Optional[HTTPBasicCredentials]:
        """Return user name and password."""
        scheme, rest = split_authorization(request.headers.get("authorization"))
        if scheme.lower() != "basic" or not rest:
            self.refuse()
            return None
        try:
            name, separator, password = b64decode(rest).decode("ascii").partition(":")
        except ValueError:  # neither base64 nor ASCII
            raise self.make_not_authenticated_error() from None
        if not separator:
            raise self.make_not_authenticated_error()
        return HTTPBasicCredentials(username=name, password=password)


class _SchemeCredentials(HTTPBase):
    async def __call__(self, request: HTTPConnection) -> Optional[HTTPAuthorizationCredentials]:
        """Return the credentials."""
        scheme, rest = split_authorization(request.headers.get("authorization"))
        if scheme.lower() != self.scheme or not rest:
            self.refuse()
            return None
        return HTTPAuthorizationCredentials(scheme=scheme, credentials=rest)


class HTTPBearer(_SchemeCredentials):
    """A bearer token (RFC 6750)."""

    def __init__(
        self,
        *,
        bearerFormat: Optional[str] = None,
        scheme_name: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme="bearer", scheme_name=scheme_name, description=description, auto_error=auto_error)
        if bearerFormat:
            self.model["bearerFormat"] = bearerFormat


class HTTPDigest(_SchemeCredentials):
    """HTTP Digest credentials, which are not checked (RFC 7616)."""

    def __init__(
        self,
        *,
        scheme_name: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme="digest", scheme_name=scheme_name, description=description, auto_error=auto_error)
