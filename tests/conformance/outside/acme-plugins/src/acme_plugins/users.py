"""The user of a bearer token, as a parameter in every style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional

from fenrir_core import Connection, HTTPError, Param, PluginInfo, Resolver, hookimpl
from fenrir_core.authoring import LocalProxy

fenrir_plugin = PluginInfo(api="1")
TOKENS = {"secret": "ada"}
#: What the OpenAPI document says of each route that has a user.
SECURED: Dict[str, Any] = {
    "security": [{"bearer": []}],
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}


@dataclass(frozen=True)
class User:
    """Who sends a request."""

    name: str


def find_user(connection: Connection) -> Optional[User]:
    """Return the user of a connection."""
    kind, _, token = (connection.headers.get("authorization") or "").partition(" ")
    name = TOKENS.get(token) if kind.lower() == "bearer" else None
    return None if name is None else User(name)


def need_user(connection: Connection) -> User:
    """Return the user of a connection.

    Raises:
        HTTPError: There is none.
    """
    user = find_user(connection)
    if user is None:
        raise HTTPError(401, "Log in.", {"www-authenticate": "Bearer"})
    return user


#: The user of the current request, where no parameter can be had.
current_user: Any = LocalProxy("current_user", need_user)


@hookimpl
def fenrir_make_resolver(param: Param) -> Optional[Resolver]:
    """Fill parameters that are annotated with `User`, or `Optional[User]`."""
    if param.annotation not in (User, Optional[User]):
        return None
    return Resolver(need_user if param.annotation is User else find_user, openapi=SECURED)
