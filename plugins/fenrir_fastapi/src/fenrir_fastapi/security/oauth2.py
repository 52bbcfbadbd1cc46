"""OAuth2: bearer tokens and the form of the password flow.

Source: RFC 6749.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from typing_extensions import Annotated

from ..exceptions import HTTPException
from ..param_functions import Form
from ..starlette.requests import HTTPConnection
from ..starlette.types import Values
from .base import SecurityBase
from .http import split_authorization
from .scopes import SecurityScopes as SecurityScopes


class OAuth2PasswordRequestForm:
    """The form with which a client requests a token; used with `Depends()`.

    Attributes:
        scopes: The requested scopes, as a list.
    """

    def __init__(
        self,
        *,
        grant_type: Annotated[Optional[str], Form(pattern="^password$")] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[Optional[str], Form()] = None,
        client_secret: Annotated[Optional[str], Form(json_schema_extra={"format": "password"})] = None,
    ) -> None:
        self.grant_type, self.username, self.password = grant_type, username, password
        self.scopes = scope.split()
        self.client_id, self.client_secret = client_id, client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """The same form with a required `grant_type`."""

    def __init__(
        self,
        grant_type: Annotated[str, Form(pattern="^password$")],
        username: Annotated[str, Form()],
        password: Annotated[str, Form()],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[Optional[str], Form()] = None,
        client_secret: Annotated[Optional[str], Form()] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )


class Authorized(SecurityBase):
    """The base of schemes that read the `Authorization` header."""

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for missing credentials."""
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})

    def header(self, request: HTTPConnection) -> Optional[str]:
        """Return the whole header; if it is missing, raise or return None."""
        value = request.headers.get("authorization")
        if not value:
            self.refuse()
            return None
        return value

    def token(self, request: HTTPConnection) -> Optional[str]:
        """Return the bearer token; if there is none, raise or return None."""
        scheme, rest = split_authorization(request.headers.get("authorization"))
        if scheme.lower() != "bearer":
            self.refuse()
            return None
        return rest


def _plain(flows: Any) -> Values:
    dump = getattr(flows, "model_dump", None)
    found: Values = dict(flows or {}) if dump is None else dump(mode="json", by_alias=True, exclude_none=True)
    return found


class OAuth2(Authorized):
    """A scheme with OAuth2 flows, which reads the `Authorization` header.

    Args:
        flows: The flows as in OpenAPI, or `openapi.models.OAuthFlows`.
    """

    def __init__(
        self,
        *,
        flows: Any = None,
        scheme_name: Optional[str] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        self._declare({"type": "oauth2", "flows": _plain(flows)}, scheme_name, description, auto_error)

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the header."""
        return self.header(request)


class OAuth2PasswordBearer(OAuth2):
    """The bearer token of the password flow."""

    def __init__(
        self,
        tokenUrl: str,
        scheme_name: Optional[str] = None,
        scopes: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
        refreshUrl: Optional[str] = None,
    ) -> None:
        flow: Values = {"scopes": scopes or {}, "tokenUrl": tokenUrl}
        if refreshUrl:
            flow["refreshUrl"] = refreshUrl
        super().__init__(
            flows={"password": flow}, scheme_name=scheme_name, description=description, auto_error=auto_error
        )

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the token."""
        return self.token(request)


class OAuth2AuthorizationCodeBearer(OAuth2):
    """The bearer token of the authorization code flow."""

    def __init__(
        self,
        authorizationUrl: str,
        tokenUrl: str,
        refreshUrl: Optional[str] = None,
        scheme_name: Optional[str] = None,
        scopes: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        auto_error: bool = True,
    ) -> None:
        flow: Values = {
            "scopes": scopes or {},
            "authorizationUrl": authorizationUrl,
            "tokenUrl": tokenUrl,
        }
        if refreshUrl:
            flow["refreshUrl"] = refreshUrl
        super().__init__(
            flows={"authorizationCode": flow}, scheme_name=scheme_name, description=description, auto_error=auto_error
        )

    async def __call__(self, request: HTTPConnection) -> Optional[str]:
        """Return the token."""
        return self.token(request)
