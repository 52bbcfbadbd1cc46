"""Starlette's authentication; `starlette.authentication` of code that moves here."""

from __future__ import annotations

from .starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
    SimpleUser,
    UnauthenticatedUser,
    has_required_scope,
    requires,
)

__all__ = [
    "AuthCredentials", "AuthenticationBackend", "AuthenticationError", "BaseUser", "SimpleUser",
    "UnauthenticatedUser", "has_required_scope", "requires",
]  # fmt: skip
