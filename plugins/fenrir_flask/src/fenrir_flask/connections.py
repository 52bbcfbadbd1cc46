"""The connections of contexts that no server made, and what runs on an event loop for their threads."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Awaitable, Callable, NoReturn, Optional, TypeVar

from fenrir_core import Connection, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import Message, Scope, finish

from ._types import Passed, Values
from .async_views import server_loop

T = TypeVar("T")


class ContextConnection(KernelRequest):
    """The connection of a context that no server made; the app is built only if something needs the build.

    Args:
        context: The context, an `AppContext`.
        environ: The environment of its request, or None where it has none.
    """

    def __init__(self, context: Any, environ: Optional[Values]) -> None:
        self.context, self.environ = context, environ
        self.receive = self.send = _no_client
        self.path_params = {}
        #: What the thread of the context calls while it waits for the event loop; None where it does not wait.
        self.hops: Optional[SimpleQueue[Optional[Callable[[], None]]]] = None
        #: The event loop of its dependencies, where there is none of a server.
        self.loop: Optional[asyncio.AbstractEventLoop] = None

    @lazy
    def scope(self) -> Scope:  # PERF: few requests need it, 11 us
        """Its ASGI scope."""
        if self.environ is None:
            return {"type": "fenrir.scope", "path": "", "headers": [], "query_string": b""}
        from fenrir_wsgi import make_scope

        return make_scope(self.environ)

    async def run_in_thread(self, function: Callable[..., T], *args: Passed, **kwargs: Passed) -> T:
        """Call a blocking function in the thread of the context."""
        if self.hops is None:  # the event loop is that thread's
            return function(*args, **kwargs)
        loop = asyncio.get_running_loop()
        called: Future[T] = Future()

        def hop() -> None:
            try:
                called.set_result(function(*args, **kwargs))
            except BaseException as error:
                called.set_exception(error)

        self.hops.put(hop)
        return await asyncio.wrap_future(called, loop=loop)

    @property
    def is_filled(self) -> bool:
        """Whether dependencies were made in it, which are to be closed."""
        return self.loop is not None or self.has_cleanups

    @property
    def app(self) -> Any:
        """The app of the context."""
        return self.context.app

    @property
    def compiled_route(self) -> Any:  # type: ignore[override]  # an attribute there
        """What serves connections that match no route."""
        return self.context.app.fallback_route

    # ------------------------------------------------------------ dependencies

    def run_here(self, awaitable: Awaitable[T]) -> T:
        """Run a coroutine to its end, on the event loop of the server if there is one.

        Its blocking steps are called in this thread.
        """

        async def run() -> T:
            return await awaitable

        loop = server_loop()
        if loop is None:
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
            return self.loop.run_until_complete(run())
        hops: SimpleQueue[Optional[Callable[[], None]]] = SimpleQueue()
        self.hops = hops
        try:
            done = asyncio.run_coroutine_threadsafe(run(), loop)
            done.add_done_callback(lambda _: hops.put(None))
            for hop in iter(hops.get, None):
                hop()
            return done.result()
        finally:
            self.hops = None

    def unwind(self, error: Exception) -> Exception:
        """Let the open dependencies see an error, innermost first; return it, or what one raised instead."""
        return self.run_here(_unwind(self, error)) if self.has_cleanups else error

    def end_dependencies(self, error: Optional[BaseException]) -> None:
        """Close what is open of the dependencies, and their event loop."""
        try:
            if self.has_cleanups:
                self.run_here(finish(self, error))
        finally:
            loop, self.loop = self.loop, None
            if loop is not None:
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.close()

    async def receive_body(self) -> Message:
        """Return the body of the request as ASGI's `receive` does."""
        body = await self.run_in_thread(self.context.request.get_data)
        return {"type": "http.request", "body": body, "more_body": False}


async def _no_client(*message: object) -> NoReturn:
    raise RuntimeError("There is no client here: this context belongs to no request of a server.")


async def _unwind(connection: Connection, error: Exception) -> Exception:
    for close in connection.take_cleanups():
        try:
            await close(error)
        except Exception as raised:
            error = raised
    return error
