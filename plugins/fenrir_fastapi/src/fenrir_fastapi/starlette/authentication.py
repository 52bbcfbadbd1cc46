"""Who a request comes from: what an authentication backend gives, and a decorator that asks for scopes."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, List, Optional, Sequence, Tuple, Union, cast

from fenrir_core.authoring import F

from ..exceptions import HTTPException
from .requests import HTTPConnection

__all__ = [
    "AuthCredentials", "AuthenticationBackend", "AuthenticationError", "BaseUser", "SimpleUser",
    "UnauthenticatedUser", "has_required_scope", "requires",
]  # fmt: skip


class AuthenticationError(Exception):
    """Say that credentials are there and wrong."""


class AuthCredentials:
    """Hold the scopes that a request has."""

    def __init__(self, scopes: Optional[Sequence[str]] = None) -> None:
        self.scopes: List[str] = list(scopes or ())


class BaseUser:
    """A user."""

    @property
    def is_authenticated(self) -> bool:
        """Whether it is known who it is."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """A name to show."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """What the user is known by."""
        raise NotImplementedError


class SimpleUser(BaseUser):
    """A user with a name."""

    def __init__(self, username: str) -> None:
        self.username = username

    @property
    def is_authenticated(self) -> bool:
        """Say yes."""
        return True

    @property
    def display_name(self) -> str:
        """The name."""
        return self.username


class UnauthenticatedUser(BaseUser):
    """Nobody in particular."""

    @property
    def is_authenticated(self) -> bool:
        """Say no."""
        return False

    @property
    def display_name(self) -> str:
        """Return no name."""
        return ""


class AuthenticationBackend:
    """Find out who a connection comes from."""

    async def authenticate(self, conn: HTTPConnection) -> Optional[Tuple[AuthCredentials, BaseUser]]:
        """Return credentials and user, or None for nobody; raise `AuthenticationError` for wrong credentials."""
        raise NotImplementedError


def has_required_scope(conn: HTTPConnection, scopes: Sequence[str]) -> bool:
    """Return whether a connection has all of the scopes."""
    return all(scope in conn.auth.scopes for scope in scopes)


def requires(
    scopes: Union[str, Sequence[str]], status_code: int = 403, redirect: Optional[str] = None
) -> Callable[[F], F]:
    """Let a handler with a parameter `request` (or `websocket`) run only for requests with the scopes."""
    needed = [scopes] if isinstance(scopes, str) else list(scopes)

    def decorate(function: F) -> F:
        bound = inspect.signature(function)

        def check(args: Any, kwargs: Any) -> None:
            given = bound.bind_partial(*args, **kwargs).arguments
            conn = given.get("request") or given.get("websocket")
            assert conn is not None, f'{function!r} needs a parameter named "request" or "websocket".'
            if not has_required_scope(conn, needed):
                if redirect is not None:
                    raise HTTPException(303, headers={"Location": str(conn.url_for(redirect))})
                raise HTTPException(status_code)

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def guarded(*args: Any, **kwargs: Any) -> Any:
                check(args, kwargs)
                return await function(*args, **kwargs)

            return cast(F, guarded)

        @functools.wraps(function)
        def guarded_sync(*args: Any, **kwargs: Any) -> Any:
            check(args, kwargs)
            return function(*args, **kwargs)

        return cast(F, guarded_sync)

    return decorate
