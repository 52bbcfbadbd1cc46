"""The response that is sent when a responder has returned."""

from __future__ import annotations

import inspect
from typing import Any, Awaitable, Callable, Optional

from fenrir_core import App, Build, Connection, ReturnHandler, Route
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import RawResponse, dumps, length_header, negotiated, to_response

from .media import MediaTypeHandler
from .media.base import is_written_async
from .response import PENDING, Response, response_of, response_reader
from .response_headers import content_type_header
from .state import State

#: What a step returns if the response is complete and the endpoint must not run.
DONE: Any = object()


def render(connection: Connection, value: Any = None) -> KernelResponse:
    """Return the kernel's response: the value if it is one, else what the response object contains."""
    return value if isinstance(value, KernelResponse) else response_of(connection).to_kernel()


def make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Return the handler for the routes of resources, and in Falcon's own app for every route."""
    read = response_reader(build.app)
    state: State = build.app.store(State)
    options = state.resp_options
    _add_media_types(build.app, state)
    negotiates = bool(build.app.media_types.by_name)
    kind: Any = state.response_type or Response

    def render_raw(connection: Connection, value: Any) -> Optional[RawResponse]:
        if value is not None and value is not DONE and (not is_pure or isinstance(value, KernelResponse)):
            return None
        response = read(connection)
        own = response.__dict__
        if len(own) != 3:
            return response.render_raw()
        # PERF: `render_raw` in one frame, for a responder that set `media` or `text` and nothing else
        media = own.get("media")
        if media is None:
            text = own.get("text")
            if type(text) is not str or not is_pure:
                return response.render_raw()
            body = text.encode()
            return 200, [content_type_header(options.default_media_type), length_header(len(body))], body
        header = options.media_handlers.json_headers.get(options.default_media_type)
        if header is None:
            return response.render_raw()
        body = dumps(media)
        return 200, [header, length_header(len(body))], body

    is_pure = build.app.paradigm == "falcon"
    raw = render_raw if renders_as_falcon(state) and not negotiates else None
    if is_pure:
        is_provisional = bool(state.component_methods("process_response"))

        def render_response(connection: Connection, value: Any) -> KernelResponse:
            if isinstance(value, KernelResponse):
                return value
            return PENDING if is_provisional else read(connection).to_kernel()

        awaited = _awaited(kind, state, read, render_response)
        if awaited is not None:
            return ReturnHandler(awaited, is_async=True, negotiates=True)
        return ReturnHandler(render_response, render_raw=raw, negotiates=True)
    if route.paradigm != "falcon":
        return None

    def render_or_convert(connection: Connection, value: Any) -> KernelResponse:
        if value is None or value is DONE:
            return read(connection).to_kernel()
        return negotiated(connection, to_response(connection, value), value)

    return ReturnHandler(render_or_convert, render_raw=raw, negotiates=True)


def renders_as_falcon(state: State) -> bool:
    """Return whether the class of responses leaves to its base how a response is rendered."""
    kind: Any = state.response_type or Response
    return kind.render is Response.render and kind.to_kernel is Response.to_kernel


def _awaited(
    kind: Any,
    state: State,
    read: Callable[[Connection], Response],
    render_response: Callable[[Connection, Any], KernelResponse],
) -> Optional[Callable[[Connection, Any], Awaitable[KernelResponse]]]:
    """Return what renders a response whose class or media handlers are asynchronous; None where all are not."""
    options = state.resp_options
    if not kind.render_body.__module__.startswith(__name__.partition(".")[0]):

        async def render_own(connection: Connection, value: Any) -> KernelResponse:
            response = read(connection)
            if not isinstance(value, KernelResponse) and response.sse is None and response.stream is None:
                body = await call(response.render_body)
                response.content_type = response.content_type or options.default_media_type
                response.text, response.media, response.data = None, None, body
            return render_response(connection, value)

        return render_own
    if not any(map(is_written_async, options.media_handlers.by_type.values())):
        return None

    async def render_async(connection: Connection, value: Any) -> KernelResponse:
        await prerender(read(connection))
        return render_response(connection, value)

    return render_async


def _add_media_types(app: App, state: State) -> None:
    """Add a media handler for each media type of plugins, unless the app's author has one."""
    for name, item in app.media_types.by_name.items():
        for handlers in (state.req_options.media_handlers, state.resp_options.media_handlers):
            handlers.setdefault(name, MediaTypeHandler(name, item.loads, item.dumps))


async def prerender(response: Response) -> None:
    """Write `media` by a handler that is only asynchronous, so that `render` finds its bytes."""
    if response.text is None and response.data is None and response.media is not None:
        handler = response._handler()
        if is_written_async(handler):
            kind = response.content_type or response.options.default_media_type
            response.content_type = kind
            response._rendered = response.media, bytes(await handler.serialize_async(response.media, kind))


async def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a function on the event loop and await its result if it is awaitable."""
    value = function(*args, **kwargs)
    return await value if inspect.isawaitable(value) else value
