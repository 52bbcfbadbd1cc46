"""How a paradigm tells the conformance checks what its handlers look like."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, AsyncIterator, Awaitable, Callable, Optional, Sequence, Tuple

from ..app import App
from ._client import Client


@dataclass(frozen=True)
class ParadigmKit:
    """Say how one paradigm writes the few handlers that the conformance checks need.

    Each function registers one handler in the paradigm's own style; templates are written
    ``/x/{name}``. What is None is something that the paradigm has no way to say; the checks
    that need it are left out.

    Args:
        name: The paradigm's name.
        make: Called with settings and `plugins`, as `App` takes them; gives a new app.
        text: `(app, path, text)`: GET answers `text`.
        echo: `(app, path, name)`: GET answers ``{"value": …}`` with the path parameter `name`.
        receive: `(app, path)`: POST answers the body that it received.
        call: `(app, path, function)`: GET calls `function()` inside the handler and answers
            the str that it returns.
        ready: Called with each app when it has started.
        blocking: As `call`, in a synchronous handler; `function` blocks.
        headers: `(app, path, pairs)`: GET answers with these headers, repeats kept.
        stream: `(app, path, make)`: GET streams the bytes of the async iterator `make()`.
        background: `(app, path, function)`: GET answers, and calls `function()` after that.
        websocket: `(app, path)`: accepts, sends each text back, until the client leaves.
    """

    name: str
    make: Callable[..., App]
    text: Callable[[Any, str, str], Any]
    echo: Callable[[Any, str, str], Any]
    receive: Callable[[Any, str], Any]
    call: Callable[[Any, str, Callable[[], str]], Any]
    ready: Callable[[Any], None] = lambda app: None
    blocking: Optional[Callable[[Any, str, Callable[[], str]], Any]] = None
    headers: Optional[Callable[[Any, str, Sequence[Tuple[str, str]]], Any]] = None
    stream: Optional[Callable[[Any, str, Callable[[], AsyncIterator[bytes]]], Any]] = None
    background: Optional[Callable[[Any, str, Callable[[], None]], Any]] = None
    websocket: Optional[Callable[[Any, str], Any]] = None

    @asynccontextmanager
    async def client(self, app: App) -> AsyncIterator[Client]:
        """Start the app and give a client whose unhandled errors are answers."""
        async with Client(app, raise_errors=False) as client:
            self.ready(app)
            yield client


@dataclass(frozen=True)
class Check:
    """One thing that every paradigm keeps to; called with a kit it raises AssertionError if it does not hold.

    Args:
        run: The check itself.
        needs: The optional fields of the kit that it uses.
    """

    run: Callable[[ParadigmKit], Awaitable[None]]
    needs: Tuple[str, ...] = ()

    @property
    def __name__(self) -> str:
        return self.run.__name__.strip("_")

    @property
    def promise(self) -> str:
        """What it checks, in a sentence."""
        return (self.run.__doc__ or "").strip()

    def missing(self, kit: ParadigmKit) -> Tuple[str, ...]:
        """Return the fields that it needs and the kit has not, so that it is left out."""
        return tuple(name for name in self.needs if getattr(kit, name) is None)

    async def __call__(self, kit: ParadigmKit) -> None:
        if not self.missing(kit):
            await self.run(kit)

    def __repr__(self) -> str:
        return f"<Check {self.__name__}>"
