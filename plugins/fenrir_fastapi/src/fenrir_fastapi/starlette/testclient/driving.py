"""What drives an app in a test, as its transport and its WebSockets see it."""

from __future__ import annotations

from typing import Awaitable, Callable, ContextManager, List, Protocol

from anyio.from_thread import BlockingPortal

from fenrir_core.authoring import ASGIApp, Receive, Scope, Send

from ..types import Values

__all__ = ["ASGI", "ASGI2App", "ASGI3App", "ASGIInstance", "Driver", "PortalFactory"]

#: The scope's `asgi` of every connection.
ASGI = {"version": "3.0", "spec_version": "2.4"}
#: Returns the block in which the event loop of a connection runs.
PortalFactory = Callable[[], ContextManager[BlockingPortal]]


#: An app for ASGI 2 takes the scope and returns an instance for the connection.
ASGIInstance = Callable[[Receive, Send], Awaitable[None]]
ASGI2App = Callable[[Scope], ASGIInstance]
ASGI3App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Driver(Protocol):
    """What drives an app: the test client."""

    app: ASGIApp
    app_state: Values

    def extensions(self, errors: List[BaseException]) -> Values:
        """Return the ASGI extensions of a connection."""

    def portal_factory(self) -> ContextManager[BlockingPortal]:
        """Return the block in which the event loop of a connection runs."""
