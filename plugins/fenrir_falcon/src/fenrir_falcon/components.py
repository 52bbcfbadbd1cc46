"""The steps of middleware components: those before a resource is found and called, and those after it."""

from __future__ import annotations

import inspect
from typing import Any, Awaitable, Callable, List, Optional, Tuple

from fenrir_core import App, Call, Connection, Route
from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core import Request as KernelRequest
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import get_logger

from .error_handling import compose_error, compose_status, translate
from .exceptions import HTTPInternalServerError
from .http_error import HTTPError
from .redirects import HTTPStatus
from .request import Request, request_reader
from .response import PENDING, Response, response_reader
from .return_values import DONE, call, renders_as_falcon
from .sinks import try_all
from .state import State
from .status_codes import code_to_http_status

logger = get_logger("fenrir.error")
#: A method of a component, and whether it is a coroutine function.
_Step = Tuple[Callable[..., Any], bool]


def _with_kinds(steps: List[Callable[..., Any]]) -> List[_Step]:
    """Return steps, each with whether it is a coroutine function."""
    return [(step, inspect.iscoroutinefunction(step)) for step in steps]


def before_step(route: Route, app: App) -> Optional[Call]:
    """Return the step for requests, or None if no component has a method for it."""
    state = app.store(State)
    on_request = state.component_methods("process_request")
    has_resource = not route.fallback and route.mount is None
    on_resource = state.component_methods("process_resource") if has_resource else []
    if not on_request and not on_resource and state.independent_middleware:
        return None
    resource = state.resources.get(route.endpoint)
    read_request, read_response = request_reader(app), response_reader(app)
    is_pure = app.paradigm == "falcon"
    before, with_resource = _with_kinds(on_request), _with_kinds(on_resource)
    reads_sync = (
        state.is_wsgi and not state.is_direct and not all(is_async for _, is_async in [*before, *with_resource])
    )
    in_order = None
    if not state.independent_middleware:
        in_order, before = _by_component(state, "process_request"), []

    async def process_request(connection: Connection) -> Any:
        request, response = read_request(connection), read_response(connection)
        if in_order is not None and await _run_in_order(in_order, request, response):
            return DONE
        for step, is_async in before:
            if is_async:  # PERF: decided at the build, 300 ns a step
                await step(request, response)
            else:
                found_value = step(request, response)
                if found_value is not None:
                    await _awaited(found_value)
            if response.complete:
                return DONE
        if is_pure and "path" in request.__dict__ and request.is_rerouted():
            return await try_all(connection)
        for step, is_async in with_resource:
            if is_async:
                await step(request, response, resource, connection.path_params)
            else:
                found_value = step(request, response, resource, connection.path_params)
                if found_value is not None:
                    await _awaited(found_value)
            if response.complete:
                return DONE
        return None

    if reads_sync:
        return Call(_reading_bodies(process_request, read_request), "async")
    return Call.of(process_request)


#: The headers that say that a request has a body (RFC 9112, section 6.3).
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


def _reading_bodies(
    process: Callable[[Connection], Awaitable[Any]], read_request: Callable[[Connection], Request]
) -> Callable[[Connection], Awaitable[Any]]:
    """Return a step that reads the body of a request that has one before the synchronous components run."""

    async def process_with_body(connection: Connection) -> Any:
        request = read_request(connection)
        try:
            await _prepare_sync(connection, request)
            return await process(connection)
        finally:
            request.is_sync = False

    def process_sync(connection: Connection) -> Awaitable[Any]:
        # PERF: it gives the coroutine of the usual request, which has no body, instead of awaiting it, 2 us
        for name, _ in connection.scope["headers"]:
            if name in _FRAMING:
                return process_with_body(connection)
        return process(connection)

    return process_sync


async def _awaited(value: Any) -> None:
    """Await what a synchronous step has returned, if that is needed."""
    if inspect.isawaitable(value):
        await value


async def _prepare_sync(connection: Connection, request: Request) -> None:
    """Read the body, if there is one, so that synchronous components can use it."""
    assert isinstance(connection, KernelRequest)
    headers = connection.headers
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if has_body and not connection.is_loaded:
        await request.load()
    request.is_sync = has_body or request.is_sync


def _by_component(state: State, name: str) -> List[Optional[Callable[..., Any]]]:
    """Return a method of each component; None for those that have none."""
    return [state.method_of(item, name) for item in state.middleware]


async def _run_in_order(steps: List[Optional[Callable[..., Any]]], request: Request, response: Response) -> bool:
    """Run `process_request` of all components, keep whose `process_response` is to run, and return if that is all."""
    for index, step in enumerate(steps):
        if step is not None and not response.complete:
            await call(step, request, response)
        request.reached = index + 1
    return response.complete


def after_step(route: Route, app: App) -> Optional[Call]:
    """Return the step for responses, or None if no component has a method for it."""
    state = app.store(State)
    kinds = _with_kinds(state.component_methods("process_response")[::-1])
    if not kinds:
        return None
    resource = state.resources.get(route.endpoint)
    read_request, read_response = request_reader(app), response_reader(app)
    is_standard = renders_as_falcon(state)
    # of each step, how many components have begun where its own has
    places = [place for place, step in enumerate(_by_component(state, "process_response"), 1) if step is not None]
    reached = None if state.independent_middleware else list(zip(places[::-1], kinds))

    async def process_response(connection: Connection, response: KernelResponse) -> Optional[KernelResponse]:
        request, facade = read_request(connection), read_response(connection)
        is_foreign = False
        if response is PENDING:
            succeeded = True
        elif response is facade.sent:
            succeeded = not facade.is_error
            facade.discard_rendering()  # components may change `media` in place
        else:  # such as a file, or one of the kernel
            is_foreign = True
            succeeded = response.status < 400 and (route.fallback in (0, 200) or request.is_served)
            facade.status = code_to_http_status(response.status)
            facade.raw_headers[:] = response.raw_headers
        found = request.resource or resource
        steps = kinds if reached is None else [step for place, step in reached if place <= request.reached]
        for step, is_async in steps:
            try:
                if is_async:
                    await step(request, facade, found, succeeded)
                else:
                    found_value = step(request, facade, found, succeeded)
                    if found_value is not None:
                        await _awaited(found_value)
            except Exception as error:  # COMPAT: as in Falcon, the other components run too
                succeeded, is_foreign = False, False
                await answer_with(request, facade, error)
        if not is_foreign:
            return facade.to_deferred() if is_standard else facade.to_kernel()
        response.status = facade.status_code
        response.raw_headers[:] = facade.raw_headers
        return None

    return Call.of(process_response)


async def answer_with(request: Request, response: Response, error: Exception) -> None:
    """Write what a component has raised into the response."""
    connection = request._connection
    handlers = connection.app.store(State).error_handlers if connection.app.paradigm == "falcon" else {}
    handler = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
    if handler is not None:
        try:
            await call(handler, request, response, error, connection.path_params)
            return
        except Exception as raised:
            error = raised
    if isinstance(error, HTTPStatus):
        compose_status(response, error)
        return
    if not isinstance(error, KernelHTTPError):
        logger.error("a middleware component failed", exc_info=error)
    if isinstance(error, KernelHTTPError) and not isinstance(error, HTTPError):
        error = translate(error)
    compose_error(request, response, error if isinstance(error, HTTPError) else HTTPInternalServerError())
