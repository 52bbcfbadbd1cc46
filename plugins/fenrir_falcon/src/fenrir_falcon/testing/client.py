"""Clients that simulate requests: `TestClient`, `ASGIConductor`, and a function for each method."""

from __future__ import annotations

from typing import Any, AsyncContextManager, Callable, Dict, Mapping, Optional

from .environments import create_scope_ws
from .results import Cookie, Result, ResultBodyStream, StreamedResult
from .simulation import LifespanOf, check_lifespan, make_scope_and_events, serve, serve_streamed, simulate_request
from .websocket import ASGIWebSocketSimulator, WSContextManager

__all__ = [
    "ASGIConductor",
    "Cookie",
    "Result",
    "ResultBodyStream",
    "StreamedResult",
    "TestClient",
    "simulate_delete",
    "simulate_get",
    "simulate_head",
    "simulate_options",
    "simulate_patch",
    "simulate_post",
    "simulate_put",
    "simulate_request",
]


def _function(method: str) -> Callable[..., Result]:
    def simulate(app: Callable[..., Any], path: str, **kwargs: Any) -> Result:
        return simulate_request(app, method, path, **kwargs)

    simulate.__name__ = simulate.__qualname__ = f"simulate_{method.lower()}"
    simulate.__doc__ = f"Simulate a {method} request and return the response; see `simulate_request`."
    return simulate


simulate_get = _function("GET")
simulate_head = _function("HEAD")
simulate_post = _function("POST")
simulate_put = _function("PUT")
simulate_options = _function("OPTIONS")
simulate_patch = _function("PATCH")
simulate_delete = _function("DELETE")


def _method(method: str) -> Any:
    def simulate(self: Any, path: str = "/", **kwargs: Any) -> Any:
        return self.simulate_request(method, path, **kwargs)

    simulate.__name__ = f"simulate_{method.lower()}"
    simulate.__doc__ = f"Simulate a {method} request and return the response; see `simulate_request`."
    return simulate


def _alias(name: str) -> Any:
    def call(client: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(client, name)(*args, **kwargs)

    call.__doc__ = f"Do what `{name}` does, which a subclass may override."
    return call


class _Methods:
    app: Any
    _default_headers: Optional[Mapping[str, str]] = None

    simulate_get = _method("GET")
    simulate_head = _method("HEAD")
    simulate_post = _method("POST")
    simulate_put = _method("PUT")
    simulate_options = _method("OPTIONS")
    simulate_patch = _method("PATCH")
    simulate_delete = _method("DELETE")
    delete = _alias("simulate_delete")
    get = _alias("simulate_get")
    head = _alias("simulate_head")
    options = _alias("simulate_options")
    patch = _alias("simulate_patch")
    post = _alias("simulate_post")
    put = _alias("simulate_put")
    request = _alias("simulate_request")

    def _with_defaults(self, kwargs: Dict[str, Any]) -> Dict[str, Any]:
        if self._default_headers:
            own = kwargs.get("headers") or {}
            kwargs["headers"] = {**self._default_headers, **dict(own.items() if hasattr(own, "items") else own)}
        return kwargs


class TestClient(_Methods):
    """A client of an ASGI or WSGI application.

    Args:
        app: The application.
        headers: Headers of every request.
    """

    __test__ = False  # for pytest

    def __init__(self, app: Callable[..., Any], headers: Optional[Mapping[str, str]] = None) -> None:
        self.app = app
        self._default_headers = headers

    def simulate_request(self, *args: Any, **kwargs: Any) -> Result:
        """Simulate a request and return the response; the arguments are those of the function `simulate_request`."""
        return simulate_request(self.app, *args, **self._with_defaults(kwargs))

    async def __aenter__(self) -> ASGIConductor:
        conductor = ASGIConductor(self.app, self._default_headers)
        self._conductor = conductor
        return await conductor.__aenter__()

    async def __aexit__(self, *error: Optional[BaseException]) -> None:
        await self._conductor.__aexit__(*error)


class ASGIConductor(_Methods):
    """A client inside of an event loop, with one lifespan for many requests; used by ``async with``.

    Args:
        app: The ASGI application.
        headers: Headers of every request.

    Raises:
        CompatibilityError: It is a WSGI application.
    """

    def __init__(self, app: Callable[..., Any], headers: Optional[Mapping[str, str]] = None) -> None:
        check_lifespan(app)
        self.app = app
        self._default_headers = headers

    async def __aenter__(self) -> ASGIConductor:
        self._lifespan = LifespanOf(self.app)
        await self._lifespan.__aenter__()
        return self

    async def __aexit__(self, *error: Optional[BaseException]) -> None:
        await self._lifespan.__aexit__(*error)

    async def simulate_request(self, *args: Any, **kwargs: Any) -> Result:
        """Simulate a request and return the response; the arguments are those of the function `simulate_request`."""
        return await serve(self.app, *make_scope_and_events(*args, **self._with_defaults(kwargs)))

    def simulate_get_stream(self, path: str = "/", **kwargs: Any) -> AsyncContextManager[StreamedResult]:
        """Simulate a GET request whose body is read while it arrives; used by ``async with``."""
        kwargs.setdefault("asgi_disconnect_ttl", 300)
        return _Streamed(self.app, *make_scope_and_events("GET", path, **self._with_defaults(kwargs)))

    get_stream = _alias("simulate_get_stream")

    def simulate_ws(self, path: str = "/", timeout: Optional[float] = None, **kwargs: Any) -> WSContextManager:
        """Simulate a WebSocket; ``async with`` gives its simulator.

        Args:
            path: The path, maybe with a query.
            timeout: The most seconds that the app takes.
            **kwargs: The arguments of `create_scope_ws`.
        """
        path, _, query = path.partition("?")
        if query:
            kwargs.setdefault("query_string", query)
        scope = create_scope_ws(path=path, **self._with_defaults(kwargs))
        simulator = ASGIWebSocketSimulator(timeout)
        return WSContextManager(simulator, self.app(scope, simulator._emit, simulator._collect), timeout)

    websocket = _alias("simulate_ws")


class _Streamed:
    def __init__(self, app: Callable[..., Any], *request: Any) -> None:
        self._app, self._request = app, request

    async def __aenter__(self) -> StreamedResult:
        self._result = await serve_streamed(self._app, *self._request)
        return self._result

    async def __aexit__(self, *error: Any) -> None:
        await self._result.finalize()
