"""The app of `scripts/soak.py`: routes of all paradigms, each of which holds another part of the process at work."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, AsyncIterator, Dict, Iterable, Iterator

from fenrir import Fenrir, UploadFile, render_template_string, session
from fenrir_bottle import Bottle
from fenrir_core import EventSourceResponse, FileResponse, HTTPError, StreamingResponse, WebSocket

PAGE = "<ul>{% for item in items %}<li>{{ item }}</li>{% endfor %}</ul>"

app = Fenrir(secret_key="only for the soak")


@app.get("/json/{number}")
async def in_json(number: int, q: str = "") -> Dict[str, Any]:
    """Return a JSON document."""
    return {"number": number, "q": q, "items": list(range(20))}


@app.get("/thread")
def in_thread() -> Dict[str, int]:
    """Work in a thread."""
    time.sleep(0.002)
    return {"ok": 1}


@app.post("/upload")
async def upload(file: UploadFile) -> Dict[str, int]:
    """Read a file of a form."""
    return {"size": len(await file.read())}


@app.post("/body")
async def body(request: Any) -> Dict[str, int]:
    """Read a body."""
    return {"size": len(await request.body())}


@app.route("/session")
def count() -> Dict[str, int]:
    """Count in the session."""
    session["count"] = session.get("count", 0) + 1
    return {"count": session["count"]}


@app.route("/template")
def template() -> Any:
    """Render a template."""
    return render_template_string(PAGE, items=range(50))


@app.get("/error")
async def error() -> None:
    """Refuse with a status."""
    raise HTTPError(409, "as asked")


@app.get("/fails")
async def fails() -> None:
    """Fail."""
    raise LookupError("as asked")


@app.get("/stream")
async def stream() -> Any:
    """Stream for as long as the client reads."""

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0.01)

    return StreamingResponse(pieces())


@app.get("/sync-stream")
def sync_stream() -> Any:
    """Stream from a thread for as long as the client reads."""

    def pieces() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000
            time.sleep(0.01)

    return StreamingResponse(pieces())


@app.get("/events")
async def events() -> Any:
    """Send events for as long as the client reads."""

    async def ticks() -> AsyncIterator[str]:
        while True:
            yield "tick"
            await asyncio.sleep(0.01)

    return EventSourceResponse(ticks())


@app.get("/file")
async def file() -> Any:
    """Send this file."""
    return FileResponse(Path(__file__))


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Return each message."""
    await websocket.accept()
    async for message in websocket:
        await websocket.send_text(str(message))


def wsgi(environ: Dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Return the size of a body."""
    size = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(size).encode()]


app.mount_wsgi(wsgi, prefix="/wsgi")
inner = Bottle()


@inner.get("/hello/<name>")
def hello(name: str) -> str:
    """Greet."""
    return f"hello {name}"


app.mount("/bottle", inner)
