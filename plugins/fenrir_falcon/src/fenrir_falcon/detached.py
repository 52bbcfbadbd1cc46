"""Connections that no app serves, for requests and responses that code makes itself."""

from __future__ import annotations

from typing import Any, Callable, Dict, Type, TypeVar

from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import Limits, Message, Receive, Scope

T = TypeVar("T")


class DetachedApp:
    """The little of an app that requests and responses need: a place for options."""

    paradigm = "falcon"

    def __init__(self) -> None:
        self._stores: Dict[type, object] = {}

    def store(self, kind: Type[T]) -> T:
        """Return the one object of a class, made at the first call."""
        found = self._stores.get(kind)
        if found is None:
            found = self._stores[kind] = kind()
        return found  # type: ignore[return-value]

    async def run_in_thread(self, function: Callable[..., T], *args: object) -> T:
        """Call a function."""
        return function(*args)


class DetachedRoute:
    """The route of such a connection."""

    path = ""
    paradigm = "falcon"
    fallback = 0
    max_body = None
    nonblocking = False
    limits = Limits(max_body=None)
    form_limits = limits.form

    def __init__(self) -> None:
        self.app = DetachedApp()
        self.route = self


async def _send(message: Message) -> None:
    """Discard a message: there is no client."""


async def _receive() -> Message:
    """Return the end of a body that is empty."""
    return {"type": "http.request", "body": b"", "more_body": False}


def detached(scope: Scope, receive: Receive = _receive) -> KernelRequest:
    """Return a connection of a scope that no app serves."""
    route: Any = DetachedRoute()
    return KernelRequest(scope, receive, _send, {}, route)


def makes_itself(kind: Any) -> bool:
    """Return whether a class of requests or responses has an `__init__` that is not ours."""
    owner = next(item for item in kind.__mro__ if "__init__" in item.__dict__)
    return not owner.__module__.startswith(__name__.partition(".")[0])
