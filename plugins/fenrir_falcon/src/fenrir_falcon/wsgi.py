"""An app as a WSGI callable: synchronous code runs in the thread of the WSGI server, as on Falcon.

An app that is synchronous throughout needs no event loop: the coroutine of a route has nothing to wait for, so that
its first step is its last. Any other app is served by the bridge of `fenrir_wsgi`, on an event loop of its own.
"""

from __future__ import annotations

import inspect
import threading
from typing import Any, Iterable, List, Optional

from fenrir_core import App, Mount
from fenrir_core.authoring import ASGIApp, Message, RouterLike, is_served_by, open_without_loop
from fenrir_wsgi import Environ, StartResponse, WSGICallable, as_wsgi

from .decorators import is_synchronous
from .resource_methods import map_http_methods
from .state import State
from .status_codes import code_to_http_status
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

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        if self._bridge is None and not is_served_by(self._app, self._table):
            self._prepare()
        if self._bridge is not None:
            return self._bridge(environ, start_response)
        scope = scope_of(environ)
        messages: List[Message] = []

        async def send(message: Message) -> None:
            messages.append(message)

        receive, found = _Input(environ), None
        assert self._router is not None
        if not scope["root_path"]:
            # PERF: the look-up of the app in this frame, without what only a server of ASGI can ask for, 700 ns
            methods = self._router.static.get(scope["path"])
            found = None if methods is None else methods.get(scope["method"])
            if found is None:
                match = self._router.match(scope["method"], scope["path"])
                found = None if match[0] is None else (match[0], match[1])
        if found is None:
            _finish(self._serve(scope, receive, send))
        else:
            _finish(found[0].call(scope, receive, send, found[1].copy()))
        head = messages[0]
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head["headers"]]
        start_response(code_to_http_status(head["status"]), headers)
        body: Optional[Iterable[bytes]] = scope.get(BODY)
        if body is None:
            return [messages[1]["body"]] if len(messages) == 2 else [item.get("body", b"") for item in messages[1:]]
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
        self._bridge = as_wsgi(self._app)

    def _start(self) -> bool:
        """Build and start the app without an event loop, and return whether that can serve it."""
        app, state = self._app, self._app.store(State)
        if (app.is_started and not state.is_direct) or not is_synchronous_app(app):
            return False
        if not state.is_direct:
            self._set_direct(True)
        table = open_without_loop(app)
        if table is not None:
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


def _finish(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing.

    Raises:
        RuntimeError: It waits for something.
    """
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError(
        "Code that was called by a WSGI server awaits something, but there is no event loop. Make the responder, or "
        "what it calls, a coroutine function, or serve the app by an ASGI server."
    )


class _Input:
    """The request's body as ASGI messages, for what is not Falcon's and reads it so."""

    def __init__(self, environ: Environ) -> None:
        self._environ = environ
        self._is_read = False

    async def __call__(self) -> Message:
        if self._is_read:
            return {"type": "http.disconnect"}
        self._is_read = True
        length = self._environ.get("CONTENT_LENGTH") or "0"
        size = int(length) if str(length).isdigit() else 0
        body = self._environ["wsgi.input"].read(size) if size else b""
        return {"type": "http.request", "body": body, "more_body": False}
