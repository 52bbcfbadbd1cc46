"""Error responses for the usual case: JSON by the app's own handler, for a client that accepts everything.

Whatever is unusual, in the app or in the request, is left to `error_handling`. What is written is the same.
"""

from __future__ import annotations

from typing import Any, Callable, FrozenSet, List, Optional, Tuple, Type

from fenrir_core import App, Build, Call, Connection, Route, RouteHook
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import RawHeaders, dumps, encode_header, has_error_format, record

from .constants import MEDIA_JSON
from .exceptions import HTTPMethodNotAllowed, HTTPRouteNotFound
from .http_error import HTTPError
from .resource_methods import is_method
from .state import State
from .status_codes import http_status_to_code

_ANY_TYPE = (b"*/*", b"")
_VARY = (b"vary", b"Accept")
#: What an error must not set itself.
_WRITTEN = frozenset((b"vary", b"content-type", b"content-length", b"set-cookie"))
_new: Callable[[Type[KernelResponse]], KernelResponse] = object.__new__


def writer(app: App) -> Optional[Callable[[Connection, HTTPError], Optional[KernelResponse]]]:
    """Return a function that writes an error where nothing is unusual; None where middleware changes responses."""
    state = app.store(State)
    if state.component_methods("process_response"):
        return None
    options = state.resp_options

    def write(connection: Connection, error: HTTPError) -> Optional[KernelResponse]:
        header = options.media_handlers.json_headers.get(MEDIA_JSON)
        if header is None or state.serializer is not None or has_error_format(app):
            return None
        if not accepts_anything(connection) or type(error).to_dict is not HTTPError.to_dict:
            return None
        if type(error).to_json is not HTTPError.to_json:
            return None
        headers: RawHeaders = [encode_header(name, value) for name, value in error.header_pairs]
        if headers and not _WRITTEN.isdisjoint(name for name, _ in headers):
            return None
        return _response(http_status_to_code(error.status), [*headers, _VARY, header], dumps(error.to_dict()))

    return write


def accepts_anything(connection: Connection) -> bool:
    """Return whether the request is HTTP and has no `Accept`, or one of ``*/*``."""
    scope = connection.scope
    if scope["type"] != "http":
        return False
    if "wsgi.environ" in scope:  # PERF: without reading the other headers, 2 µs
        return scope["wsgi.environ"].get("HTTP_ACCEPT", "") in ("*/*", "")
    for name, value in scope["headers"]:
        if name == b"accept":
            return value in _ANY_TYPE
    return True


def _response(status: int, headers: RawHeaders, body: bytes) -> KernelResponse:
    found = _new(KernelResponse)  # PERF: without `__init__`, 400 ns
    found.body, found.status, found.background, found.raw_headers = body, status, None, headers
    return found


def route_hooks(route: Route, build: Build) -> List[RouteHook]:
    """Return the step that answers what no route serves, in an app that has no handlers for it of its own."""
    state = build.app.store(State)
    kind: Any = {404: HTTPRouteNotFound, 405: HTTPMethodNotAllowed}.get(route.fallback)
    if build.app.paradigm != "falcon" or kind is None or state.finds_more(route.fallback):
        return []
    write = writer(build.app)
    if write is None or any(item in state.error_handlers for item in kind.__mro__):
        return []
    prepared: Any = {}

    def answer(connection: Connection) -> Optional[KernelResponse]:
        if kind is HTTPMethodNotAllowed and not is_method(connection.scope["method"]):
            return None
        allowed: Tuple[str, ...] = connection.path_params.get("allowed", ())
        error = prepared.get(allowed)
        if error is None:
            error = HTTPRouteNotFound() if kind is HTTPRouteNotFound else HTTPMethodNotAllowed(without_options(allowed))
            if len(prepared) < 64:
                prepared[allowed] = error
        found = write(connection, error)
        if found is not None:
            record(connection.scope, error)
        return found

    return [RouteHook("falcon errors", Call(answer, "inline"), order="inner")]


def without_options(allowed: Any) -> List[str]:
    """Return allowed methods as Falcon names them: sorted, `OPTIONS` at the end if it is there."""
    methods: FrozenSet[str] = frozenset(allowed)
    return [*sorted(methods - {"OPTIONS"}), *sorted(methods & {"OPTIONS"})]
