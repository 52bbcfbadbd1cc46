"""Routes of a synchronous app as plain functions, which serve the requests of a WSGI server without a coroutine.

Such a function is made of a route's plan where all steps of the plan are Falcon's: a responder, and components of
middleware. Any other step, such as a plugin's, leaves the route to its compiled coroutine; so does an unusual request.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple, Type

from fenrir_core import App, PathValue
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import RawResponse, check_header, current, dumps, finish, handle_error, known_hosts, respond
from fenrir_wsgi import Environ

from .components import after_step, answer_with
from .request import Request, plain_request_kind, request_reader
from .response import Response, plain_response_kind, response_reader
from .return_values import renders_as_falcon
from .sinks import try_all
from .state import State
from .status_codes import HTTP_200, code_to_http_status
from .wsgi_connection import Answer, WSGIConnection, finished

#: The values of a request's path.
Params = Dict[str, Any]
#: Serves a request whose path has these values; None where the compiled route has to.
PlainRoute = Callable[[Environ, Params], Optional[Answer]]
#: Returns what is sent of a response; None where that is not only status, headers and bytes.
_Render = Callable[[Response], Optional[Answer]]
_Steps = List[Callable[..., Any]]
_new: Callable[[Type[WSGIConnection]], WSGIConnection] = object.__new__
_new_object: Callable[[Any], Any] = object.__new__


def plain_route(app: App, target: Any) -> Optional[PlainRoute]:
    """Return a function that serves a compiled route's requests; None if its plan has steps that are not Falcon's.

    Args:
        app: The app, which is synchronous throughout.
        target: The compiled route.
    """
    if not _is_plain(app, target):
        return None
    state = app.store(State)
    names = ("process_request", "process_resource", "process_response")
    before, with_resource, after = (state.component_methods(name) for name in names)
    render = _renderer(state)
    if before or with_resource or after:
        return _with_components(app, target, render, before, with_resource, after[::-1])
    return _without_components(app, target, render)


def plain_fallback(app: App) -> Optional[PlainRoute]:
    """Return a function that answers what no route serves; None if anything but the error of Falcon is to be tried."""
    target: Any = app.fallback_route
    hooks = [] if target.plan is None else target.plan.hooks
    if [(given.by.plugin, given.value.name) for given in hooks] != [("falcon", "falcon errors")]:
        return None
    step, is_sound = hooks[0].value.before.function, _head_check(app, target)
    enter, leave = current.set, current.reset

    def serve(environ: Environ, params: Params) -> Optional[Answer]:
        if environ["REQUEST_METHOD"] not in _PLAIN or not is_sound(environ):
            return None
        connection = _new(WSGIConnection)
        connection.environ, connection.path_params, connection.compiled_route = environ, params, target
        entered = enter(connection)
        try:
            response = step(connection)
            return None if response is None else _sent(connection, response)
        finally:
            leave(entered)
            connection.set_facades(None)

    return serve


def _is_plain(app: App, target: Any) -> bool:
    plan, state = target.plan, app.store(State)
    if plan is None or plan.route.fallback or plan.route.mount is not None or not _PLAIN.issuperset(plan.route.methods):
        return False
    if target.admission is not None or target.encoders is not None or target.media_types is not None:
        return False
    if any(given.by.plugin != "falcon" or given.value.name != "falcon middleware" for given in plan.hooks):
        return False
    if not state.independent_middleware or not renders_as_falcon(state):
        return False
    if plan.return_handler_by.plugin != "falcon" or plan.return_handler.is_async:
        return False
    root = plan.root
    if root.batches or root.before or root.generator or root.call.mode == "async" or len(root.inputs) < 2:
        return False
    readers = [getattr(item.resolver, "read", None) for item in root.inputs[:2]]
    return readers == [request_reader(app), response_reader(app)] and _takes_path(root.inputs[2:], target.path_names)


#: The methods whose responses have a body, and no rules of their own.
_PLAIN = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def _takes_path(inputs: Sequence[Any], names: Any) -> bool:
    """Return whether arguments are the values of the path, all of them and nothing else, and can be passed by name."""
    taken = {item.param.name for item in inputs if isinstance(item.resolver, PathValue)}
    takes_rest = any(item.param.kind is inspect.Parameter.VAR_KEYWORD for item in inputs)
    rest = [item for item in inputs if not isinstance(item.resolver, PathValue)]
    if any(item.param.kind is not inspect.Parameter.VAR_KEYWORD for item in rest):
        return False
    if any(item.param.kind is inspect.Parameter.POSITIONAL_ONLY for item in inputs):
        return False
    return takes_rest or taken == set(names)


def _without_components(app: App, target: Any, render: _Render) -> PlainRoute:
    responder = target.plan.root.call.function

    def answer_to(connection: WSGIConnection, request: Request, response: Response, params: Params) -> Answer:
        try:
            value = responder(request, response, **params)
            answer = None
            if not connection.has_start_steps and (value is None or not isinstance(value, KernelResponse)):
                answer = render(response)
        except BaseException as error:
            value = finished(handle_error(connection, error))
            answer = None
        if answer is None:
            answer = _sent(connection, value if isinstance(value, KernelResponse) else response.to_kernel())
        return answer

    return _served(app, target, answer_to)


def _with_components(
    app: App, target: Any, render: _Render, before: _Steps, with_resource: _Steps, after: _Steps
) -> PlainRoute:
    resource = app.store(State).resources.get(target.route.endpoint)
    run = _runner(target, resource, before, with_resource)
    finish_foreign = after_step(target.route, app)

    def conclude(connection: WSGIConnection, value: KernelResponse) -> Answer:
        if finish_foreign is not None:
            try:
                changed = finished(finish_foreign.function(connection, value))
                value = value if changed is None else changed
            except BaseException as error:
                value = finished(handle_error(connection, error))
        return _sent(connection, value)

    def answer_to(connection: WSGIConnection, request: Request, response: Response, params: Params) -> Answer:
        try:
            value = run(request, response, params)
        except BaseException as error:
            value = finished(handle_error(connection, error))
        if value is not None and isinstance(value, KernelResponse):
            return conclude(connection, value)
        succeeded = True
        for step in after:
            try:
                step(request, response, resource, succeeded)
            except Exception as error:  # COMPAT: as in Falcon, the other components run too
                succeeded = False
                finished(answer_with(request, response, error))
        return _rendered(connection, response, render)

    return _served(app, target, answer_to)


def _served(app: App, target: Any, answer_to: Callable[..., Answer]) -> PlainRoute:
    """Return a function that makes the connection of a request for `answer_to`, and ends it."""
    is_sound, begin = _head_check(app, target), _beginner(app, target)
    enter, leave = current.set, current.reset

    def serve(environ: Environ, params: Params) -> Optional[Answer]:
        if not is_sound(environ):
            return None
        connection, request, response = begin(environ, params)
        entered = enter(connection)
        try:
            answer = answer_to(connection, request, response, params)
            if connection.has_cleanups:
                finished(finish(connection, None))
            return answer
        except BaseException as error:
            if connection.has_cleanups:
                finished(finish(connection, error))
            raise
        finally:
            leave(entered)
            connection.set_facades(None)

    return serve


def _runner(target: Any, resource: Any, before: _Steps, with_resource: _Steps) -> Callable[[Any, Any, Any], Any]:
    """Return a function that runs components and the responder, and returns the kernel's response if there is one."""
    root = target.plan.root
    responder = root.call.function
    names = [item.param.name for item in root.inputs[2:] if isinstance(item.resolver, PathValue)]
    takes_rest = len(names) < len(root.inputs) - 2

    def run(request: Any, response: Any, params: Dict[str, Any]) -> Any:
        for step in before:
            step(request, response)
            if response.complete:
                return None
        if before and "path" in request.__dict__ and request.is_rerouted():
            return finished(try_all(request._connection))
        for step in with_resource:
            step(request, response, resource, params)
            if response.complete:
                return None
        if with_resource and not takes_rest and len(params) != len(names):
            params = {name: params[name] for name in names}  # what components have added, nobody takes
        return responder(request, response, **params)

    return run


def _beginner(app: App, target: Any) -> Callable[[Environ, Params], Tuple[WSGIConnection, Any, Any]]:
    """Return a function that makes the connection of a request, its request and its response."""
    state = app.store(State)
    request_kind, response_kind = plain_request_kind(state), plain_response_kind(state)
    read_request, read_response = request_reader(app), response_reader(app)
    req_options, resp_options = state.req_options, state.resp_options

    def begin(environ: Environ, params: Params) -> Tuple[WSGIConnection, Any, Any]:
        connection = _new(WSGIConnection)
        connection.environ, connection.path_params, connection.compiled_route = environ, params, target
        return connection, read_request(connection), read_response(connection)

    if request_kind is None or response_kind is None:
        return begin

    def begin_usual(environ: Environ, params: Params) -> Tuple[WSGIConnection, Any, Any]:
        # PERF: what the readers do, in one frame, 500 ns
        connection, request, response = _new(WSGIConnection), _new_object(request_kind), _new_object(response_kind)
        connection.environ, connection.path_params, connection.compiled_route = environ, params, target
        request._connection, request.options, request._environ, request.is_sync = connection, req_options, environ, True
        response._connection, response.options = connection, resp_options
        connection.set_facades({request_kind: request, response_kind: response})
        return connection, request, response

    return begin_usual


def _rendered(connection: WSGIConnection, response: Response, render: _Render) -> Answer:
    answer = None
    if not connection.has_start_steps:
        try:
            answer = render(response)
        except Exception:  # `respond` runs into it again, and handles it
            answer = None
    return _sent(connection, response.to_deferred()) if answer is None else answer


def _sent(connection: WSGIConnection, response: KernelResponse) -> Answer:
    """Return what the kernel sends of a response."""
    if not connection.has_start_steps and connection.unhandled is None:
        try:
            raw = response.render_raw()
        except Exception:  # `respond` runs into it again, and handles it
            raw = None
        if raw is not None:
            return _as_text(raw)
    finished(respond(connection, response))
    return connection.answer()


def _as_text(raw: RawResponse) -> Answer:
    status, headers, body = raw
    return _line(status), [(str(name, "latin-1"), str(value, "latin-1")) for name, value in headers], [body]


def _line(status: int) -> str:
    return HTTP_200 if status == 200 else code_to_http_status(status)


def _head_check(app: App, target: Any) -> Callable[[Environ], bool]:
    """Return a function that tells whether a request's head is beyond doubt, as nearly all are.

    Any other is left to the compiled route, which says what is wrong with it, or that nothing is.
    """
    hosts, limits, largest = known_hosts(app), target.limits, target.max_body
    most, longest = limits.max_headers, limits.max_header_size
    if longest == type(limits).max_header_size:  # PERF: the server has such a limit itself; the sum takes 1.7 µs
        longest = None
    seen: Set[str] = set()  # PERF: those of the hosts that are text, 60 ns

    def is_sound(environ: Environ) -> bool:
        host = environ.get("HTTP_HOST")
        if host not in seen:
            raw = None if host is None else host.encode("latin-1", "replace")
            if raw not in hosts:
                return False
            if host is not None:
                if len(seen) > 256:
                    seen.clear()
                seen.add(host)
        if environ.get("CONTENT_LENGTH"):
            length = str(environ["CONTENT_LENGTH"])
            if not length.isdigit() or (largest is not None and (len(length) > 19 or int(length) > largest)):
                return False
        if "HTTP_TRANSFER_ENCODING" in environ or (most is not None and len(environ) > most):
            return False
        return longest is None or sum(len(value) for value in environ.values() if type(value) is str) <= longest

    return is_sound


def _renderer(state: State) -> _Render:
    options = state.resp_options

    def render(response: Response) -> Optional[Answer]:
        # PERF: in one frame, for a responder that set `media` or `text`, headers and nothing else, 1.5 µs
        own = response.__dict__
        written, media = own.get("_headers"), own.get("media")
        text: Any = own.get("text")
        if (media is None) is (type(text) is str) and len(own) == (3 if written is None else 4):
            kind, headers = "", []
            for name, value in () if written is None else written.raw:
                if name == b"content-length":
                    continue
                line = str(value, "latin-1")
                if not line.isprintable():  # it may have been changed from outside
                    check_header(name, value)
                if name == b"content-type":
                    kind = line
                headers.append((str(name, "latin-1"), line))
            if not kind:
                kind = options.default_media_type
                headers.append(("content-type", kind))
            if media is None:
                body = text.encode()
            elif kind in options.media_handlers.json_headers:
                body = dumps(media)
            else:
                body = None
            if body is not None and kind:
                headers.append(("content-length", str(len(body))))
                return HTTP_200, headers, [body]
        raw = response.render_raw()
        return None if raw is None else _as_text(raw)

    return render
