"""sse-starlette: events of generators, and `request.is_disconnected()`."""

from __future__ import annotations

from typing import Any, AsyncIterator

from fastapi import FastAPI, Request
from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent

PACKAGE = "sse-starlette"
app = FastAPI()


@app.get("/count/{until}")
async def count(until: int, request: Request) -> Any:
    async def events() -> AsyncIterator[Any]:
        for number in range(until):
            if await request.is_disconnected():
                break
            yield {"data": number, "event": "tick", "id": str(number)}

    return EventSourceResponse(events(), sep="\n")


@app.get("/kinds")
async def kinds() -> Any:
    async def events() -> AsyncIterator[Any]:
        yield "text"
        yield ServerSentEvent(data="a\nb", retry=5, comment="c")
        yield JSONServerSentEvent(data={"a": 1})

    return EventSourceResponse(events(), status_code=201, headers={"x-own": "1"})


@app.get("/sync")
def sync() -> Any:
    return EventSourceResponse(iter([{"data": 1}, {"data": 2}]))


@app.get("/fails")
async def fails() -> Any:
    async def events() -> AsyncIterator[Any]:
        yield "first"
        raise ValueError

    return EventSourceResponse(events())


HEADERS = ("cache-control", "x-accel-buffering", "x-own")
REQUESTS = [
    ("GET", "/count/3"),
    ("GET", "/count/0"),
    ("GET", "/count/x"),
    ("GET", "/kinds"),
    ("GET", "/kinds"),
    ("GET", "/sync"),
    ("HEAD", "/sync"),
    ("POST", "/sync"),
    ("GET", "/fails"),
    ("GET", "/count/1"),
]
