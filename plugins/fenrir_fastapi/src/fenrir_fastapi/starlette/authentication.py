"""Authentication: backends, users, credentials, and a decorator that requires scopes."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, List, Optional, Sequence, Tuple, Union, cast
from urllib.parse import urlencode

from fenrir_core.authoring import F, refuse_bare

from .concurrency import is_async
from .exceptions import HTTPException
from .requests import HTTPConnection
from .responses import RedirectResponse
from .websockets import WebSocket

__all__ = [
    "AuthCredentials", "AuthenticationBackend", "AuthenticationError", "BaseUser", "SimpleUser",
    "UnauthenticatedUser", "has_required_scope", "requires",
]  # fmt: skip


class AuthenticationError(Exception):
    """Raised by a backend when the credentials are invalid."""


class AuthCredentials:
    """The scopes that a request has."""

    def __init__(self, scopes: Optional[Sequence[str]] = None) -> None:
        self.scopes: List[str] = list(scopes or ())


class BaseUser:
    """A user."""

    @property
    def is_authenticated(self) -> bool:
        """Whether the user is authenticated."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """A name to show."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """What identifies the user."""
        raise NotImplementedError


class SimpleUser(BaseUser):
    """A user with a name."""

    def __init__(self, username: str) -> None:
        self.username = username

    @property
    def is_authenticated(self) -> bool:
        """Always true."""
        return True

    @property
    def display_name(self) -> str:
        """The name."""
        return self.username


class UnauthenticatedUser(BaseUser):
    """The user of a request without credentials."""

    @property
    def is_authenticated(self) -> bool:
        """Always false."""
        return False

    @property
    def display_name(self) -> str:
        """The empty name."""
        return ""


class AuthenticationBackend:
    """The base of authentication backends."""

    async def authenticate(self, conn: HTTPConnection) -> Optional[Tuple[AuthCredentials, BaseUser]]:
        """Return credentials and user, or None if the connection has none.

        Raises:
            AuthenticationError: The credentials are invalid.
        """
        raise NotImplementedError


def has_required_scope(conn: HTTPConnection, scopes: Sequence[str]) -> bool:
    """Return whether a connection has all of the scopes."""
    return all(scope in conn.auth.scopes for scope in scopes)


def requires(
    scopes: Union[str, Sequence[str]], status_code: int = 403, redirect: Optional[str] = None
) -> Callable[[F], F]:
    """Require scopes for the decorated handler, which has a parameter `request` or `websocket`.

    Args:
        scopes: One scope or several.
        status_code: The status of the response to a request without them.
        redirect: The name of a route to redirect to instead.
    """
    refuse_bare(scopes, 'requires("scope")', object, "")
    needed = [scopes] if isinstance(scopes, str) else list(scopes)

    def decorate(function: F) -> F:
        bound = inspect.signature(function)
        if not {"request", "websocket"} & bound.parameters.keys():
            raise TypeError(f'No "request" or "websocket" argument on function "{function}"')

        def refusal(args: Any, kwargs: Any) -> Optional[Tuple[HTTPConnection, Any]]:
            """Return the connection without the scopes and the response to it; None for one that has them."""
            given = bound.bind_partial(*args, **kwargs).arguments
            conn = given.get("request", given.get("websocket"))
            assert isinstance(conn, HTTPConnection), (
                f"Parameter with name 'request' is required to be of type 'Request' not '{type(conn).__name__}'"
            )
            if has_required_scope(conn, needed):
                return None
            if redirect is None:
                return conn, None
            query = urlencode({"next": str(conn.url)})
            return conn, RedirectResponse(f"{conn.url_for(redirect)}?{query}", 303)

        if is_async(function):

            @functools.wraps(function)
            async def guarded(*args: Any, **kwargs: Any) -> Any:
                refused = refusal(args, kwargs)
                if refused is None:
                    return await function(*args, **kwargs)
                if isinstance(refused[0], WebSocket):
                    await refused[0].close()
                    return None
                if refused[1] is None:
                    raise HTTPException(status_code)
                return refused[1]

            return cast(F, guarded)

        @functools.wraps(function)
        def guarded_sync(*args: Any, **kwargs: Any) -> Any:
            refused = refusal(args, kwargs)
            if refused is None:
                return function(*args, **kwargs)
            if refused[1] is None:
                raise HTTPException(status_code)
            return refused[1]

        return cast(F, guarded_sync)

    return decorate
