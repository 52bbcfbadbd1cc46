"""Kits: how a paradigm writes the handlers that the conformance checks need."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, AsyncIterator, Awaitable, Callable, Generic, Optional, Sequence, Tuple, TypeVar

from ..app import App
from ._client import Client

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    A = TypeVarWithDefault("A", bound=App, default=Any)
else:
    A = TypeVar("A")


@dataclass(frozen=True)
class ParadigmKit(Generic[A]):
    """The few handlers that the conformance checks need, written for one paradigm.

    Each function registers one handler in the paradigm's own style; templates are written
    ``/x/{name}`` and, with a type, ``/x/{name:int}``. A function is None if the paradigm can't
    do this; the checks that need it are skipped.

    Args:
        name: The paradigm's name.
        make: Called with settings, `plugins` and `autoload`, as `App` takes them; returns a new app.
        text: `(app, path, text)`: the response to GET is `text`.
        echo: `(app, path, name)`: the response to GET is ``{"value": …}`` with the path parameter `name`.
        receive: `(app, path)`: the response to POST is the body that was received.
        call: `(app, path, function)`: GET calls `function()` inside the handler; the response is
            the str that it returns.
        ready: Called with each app after it has started.
        blocking: As `call`, in a synchronous handler; `function` blocks.
        headers: `(app, path, pairs)`: the response to GET has these headers, repeats kept.
        stream: `(app, path, make)`: GET streams the bytes of the async iterator `make()`.
        background: `(app, path, function)`: GET calls `function()` after its response.
        websocket: `(app, path)`: accepts and sends each text back, until the client disconnects.
        inject: `(app, path, default)`: the handler of GET has a parameter `value` with this default,
            which a plugin fills; the response is its text.
        mix: `(app, prefix, text)`: puts a route of this paradigm into a hybrid app, by `app.mount(prefix, routes)`
            or a method of the app; the response to GET of `prefix` and ``/hello`` is `text`.
        template: What the route table shows for a template of the checks; None for a template that the paradigm
            can't write: with regular expressions there may be no types.
        any_method: Whether routes answer every method, since they name none.
    """

    name: str
    make: Callable[..., A]
    text: Callable[[A, str, str], object]
    echo: Callable[[A, str, str], object]
    receive: Callable[[A, str], object]
    call: Callable[[A, str, Callable[[], str]], object]
    ready: Callable[[A], None] = lambda app: None
    blocking: Optional[Callable[[A, str, Callable[[], str]], object]] = None
    headers: Optional[Callable[[A, str, Sequence[Tuple[str, str]]], object]] = None
    stream: Optional[Callable[[A, str, Callable[[], AsyncIterator[bytes]]], object]] = None
    background: Optional[Callable[[A, str, Callable[[], None]], object]] = None
    websocket: Optional[Callable[[A, str], object]] = None
    inject: Optional[Callable[[A, str, Any], object]] = None
    mix: Optional[Callable[[Any, str, str], object]] = None
    template: Callable[[str], Optional[str]] = lambda path: path
    any_method: bool = False

    def app(self, **settings: Any) -> A:
        """Return a new app that has the paradigm and the named plugins only, whatever else is installed."""
        return self.make(**{"autoload": False, **settings})

    def shown(self, path: str) -> str:
        """Return what the route table shows for a template that every paradigm can write.

        Raises:
            AssertionError: The kit has none for it.
        """
        shown = self.template(path)
        assert shown is not None, f"The kit of {self.name} has no template for {path}: `template` must return one."
        return shown

    def typed(self, path: str, otherwise: str) -> str:
        """Return a template with a type, or `otherwise` where the paradigm has no types."""
        return path if self.template(path) is not None else otherwise

    @asynccontextmanager
    async def client(self, app: A) -> AsyncIterator[Client]:
        """Start the app and return a client that gets unhandled errors as responses."""
        async with Client(app, raise_errors=False) as client:
            self.ready(app)
            yield client


@dataclass(frozen=True)
class Check:
    """One check that every paradigm passes; called with a kit it raises AssertionError if it fails.

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
        """What is checked, in a sentence."""
        return (self.run.__doc__ or "").strip()

    def missing(self, kit: ParadigmKit) -> Tuple[str, ...]:
        """Return the fields that it needs and the kit lacks, so that it is skipped."""
        return tuple(name for name in self.needs if getattr(kit, name) is None)

    async def __call__(self, kit: ParadigmKit) -> None:
        if not self.missing(kit):
            await self.run(kit)

    def __repr__(self) -> str:
        return f"<Check {self.__name__}>"
