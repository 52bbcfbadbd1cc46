"""The security schemes of an OpenAPI document as pydantic models.

Source: OpenAPI Specification 3.1.0, sections 4.8.27 to 4.8.29.
"""

from __future__ import annotations

from enum import Enum
from typing import Dict, Optional, Union

from pydantic import Field
from typing_extensions import Literal

from .model_base import OpenAPIObject, Text


class SecuritySchemeType(Enum):
    """The types of security schemes."""

    apiKey = "apiKey"
    http = "http"
    oauth2 = "oauth2"
    openIdConnect = "openIdConnect"


class SecurityBase(OpenAPIObject):
    """A security scheme."""

    type_: SecuritySchemeType = Field(alias="type")
    description: Text = None


class APIKeyIn(Enum):
    """The places of API keys."""

    query = "query"
    header = "header"
    cookie = "cookie"


class APIKey(SecurityBase):
    """A scheme with an API key."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.apiKey, alias="type")
    in_: APIKeyIn = Field(alias="in")
    name: str


class HTTPBase(SecurityBase):
    """A scheme of HTTP authentication."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.http, alias="type")
    scheme: str


class HTTPBearer(HTTPBase):
    """A scheme with a bearer token."""

    scheme: Literal["bearer"] = "bearer"
    bearerFormat: Text = None


class OAuthFlow(OpenAPIObject):
    """The common base of OAuth2 flows."""

    refreshUrl: Text = None
    scopes: Dict[str, str] = {}


class OAuthFlowImplicit(OAuthFlow):
    """The implicit flow."""

    authorizationUrl: str


class OAuthFlowPassword(OAuthFlow):
    """The password flow."""

    tokenUrl: str


class OAuthFlowClientCredentials(OAuthFlow):
    """The client credentials flow."""

    tokenUrl: str


class OAuthFlowAuthorizationCode(OAuthFlow):
    """The authorization code flow."""

    authorizationUrl: str
    tokenUrl: str


class OAuthFlows(OpenAPIObject):
    """The flows of an OAuth2 scheme."""

    implicit: Optional[OAuthFlowImplicit] = None
    password: Optional[OAuthFlowPassword] = None
    clientCredentials: Optional[OAuthFlowClientCredentials] = None
    authorizationCode: Optional[OAuthFlowAuthorizationCode] = None


class OAuth2(SecurityBase):
    """A scheme with OAuth2 flows."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.oauth2, alias="type")
    flows: OAuthFlows


class OpenIdConnect(SecurityBase):
    """A scheme of OpenID Connect."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.openIdConnect, alias="type")
    openIdConnectUrl: str


SecurityScheme = Union[APIKey, HTTPBase, OAuth2, OpenIdConnect, HTTPBearer]
