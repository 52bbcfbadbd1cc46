"""brotli-asgi: compressed answers and streams."""

from __future__ import annotations

from typing import Any

from brotli_asgi import BrotliMiddleware
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

PACKAGE = "brotli-asgi"
app = FastAPI()
app.add_middleware(BrotliMiddleware, minimum_size=100, excluded_handlers=["/plain"])


@app.get("/long")
def long() -> Any:
    return "x" * 2000


@app.get("/short")
async def short() -> Any:
    return "x"


@app.get("/stream")
def stream() -> Any:
    return StreamingResponse(iter(["y" * 500] * 4), media_type="text/plain")


@app.get("/plain")
def plain() -> Any:
    return PlainTextResponse("z" * 500)


@app.get("/coded")
def coded() -> Any:
    return PlainTextResponse("z" * 500, headers={"content-encoding": "identity"})


BR, GZIP, NONE = ({"headers": {"accept-encoding": name}} for name in ("br", "gzip", "identity"))
HEADERS = ("content-encoding", "vary", "content-length")
REQUESTS = [
    ("GET", "/long", BR),
    ("GET", "/long", GZIP),
    ("GET", "/long", NONE),
    ("GET", "/short", BR),
    ("GET", "/stream", BR),
    ("GET", "/stream", NONE),
    ("GET", "/plain", BR),
    ("GET", "/coded", BR),
    ("HEAD", "/long", BR),
    ("GET", "/nowhere", BR),
]
