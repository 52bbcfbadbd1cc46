"""asgi-correlation-id: the id in the handler, in the answer and in records of logs."""

from __future__ import annotations

import logging
from typing import Any

from asgi_correlation_id import CorrelationIdFilter, CorrelationIdMiddleware, correlation_id
from fastapi import FastAPI
from fastapi.responses import JSONResponse

PACKAGE = "asgi-correlation-id"
records = []


class Keeping(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        records.append([record.getMessage(), getattr(record, "correlation_id", None)])


handler = Keeping()
handler.addFilter(CorrelationIdFilter(uuid_length=8))
logger = logging.getLogger("own")
logger.addHandler(handler)
app = FastAPI()
app.add_middleware(CorrelationIdMiddleware, header_name="X-Request-ID", validator=lambda text: text != "bad")


@app.get("/async")
async def by_async() -> Any:
    logger.warning("async")
    return correlation_id.get()


@app.get("/sync")
def by_sync() -> Any:
    logger.warning("sync")
    return correlation_id.get()


@app.get("/fails")
def fails() -> None:
    raise ValueError


@app.exception_handler(ValueError)
async def answer(request: Any, error: Any) -> Any:
    return JSONResponse({"id": correlation_id.get()}, 418)


ID = {"headers": {"x-request-id": "0123456789"}}
HEADERS = ("x-request-id", "access-control-expose-headers")
MASKED = (r"\b[0-9a-f]{8}\b",)
REQUESTS = [
    ("GET", "/async"),
    ("GET", "/async", ID),
    ("GET", "/sync"),
    ("GET", "/sync", ID),
    ("GET", "/sync", {"headers": {"x-request-id": "bad"}}),
    ("GET", "/fails", ID),
    ("GET", "/fails"),
    ("GET", "/nowhere", ID),
    ("POST", "/sync", ID),
    ("HEAD", "/sync", ID),
]


def seen() -> Any:
    return records
