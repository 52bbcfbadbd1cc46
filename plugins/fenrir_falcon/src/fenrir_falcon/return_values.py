"""From a responder that is done to the response that is sent."""

from __future__ import annotations

import inspect
from typing import Any, Optional

from fenrir_core import Build, Connection, ReturnHandler, Route
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import RawResponse, dumps, length_header, to_response

from .media import JSONHandler
from .response import Response, type_header
from .state import State
from .views import response_of, response_reader

#: What a step returns to say that the response view is complete.
DONE: Any = object()


def render(connection: Connection, value: Any = None) -> KernelResponse:
    """Return what the response view holds, whatever the responder returned (Falcon's rule)."""
    return value if isinstance(value, KernelResponse) else response_of(connection).to_kernel()


def make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Answer for the routes of resources, and in Falcon's own app for every route."""
    read = response_reader(build.app)
    state: State = build.app.store(State)
    options = state.resp_options
    kind: Any = state.response_type or Response

    def direct(connection: Connection, value: Any) -> Optional[RawResponse]:
        if value is not None and value is not DONE and (not is_pure or isinstance(value, KernelResponse)):
            return None
        views = connection.facades
        response = views[kind] if views and kind in views else read(connection)
        own = response.__dict__
        if len(own) != 2 or own.get("media") is None:
            return response.render_raw()
        # PERF: `whole` written out for a responder that set `media` and nothing else
        media_type = options.default_media_type
        handlers = options.media_handlers
        handler = handlers.by_type.get(media_type)
        if type(handler) is JSONHandler and handler.is_plain:
            body = dumps(own["media"])
        else:
            body = handlers.write(own["media"], media_type)
        return 200, [type_header(media_type), length_header(len(body))], body

    is_pure = build.app.paradigm == "falcon"
    # a subclass that writes responses in its own way is asked for them
    is_own = kind.render is Response.render and kind.to_kernel is Response.to_kernel
    directly = direct if is_own else None
    if is_pure:
        is_held = state.changes_responses

        def render_view(connection: Connection, value: Any) -> KernelResponse:
            if isinstance(value, KernelResponse):
                return value
            return read(connection).hold() if is_held else read(connection).to_kernel()

        return ReturnHandler(render_view, render_raw=directly)
    if route.paradigm != "falcon":
        return None

    def render_or_convert(connection: Connection, value: Any) -> KernelResponse:
        if value is None or value is DONE:
            return read(connection).to_kernel()
        return to_response(connection, value)

    return ReturnHandler(render_or_convert, render_raw=directly)


async def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Call what may be synchronous, on the event loop, and await what it gives."""
    value = function(*args, **kwargs)
    return await value if inspect.isawaitable(value) else value
