"""The user of a bearer token, as a parameter in every style."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Optional, Set

from fenrir_core import Build, Connection, HTTPError, OpenAPIPart, Param, PluginInfo, Resolver, Route, hookimpl
from fenrir_core.authoring import LocalProxy

fenrir_plugin = PluginInfo(api="1")
TOKENS = {"secret": "ada"}


@dataclass(frozen=True)
class User:
    """Who sends a request."""

    name: str


@dataclass
class Secured:
    """The routes of one app that have a user."""

    routes: Set[Route] = field(default_factory=set)


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
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[Resolver]:
    """Fill parameters that are annotated with `User`, or `Optional[User]`."""
    if param.annotation not in (User, Optional[User]):
        return None
    build.app.store(Secured).routes.add(route)
    return Resolver(need_user if param.annotation is User else find_user)


@hookimpl
def fenrir_openapi_parts(build: Build) -> Iterable[OpenAPIPart]:
    """Say which operations need a token."""
    secured = build.app.store(Secured).routes

    def operation(operation: Dict[str, Any], route: Route) -> None:
        if route in secured:
            operation["security"] = [{"bearer": []}]

    def document(document: Dict[str, Any]) -> None:
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["bearer"] = {"type": "http", "scheme": "bearer"}

    yield OpenAPIPart("acme users", operation, document)
