"""Security schemes: dependencies that read credentials and are documented in OpenAPI."""

from __future__ import annotations

from .api_key import APIKeyCookie, APIKeyHeader, APIKeyQuery
from .http import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer, HTTPDigest
from .oauth2 import (
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
)
from .open_id_connect_url import OpenIdConnect
from .scopes import SecurityScopes

__all__ = [
    "APIKeyCookie", "APIKeyHeader", "APIKeyQuery", "HTTPAuthorizationCredentials", "HTTPBasic", "HTTPBasicCredentials",
    "HTTPBearer", "HTTPDigest", "OAuth2", "OAuth2AuthorizationCodeBearer", "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict", "OpenIdConnect", "SecurityScopes",
]  # fmt: skip
