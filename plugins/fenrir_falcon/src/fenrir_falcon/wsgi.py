"""An app as a WSGI callable: synchronous code runs in the thread of the WSGI server, as on Falcon.

An app that is synchronous throughout needs no event loop: the coroutine of a route has nothing to wait for, so that
its first step is its last. Any other app is served by the bridge of `fenrir_wsgi`, on an event loop of its own.
"""

from __future__ import annotations

import inspect
import threading
from typing import Any, Dict, Iterable, List, Optional

from fenrir_core import App, Mount
from fenrir_core.authoring import ASGIApp, Message, RouterLike, is_served_by, open_without_loop
from fenrir_wsgi import Environ, StartResponse, WSGICallable, as_wsgi

from .decorators import is_synchronous
from .resource_methods import map_http_methods
from .state import State
from .wsgi_connection import Answer, Input, answer_of, finished, sender
from .wsgi_routes import PlainRoute, plain_fallback, plain_route
from .wsgi_scope import scope_of
from .wsgi_stream import BODY

_METHODS = ("process_request", "process_resource", "process_response")


class WSGIService:
    """The WSGI side of an app.

    Args:
        app: The app.
        serve: What serves a connection as for a server of ASGI.
    """

    def __init__(self, app: App, serve: ASGIApp) -> None:
        self._app, self._serve = app, serve
        self._lock = threading.Lock()
        #: The build that was found to be synchronous; None before the first request.
        self._table: Optional[object] = None
        self._router: Optional[RouterLike] = None
        self._bridge: Optional[WSGICallable] = None
        #: The routes that are served without their coroutine, by the compiled route.
        self._plain: Dict[Any, PlainRoute] = {}
        #: What answers an unknown path in the same way.
        self._fallback: Optional[PlainRoute] = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        if not is_served_by(self._app, self._table):  # so always, where there is a bridge
            self._prepare()
            if self._bridge is not None:
                return self._bridge(environ, start_response)
        path = environ.get("PATH_INFO") or "/"
        if environ.get("SCRIPT_NAME") or not path.isascii():
            return self._serve_by_app(environ, start_response)
        # PERF: the look-up of the app in this frame, without what only a server of ASGI can ask for, 700 ns
        assert self._router is not None
        method = environ["REQUEST_METHOD"]
        methods = self._router.static.get(path)
        found: Any = None if methods is None else methods.get(method)
        if found is not None:
            target, params = found[0], found[1].copy()
        else:
            target, params, allowed, redirect = self._router.match(method, path)[:4]
            if target is None:
                fallback = None if allowed or redirect is not None else self._fallback
                answer = None if fallback is None else fallback(environ, params)
                if answer is None:
                    return self._serve_by_app(environ, start_response)
                start_response(answer[0], answer[1])
                return answer[2]
        plain = self._plain.get(target)
        answer = None if plain is None else plain(environ, params)
        if answer is None:
            answer = self._compiled(target, environ, params)
        start_response(answer[0], answer[1])
        return answer[2]

    def _compiled(self, target: Any, environ: Environ, params: Dict[str, Any]) -> Answer:
        messages: List[Message] = []
        scope = scope_of(environ)
        finished(target.call(scope, Input(environ), sender(messages), params))
        return answer_of(messages, scope.get(BODY))

    def _serve_by_app(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        messages: List[Message] = []
        scope = scope_of(environ)
        finished(self._serve(scope, Input(environ), sender(messages)))
        status, headers, body = answer_of(messages, scope.get(BODY))
        start_response(status, headers)
        return body

    def leave(self) -> None:
        """Serve by the bridge from now on, since an ASGI server calls the app too."""
        if self._bridge is not None:  # so for each request of the ASGI server but the first
            return
        with self._lock:
            if self._bridge is None:
                self._build_bridge()

    def close(self) -> None:
        """Stop the event loop, if there is one."""
        if self._bridge is not None:
            self._bridge.close()

    def _prepare(self) -> None:
        """Choose how requests are served, by what is registered now."""
        with self._lock:
            if self._bridge is None and not is_served_by(self._app, self._table) and not self._start():
                self._build_bridge()

    def _build_bridge(self) -> None:
        self._set_direct(False)
        self._bridge, self._table = as_wsgi(self._app), None

    def _start(self) -> bool:
        """Build and start the app without an event loop, and return whether that can serve it."""
        app, state = self._app, self._app.store(State)
        if (app.is_started and not state.is_direct) or not is_synchronous_app(app):
            return False
        if not state.is_direct:
            self._set_direct(True)
        table = open_without_loop(app)
        if table is not None:
            made = {target: plain_route(app, target) for target in app.compiled_routes}
            self._plain = {target: plain for target, plain in made.items() if plain is not None}
            self._fallback = plain_fallback(app)
            self._router, self._table = table.router, table
        return table is not None

    def _set_direct(self, is_direct: bool) -> None:
        app, state = self._app, self._app.store(State)
        if state.is_direct == is_direct:
            return
        state.is_direct, state.read_request, state.read_response = is_direct, None, None
        app.settings["nonblocking"] = is_direct or state.is_nonblocking
        app.is_started = False
        if app.is_built:
            app.reopen()


def is_synchronous_app(app: App) -> bool:
    """Return whether an app has nothing that needs an event loop."""
    state: State = app.store(State)
    if not state.is_wsgi or state.has_own_router or state.has_asgi_middleware:
        return False
    if any(isinstance(item, Mount) for item in app.registered):
        return False
    called = [sink for _, sink in state.sinks] + list(state.error_handlers.values())
    for resource, suffix in state.registered:
        found = map_http_methods(resource, suffix, state.router.options.default_to_on_request)
        if "WEBSOCKET" in found or not all(map(is_synchronous, found.values())):
            return False
        called += found.values()
    for component in state.middleware:
        methods = [getattr(component, name, None) for name in _METHODS]
        if not any(map(callable, methods)):
            return False
        called += [method for method in methods if method is not None]
    return not any(inspect.iscoroutinefunction(function) for function in called)
