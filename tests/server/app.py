"""The app that real servers serve in these tests; `/events` returns what happened in it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from typing import Any, AsyncIterator, Dict, Iterable, Iterator, List
from wsgiref.validate import validator

from fenrir_core import (
    App,
    EventSourceResponse,
    FileResponse,
    NotFound,
    Request,
    Response,
    ServerSentEvent,
    StreamingResponse,
    WebSocket,
    current_connection,
)
from fenrir_fastapi import FastAPI
from fenrir_fastapi import Request as SiteRequest
from fenrir_wsgi import mount_wsgi

events: List[str] = []


@contextlib.asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[Dict[str, Any]]:
    """Log the start and the stop, or fail if the test asks for it."""
    if os.environ.get("FAIL_TO_START"):
        raise ConnectionError("the database is not there")
    print("lifespan: started", flush=True)
    yield {"state": "from the lifespan"}
    print("lifespan: stopped", flush=True)


app = App(paradigms=(), autoload=False, lifespan=lifespan, max_body=100_000)
inner = App(paradigms=(), autoload=False)
app.mount("/mounted", inner)

site = FastAPI()
app.mount("/site", site)


@site.get("/url")
async def url(request: SiteRequest) -> Any:
    return [str(request.url), request.url.path, str(request.url_for("url"))]


@app.post("/register/{name}")
def register(name: str) -> str:
    """Register a route, in a thread."""
    app.get(f"/registered/{name}")(lambda: name)
    return "registered"


@app.get("/events")
async def read_events() -> Any:
    return events


@app.get("/state")
async def state(request: Request) -> Any:
    return request.scope.get("state")


@app.route("/echo", ("POST", "PUT", "PATCH"))
async def echo(request: Request) -> Any:
    return Response(await request.body(), media_type=request.content_type or None)


@app.post("/upload")
async def upload(request: Request) -> Any:
    form = await request.form()
    return {name: len(await value.read()) if hasattr(value, "read") else value for name, value in form.items()}


@app.post("/unread")
async def unread() -> Any:
    return "not read"


@app.get("/headers")
async def headers(request: Request) -> Any:
    response = Response(",".join(request.headers.getlist("x-tag")), headers=[("x-tag", "1"), ("x-tag", "2")])
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


@app.get("/forged")
async def forged() -> Any:
    return Response("secret", headers={"x-name": "a\r\nset-cookie: admin=1"})


@app.get("/nothing", status=204)
async def nothing() -> None:
    return None


@app.get("/text")
async def text() -> Any:
    return "some text"


@app.get("/exit")
async def leave() -> Any:
    raise SystemExit(3)


@app.get("/exit-in-thread")
def leave_in_thread() -> Any:
    raise SystemExit(3)


@app.get("/boom/{path:path}")
async def boom() -> Any:
    raise RuntimeError("boom")


@app.get("/name/{name}")
@inner.get("/name/{name}")
async def name(request: Request) -> Any:
    return {"name": request.path_params["name"], "root_path": request.root_path}


@app.get("/file")
async def file() -> Any:
    return FileResponse(__file__)


@app.get("/own/{number}")
def own(request: Request) -> Any:
    time.sleep(0.002)
    return current_connection().path_params["number"]


@app.get("/slow")
async def slow() -> Any:
    events.append("slow began")
    await asyncio.sleep(0.5)
    return "slow"


def wsgi(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return [body]


mount_wsgi(app, wsgi, prefix="/wsgi")


# ------------------------------------------------------------ streams


@app.get("/stream/{end}")
async def stream(request: Request) -> Any:
    async def pieces() -> AsyncIterator[str]:
        if request.path_params["end"] == "early":
            raise NotFound("no such stream")
        yield "one "
        await asyncio.sleep(0.05)
        if request.path_params["end"] == "late":
            raise LookupError("in the middle")
        yield "two"

    return StreamingResponse(pieces())


@app.route("/endless/{kind}", ("GET", "POST"))
async def endless(request: Request) -> Any:
    kind = request.path_params["kind"]

    async def pieces() -> AsyncIterator[str]:
        try:
            while True:
                yield "piece"
                await asyncio.sleep(0.05 if kind == "busy" else 3600)
        finally:
            events.append(f"closed {current_connection().scope['path']} {request.method}")

    def sync_pieces() -> Iterator[str]:
        try:
            while True:
                yield "piece"
                time.sleep(0.05)
        finally:
            events.append(f"closed {current_connection().scope['path']} {request.method}")

    if kind == "sse":
        return EventSourceResponse(pieces())
    return StreamingResponse(sync_pieces() if kind == "sync" else pieces())


@app.get("/until-stop")
async def until_stop() -> Any:
    async def ticks() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("open")
        await app.shutdown_event.wait()
        yield ServerSentEvent("the app stops")

    return EventSourceResponse(ticks())


@app.get("/flood")
async def flood() -> Any:
    async def much() -> AsyncIterator[ServerSentEvent]:
        try:
            while True:
                yield ServerSentEvent("x" * 10_000)
        finally:
            events.append("closed /flood")

    return EventSourceResponse(much())


@app.get("/memory")
async def memory() -> Any:
    with open("/proc/self/statm") as statm:  # noqa: ASYNC230 - memory, not a disk
        pages = int(statm.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@app.post("/slow-upload", max_body=None)
async def slow_upload(request: Request) -> Any:
    events.append("upload began")
    try:
        async for _ in request.stream():
            pass
    finally:
        events.append("upload ended")


# ------------------------------------------------------------ WebSockets


@app.websocket("/ws/echo")
async def ws_echo(websocket: WebSocket) -> None:
    await websocket.accept("v2" if "v2" in websocket.subprotocols else None, headers=[("x-tag", "handshake")])
    async for message in websocket:
        if isinstance(message, str):
            await websocket.send_text(message.upper())
        else:
            await websocket.send_bytes(message[::-1])
    events.append("ws left")


@app.websocket("/ws/reject")
async def ws_reject(websocket: WebSocket) -> None:
    await websocket.reject(Response("no seat", 429, {"retry-after": "5"}))


@app.websocket("/ws/refuse")
async def ws_refuse(websocket: WebSocket) -> None:
    await websocket.refuse(4401, "log in first")


@app.websocket("/ws/fail")
async def ws_fail(websocket: WebSocket) -> None:
    await websocket.accept()
    raise RuntimeError("the password is hunter2")


@app.websocket("/ws/fail-early")
async def ws_fail_early(websocket: WebSocket) -> None:
    raise NotFound("no such room")


# ------------------------------------------------------------ a mounted WSGI application, with PEP 3333 checked

PIECE = b"0123456789abcdef" * 4096


def legacy(environ: Dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Take a body and tell its size and hash, or make one of so many pieces."""
    _, action, count = f"{environ['PATH_INFO']}/".split("/", 2)
    if action == "hash":
        digest, size = hashlib.sha256(), 0
        for part in iter(lambda: environ["wsgi.input"].read(65536), b""):
            digest.update(part)
            size += len(part)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{size} {digest.hexdigest()}".encode()]
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return (PIECE for _ in range(int(count.strip("/"))))


mount_wsgi(app, validator(legacy), prefix="/legacy", max_body=1 << 30, send_timeout=20)
mount_wsgi(app, validator(legacy), prefix="/impatient", send_timeout=0.5, threads=2)
