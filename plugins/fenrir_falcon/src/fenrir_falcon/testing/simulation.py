"""How one request is simulated, on an ASGI or a WSGI application."""

from __future__ import annotations

import asyncio
import inspect
import io
import json as json_module
import time
from importlib import import_module
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional, TextIO, Tuple, Union
from wsgiref.validate import validator

from fenrir_core.authoring import ASGIApp, Scope
from fenrir_wsgi import make_scope

from ..app import App
from ..asgi import App as ASGIFalcon
from ..asgi_spec import ScopeType
from ..constants import MEDIA_JSON, MEDIA_MSGPACK
from ..errors import CompatibilityError
from ..status_codes import code_to_http_status
from ..util.misc import to_query_str
from ..util.sync import run_coroutine
from ..wsgi import is_synchronous_app
from .environments import DEFAULT_HOST, HeaderArg, closed_wsgi_iterable, create_environ, create_scope, header_pairs
from .events import ASGILifespanEventEmitter, ASGIRequestEventEmitter, ASGIResponseEventCollector
from .results import Result, StreamedResult
from .srmock import StartResponseMock

#: Seconds after which the client of an event stream disconnects.
_PATIENCE = 0.25
Prepared = Tuple[str, str, List[Tuple[str, str]], Union[str, bytes, None]]


def is_asgi_app(app: Callable[..., Any]) -> bool:
    """Return whether an application is called with ``(scope, receive, send)``."""
    if isinstance(app, App):
        return isinstance(app, ASGIFalcon)
    return _is_coroutine(app)


def _is_coroutine(app: Any) -> bool:
    target = app if inspect.isroutine(app) else getattr(app, "__call__", app)  # noqa: B004 - the method itself
    return inspect.iscoroutinefunction(target) or inspect.iscoroutinefunction(inspect.unwrap(target))


def prepare(
    path: str,
    query_string: Optional[str],
    params: Optional[Mapping[str, Any]],
    params_csv: bool,
    headers: Optional[HeaderArg],
    content_type: Optional[str],
    body: Union[str, bytes, None],
    json: Any,
    msgpack: Any,
) -> Prepared:
    """Return the path, query, headers and body of a request.

    Raises:
        ValueError: The path is no path, or there are two queries.
    """
    if not path.startswith("/"):
        raise ValueError("path must start with '/'")
    if "?" in path:
        if query_string or params:
            raise ValueError("path may not contain a query string in combination with query_string or params")
        path, _, query_string = path.partition("?")
    if query_string and query_string.startswith("?"):
        raise ValueError("query_string should not start with '?'")
    if params:
        if query_string:
            raise ValueError("query_string and params may not both be given")
        query_string = to_query_str(params, comma_delimited_lists=params_csv, prefix=False)
    pairs = header_pairs(headers)
    if content_type is not None:
        pairs = [pair for pair in pairs if pair[0] != "content-type"]
        pairs.append(("content-type", content_type))
    kind = None
    if json is not None:
        body, kind = json_module.dumps(json, ensure_ascii=False).encode(), MEDIA_JSON
    if msgpack is not None:
        body, kind = import_module("msgpack").packb(msgpack, use_bin_type=True), MEDIA_MSGPACK
    if kind is not None:
        pairs = [pair for pair in pairs if pair[0] != "content-type"] + [("content-type", kind)]
    return path, query_string or "", pairs, body


def simulate_request(
    app: Callable[..., Any],
    method: str = "GET",
    path: str = "/",
    query_string: Optional[str] = None,
    headers: Optional[HeaderArg] = None,
    content_type: Optional[str] = None,
    body: Union[str, bytes, None] = None,
    json: Any = None,
    file_wrapper: Optional[Callable[..., Any]] = None,
    wsgierrors: Optional[TextIO] = None,
    params: Optional[Mapping[str, Any]] = None,
    params_csv: bool = False,
    protocol: str = "http",
    host: str = DEFAULT_HOST,
    remote_addr: Optional[str] = None,
    extras: Optional[Mapping[str, Any]] = None,
    http_version: str = "1.1",
    port: Optional[int] = None,
    root_path: Optional[str] = None,
    cookies: Any = None,
    asgi_chunk_size: int = 4096,
    asgi_disconnect_ttl: int = 300,
    msgpack: Any = None,
) -> Result:
    """Simulate a request and return the response; also inside of a running event loop.

    Args:
        app: An ASGI or a WSGI application.
        method, path, query_string, headers, content_type, body: Parts of the request.
        json, msgpack: A value that is the body, as JSON or MessagePack.
        file_wrapper, wsgierrors: Parts of a WSGI environment.
        params: The fields of the query, a mapping.
        params_csv: Whether a list in `params` is one field with commas.
        protocol, host, port, http_version, remote_addr, root_path, cookies: Parts of the scope or environment.
        extras: Further items of the scope or environment.
        asgi_chunk_size: The most bytes of one event.
        asgi_disconnect_ttl: Seconds until the client disconnects.

    Raises:
        ValueError: An argument can't be part of a request.
    """
    options: Dict[str, Any] = {
        "query_string": query_string, "headers": headers, "content_type": content_type, "body": body, "json": json,
        "params": params, "params_csv": params_csv, "protocol": protocol, "host": host, "remote_addr": remote_addr,
        "extras": extras,
        "http_version": http_version, "port": port, "root_path": root_path, "cookies": cookies, "msgpack": msgpack,
    }  # fmt: skip
    if not is_asgi_app(app):
        return _simulate_wsgi(app, _environ(method, path, file_wrapper, wsgierrors, **options))

    async def simulate() -> Result:
        async with LifespanOf(app):
            options.update(asgi_chunk_size=asgi_chunk_size, asgi_disconnect_ttl=asgi_disconnect_ttl)
            return await serve(app, *make_scope_and_events(method, path, **options))

    return run_coroutine(simulate)


def _environ(
    method: str, path: str, file_wrapper: Any, wsgierrors: Any, *, protocol: str, extras: Any, **options: Any
) -> Dict[str, Any]:
    prepared = _prepare(path, options)
    names = ("http_version", "host", "port", "remote_addr", "root_path", "cookies")
    environ = create_environ(
        prepared[0], prepared[1], scheme=protocol, headers=prepared[2], body=prepared[3] or b"", method=method,
        wsgierrors=wsgierrors, file_wrapper=file_wrapper, **{name: options[name] for name in names},
    )  # fmt: skip
    if "REQUEST_METHOD" in (extras or {}) and extras["REQUEST_METHOD"] != method:
        raise ValueError("WSGI environ extras may not override the request method")
    environ.update(extras or {})
    return environ


def make_scope_and_events(
    method: str = "GET",
    path: str = "/",
    *,
    protocol: str = "http",
    extras: Optional[Mapping[str, Any]] = None,
    asgi_chunk_size: int = 4096,
    asgi_disconnect_ttl: float = 300,
    file_wrapper: Any = None,
    wsgierrors: Any = None,
    **options: Any,
) -> Tuple[Dict[str, Any], ASGIRequestEventEmitter]:
    """Return the scope and the events of a request; the arguments are those of `simulate_request`."""
    path, query, headers, body = _prepare(path, options)
    data = body.encode() if isinstance(body, str) else body
    names = ("http_version", "host", "port", "remote_addr", "root_path", "cookies")
    scope = create_scope(
        path, query, method, headers, scheme=protocol, content_length=None if data is None else len(data),
        **{name: options[name] for name in names if options.get(name) is not None},
    )  # fmt: skip
    if "method" in (extras or {}) and (extras or {})["method"] != method.upper():
        raise ValueError("ASGI scope extras may not override the request method")
    scope.update(extras or {})
    return scope, ASGIRequestEventEmitter(data, asgi_chunk_size, time.time() + asgi_disconnect_ttl)


def _prepare(path: str, options: Dict[str, Any]) -> Prepared:
    names = ("query_string", "params", "params_csv", "headers", "content_type", "body", "json", "msgpack")
    given: Dict[str, Any] = {name: options.get(name) for name in names}
    return prepare(path, **given)


class LifespanOf:
    """The lifespan of an ASGI application: started and stopped by ``async with``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._task: Any = None

    async def __aenter__(self) -> None:
        self._condition = asyncio.Condition()
        self._emitter = ASGILifespanEventEmitter(self._condition)
        self._collector = ASGIResponseEventCollector()
        scope = {"type": ScopeType.LIFESPAN, "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._task = asyncio.ensure_future(self._app(scope, self._emitter, self._collector))
        await self._wait(1)

    async def __aexit__(self, *error: Optional[BaseException]) -> None:
        if not self._task.done():
            async with self._condition:
                self._condition.notify()
            await self._wait(2)
            await self._task

    async def _wait(self, count: int) -> None:
        """Wait until the application has sent an event for the start (1) or the shutdown (2)."""
        while len(self._collector.events) < count:
            if self._task.done():
                await self._task
                return
            await asyncio.sleep(0)
        event = self._collector.events[count - 1]
        if event["type"].endswith(".failed"):
            await asyncio.wait([self._task], timeout=1)
            raise RuntimeError(f"ASGI app returned {event['type']}. {event.get('message')}")


async def serve(app: ASGIApp, scope: Scope, emitter: ASGIRequestEventEmitter) -> Result:
    """Call an ASGI application for one request and return the response."""
    if emitter.disconnected:
        await _run(app(scope, emitter, ASGIResponseEventCollector()))
        raise ConnectionError("The client disconnected before the response.")
    collector = ASGIResponseEventCollector()
    task = asyncio.ensure_future(_run(app(scope, emitter, collector)))
    done = await asyncio.wait([task], timeout=_PATIENCE)
    while not done[0]:
        if any(name == "content-type" and value.startswith("text/event-stream") for name, value in collector.headers):
            emitter.disconnect()  # an event stream may have no end
        done = await asyncio.wait([task], timeout=_PATIENCE)
    task.result()
    return Result(collector.body_chunks, code_to_http_status(collector.status or 500), collector.headers)


async def serve_streamed(app: ASGIApp, scope: Scope, emitter: ASGIRequestEventEmitter) -> StreamedResult:
    """Call an ASGI application for one request and return the response when it has begun."""
    collector = ASGIResponseEventCollector()
    task = asyncio.ensure_future(_run(app(scope, emitter, collector)))
    while collector.status is None:
        if task.done():
            task.result()
            raise RuntimeError("The application sent no response.")
        await asyncio.sleep(0)
    status = code_to_http_status(collector.status)
    return StreamedResult(collector.body_chunks, status, collector.headers, task, emitter)


async def _run(call: Awaitable[None]) -> None:
    await call


def _simulate_wsgi(app: Any, environ: Dict[str, Any]) -> Result:
    if isinstance(app, App) and not is_synchronous_app(app):
        source = environ["wsgi.input"]
        body = source.getvalue() if isinstance(source, io.BytesIO) else b""

        async def simulate() -> Result:
            async with LifespanOf(app):
                return await serve(app, make_scope(environ), ASGIRequestEventEmitter(body, 65536, time.time() + 300))

        return run_coroutine(simulate)
    response = StartResponseMock()
    start: Any = response
    chunks = list(closed_wsgi_iterable(validator(app)(environ, start)))
    assert response.status is not None
    return Result(chunks, response.status, response.headers or ())


def check_lifespan(app: Callable[..., Any]) -> None:
    """Raise if an application has no lifespan events.

    Raises:
        CompatibilityError: It is a WSGI application.
    """
    if not is_asgi_app(app):
        raise CompatibilityError("ASGIConductor may only be used with an ASGI app")
