"""The framework's own events around requests: steps that exist only where an event has handlers."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from inspect import isawaitable
from typing import Any, Callable, FrozenSet, Iterator, List, Optional

from fenrir_core import App, Call, Connection, Route, RouteHook

from .request import Request
from .response import BaseHTTPResponse
from .signals import Event, SignalRouter
from .values import AnyCallable
from .websocket import Websocket

Adapter = Callable[[Connection], Request]
_WEBSOCKET = (Event.WEBSOCKET_HANDLER_BEFORE, Event.WEBSOCKET_HANDLER_AFTER, Event.WEBSOCKET_HANDLER_EXCEPTION)
_BOTH = frozenset({"http", "websocket"})
_ENTRY = (Event.HTTP_LIFECYCLE_BEGIN, Event.HTTP_LIFECYCLE_READ_HEAD, Event.HTTP_LIFECYCLE_REQUEST)


def as_async(step: Call) -> AnyCallable:
    """Return a step of a response as an async function."""

    async def run(request: Request, response: BaseHTTPResponse) -> Any:
        value = step.function(request, response)
        return await value if isawaitable(value) else value

    return run


def emitter(app: App) -> Optional[Emitter]:
    """Return what makes the steps of an app's events; None if no event around requests has handlers."""
    router: Optional[SignalRouter] = getattr(app, "signal_router", None)
    if router is None or not any(router.has(event) for event in Event if event.value.startswith(("http", "websocket"))):
        return None
    return Emitter(router)


def with_websocket_events(app: App) -> None:
    """Put the events of WebSocket handlers around those that are registered, where the events have handlers."""
    events = emitter(app)
    if events is None or not events.used.intersection(_WEBSOCKET):
        return
    items: List[Any] = app.registered
    for place, item in enumerate(items):
        if isinstance(item, Route) and item.is_websocket and not hasattr(item.endpoint, "__websocket_handler__"):
            if not item.option("host_dispatcher"):
                items[place] = replace(item, endpoint=events.around_websocket(item.endpoint))


class Emitter:
    """What makes the steps of the events that have handlers.

    Args:
        router: The signals of the app.
    """

    def __init__(self, router: SignalRouter) -> None:
        self.router = router
        self.used = {event for event in Event if router.has(event)}

    async def emit(self, event: Event, **context: Any) -> None:
        """Call the handlers of an event, if it has any."""
        if event in self.used:
            await self.router.dispatch(event, context=context, inline=True, fail_not_found=False)

    def outer(self, route: Route, adapter: Adapter, needs: FrozenSet[str]) -> Iterator[RouteHook]:
        """Iterate over the steps outside of the middleware."""

        async def before(request: Request) -> None:
            await self.emit(Event.HTTP_LIFECYCLE_BEGIN, conn_info=request.conn_info)
            await self.emit(Event.HTTP_LIFECYCLE_READ_HEAD, head=request.head)
            await self.emit(Event.HTTP_LIFECYCLE_REQUEST, request=request)
            await self.emit(Event.HTTP_ROUTING_BEFORE, request=request)
            if not route.fallback:
                found = {"request": request, "route": request.route, "kwargs": request.match_info}
                await self.emit(Event.HTTP_ROUTING_AFTER, handler=route.endpoint, **found)
            await self.emit(Event.HTTP_LIFECYCLE_HANDLE, request=request)
            if needs:
                await self.emit(Event.HTTP_LIFECYCLE_READ_BODY, body=request.body)

        async def after(request: Request, response: BaseHTTPResponse) -> None:
            await self.emit(Event.HTTP_LIFECYCLE_RESPONSE, request=request, response=response)
            await self.emit(Event.HTTP_LIFECYCLE_SEND, data=response.body)

        async def teardown(connection: Connection, error: Optional[BaseException]) -> None:
            await self.emit(Event.HTTP_LIFECYCLE_COMPLETE, conn_info=adapter(connection).conn_info)

        if self.used.intersection(
            (*_ENTRY, Event.HTTP_ROUTING_BEFORE, Event.HTTP_ROUTING_AFTER, Event.HTTP_LIFECYCLE_HANDLE,
             Event.HTTP_LIFECYCLE_READ_BODY)
        ):  # fmt: skip
            step = Call(before, "async")
            yield RouteHook("signals before", step, kinds=_BOTH, order="outer", needs=needs, adapter=adapter)
        if self.used.intersection((Event.HTTP_LIFECYCLE_RESPONSE, Event.HTTP_LIFECYCLE_SEND)):
            yield RouteHook("signals after", after=Call(after, "async"), order="outer", adapter=adapter)
        if Event.HTTP_LIFECYCLE_COMPLETE in self.used:
            yield RouteHook("signals at the end", teardown=Call(teardown, "async"), order="outer")

    def inner(self, route: Route, adapter: Adapter, needs: FrozenSet[str]) -> Iterator[RouteHook]:
        """Iterate over the steps just around the handler; those of WebSockets are in `with_websocket_events`."""

        async def before(request: Request) -> None:
            await self.emit(Event.HTTP_HANDLER_BEFORE, request=request)

        async def after(request: Request, response: BaseHTTPResponse) -> None:
            await self.emit(Event.HTTP_HANDLER_AFTER, request=request)

        if route.fallback or route.is_websocket:
            return
        if Event.HTTP_HANDLER_BEFORE in self.used:
            step = Call(before, "async")
            yield RouteHook("signals before the handler", step, order="inner", needs=needs, adapter=adapter)
        if Event.HTTP_HANDLER_AFTER in self.used:
            yield RouteHook("signals after the handler", after=Call(after, "async"), order="inner", adapter=adapter)

    def around_websocket(self, handler: AnyCallable) -> AnyCallable:
        """Return a WebSocket handler with its events around it."""

        @wraps(handler)
        async def serve(request: Request, websocket: Websocket, *args: Any, **kwargs: Any) -> None:
            found = {"request": request, "websocket": websocket}
            await self.emit(Event.WEBSOCKET_HANDLER_BEFORE, **found)
            try:
                await handler(request, websocket, *args, **kwargs)
            except Exception as error:
                await self.emit(Event.WEBSOCKET_HANDLER_EXCEPTION, exception=error, **found)
                raise
            await self.emit(Event.WEBSOCKET_HANDLER_AFTER, **found)

        serve.__websocket_handler__ = handler  # type: ignore[attr-defined]  # for a later build
        return serve

    def around(self, step: Call) -> Call:
        """Return the call of a middleware with its events around it."""
        if not self.used.intersection((Event.HTTP_MIDDLEWARE_BEFORE, Event.HTTP_MIDDLEWARE_AFTER)):
            return step

        async def run(request: Request, response: Optional[BaseHTTPResponse] = None) -> Any:
            await self.emit(Event.HTTP_MIDDLEWARE_BEFORE, request=request, response=response)
            value = step.function(request) if response is None else step.function(request, response)
            value = await value if isawaitable(value) else value
            await self.emit(Event.HTTP_MIDDLEWARE_AFTER, request=request, response=value or response)
            return value

        return Call(run, "async")
