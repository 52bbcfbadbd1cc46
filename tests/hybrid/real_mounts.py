"""Applications of real ASGI frameworks, which are mounted: each says hello, streams for ever, and keeps a log.

Every maker returns the application and the log; `hello` answers with `root_path`, the URL of the route by its name
where the framework makes URLs, and what its lifespan left.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, Dict, List, Tuple

import pytest

Made = Tuple[Any, List[str]]


async def ticks(log: List[str]) -> AsyncIterator[bytes]:
    """Yield for ever; the end is noted."""
    try:
        while True:
            yield b"tick\n"
            await asyncio.sleep(0.001)
    finally:
        log.append("stream closed")


def living(log: List[str]) -> Callable[[Any], Any]:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Dict[str, str]]:
        log.append("started")
        yield {"from": "lifespan"}
        log.append("stopped")

    return lifespan


def fastapi_app() -> Made:
    fastapi = pytest.importorskip("fastapi")
    from starlette.responses import StreamingResponse

    log: List[str] = []
    app = fastapi.FastAPI(lifespan=living(log))

    async def hello(request: Any) -> Any:
        return {"root": request.scope["root_path"], "url": str(request.url_for("hello")), "state": request.state._state}

    async def stream() -> Any:
        return StreamingResponse(ticks(log))

    async def talk(websocket: Any) -> None:
        await websocket.accept(subprotocol="chat")
        await websocket.send_text(await websocket.receive_text())
        await websocket.close(4000)

    hello.__annotations__["request"] = fastapi.Request
    talk.__annotations__["websocket"] = fastapi.WebSocket
    app.get("/hello")(hello)
    app.get("/stream")(stream)
    app.websocket("/talk")(talk)
    return app, log


def starlette_app() -> Made:
    applications = pytest.importorskip("starlette.applications")
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route, WebSocketRoute

    log: List[str] = []

    async def hello(request: Any) -> Any:
        url = str(request.url_for("hello"))
        return JSONResponse({"root": request.scope["root_path"], "url": url, "state": request.state._state})

    async def stream(request: Any) -> Any:
        return StreamingResponse(ticks(log))

    async def talk(websocket: Any) -> None:
        await websocket.accept(subprotocol="chat")
        await websocket.send_text(await websocket.receive_text())
        await websocket.close(4000)

    routes = [Route("/hello", hello), Route("/stream", stream), WebSocketRoute("/talk", talk)]
    return applications.Starlette(routes=routes, lifespan=living(log)), log


def falcon_app() -> Made:
    falcon = pytest.importorskip("falcon.asgi")

    log: List[str] = []

    class Life:
        async def process_startup(self, scope: Any, event: Any) -> None:
            log.append("started")

        async def process_shutdown(self, scope: Any, event: Any) -> None:
            log.append("stopped")

    class Hello:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = {"root": req.root_path, "url": req.prefix + "/hello"}

    class Stream:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.stream = ticks(log)

    class Talk:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            await ws.accept(subprotocol="chat")
            await ws.send_text(await ws.receive_text())
            await ws.close(4000)

    app = falcon.App(middleware=[Life()])
    for path, resource in (("/hello", Hello()), ("/stream", Stream()), ("/talk", Talk())):
        app.add_route(path, resource)
    return without_prefix(app), log


def without_prefix(app: Any, root_path: bool = True) -> Any:
    """Return an app that is called with the path below its mount, as Falcon expects it; Sanic without `root_path`."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        root = scope.get("root_path", "")
        if scope["type"] != "lifespan" and scope["path"].startswith(root):
            raw = scope["raw_path"][len(root.encode()) :]
            scope = {**scope, "path": scope["path"][len(root) :] or "/", "raw_path": raw or b"/"}
            scope["root_path"] = root if root_path else ""
        await app(scope, receive, send)

    return call


def quart_app() -> Made:
    quart = pytest.importorskip("quart")
    log: List[str] = []
    app = quart.Quart("legacy")

    @app.before_serving
    async def start() -> None:
        log.append("started")

    @app.after_serving
    async def stop() -> None:
        log.append("stopped")

    @app.get("/hello")
    async def hello() -> Any:
        url = quart.url_for("hello", _external=True)
        return {"root": quart.request.scope["root_path"], "url": url}

    @app.get("/stream")
    async def stream() -> Any:
        return ticks(log), 200

    @app.websocket("/talk")
    async def talk() -> None:
        await quart.websocket.accept(subprotocol="chat")
        await quart.websocket.send(await quart.websocket.receive())
        await quart.websocket.close(4000)

    return app, log


def litestar_app() -> Made:
    litestar = pytest.importorskip("litestar")
    from litestar.response import Stream

    log: List[str] = []

    async def hello(request: Any) -> Any:
        return {"root": request.scope["root_path"], "url": None}

    async def stream() -> Any:
        return Stream(ticks(log))

    async def talk(socket: Any) -> None:
        await socket.accept(subprotocols="chat")
        await socket.send_text(await socket.receive_text())
        await socket.close(code=4000)

    hello.__annotations__.update({"request": litestar.Request, "return": Dict[str, Any]})
    stream.__annotations__["return"] = Stream
    talk.__annotations__.update({"socket": litestar.WebSocket, "return": None})
    handlers = [litestar.get("/hello")(hello), litestar.get("/stream")(stream), litestar.websocket("/talk")(talk)]
    return litestar.Litestar(handlers, lifespan=[living(log)]), log


def sanic_app() -> Made:
    sanic = pytest.importorskip("sanic")
    log: List[str] = []
    app = sanic.Sanic("legacy", log_config=None, configure_logging=False)
    app.config.TOUCHUP = False

    @app.before_server_start
    async def start(app: Any) -> None:
        log.append("started")

    @app.after_server_stop
    async def stop(app: Any) -> None:
        log.append("stopped")

    @app.get("/hello")
    async def hello(request: Any) -> Any:
        return sanic.json({"root": "/old", "url": None})

    @app.get("/stream")
    async def stream(request: Any) -> Any:
        response = await request.respond(content_type="text/plain")
        async for tick in ticks(log):
            await response.send(tick)

    return without_prefix(app, root_path=False), log


def django_app() -> Made:
    django = pytest.importorskip("django")
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse, StreamingHttpResponse
    from django.urls import path, reverse

    log: List[str] = []

    async def hello(request: Any) -> Any:
        url = request.build_absolute_uri(reverse("hello"))
        body = json.dumps({"root": request.META["SCRIPT_NAME"], "url": url})
        return HttpResponse(body, content_type="application/json")

    async def stream(request: Any) -> Any:
        return StreamingHttpResponse(ticks(log))

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=(), SECRET_KEY="s", DEFAULT_CHARSET="utf-8", USE_TZ=True)
        django.setup()
    settings.ROOT_URLCONF = (path("hello", hello, name="hello"), path("stream", stream))
    return get_asgi_application(), log


#: Makers, and what the framework does not do: `lifespan`, `talk` (WebSockets), `stream` (that ends with its client).
MAKERS: Dict[str, Tuple[Callable[[], Made], Tuple[str, ...]]] = {
    "fastapi": (fastapi_app, ()),
    "starlette": (starlette_app, ()),
    "falcon": (falcon_app, ("stream",)),
    "sanic": (sanic_app, ("stream", "talk")),
    "quart": (quart_app, ()),
    "litestar": (litestar_app, ()),
    "django": (django_app, ("lifespan", "talk")),
}
