"""structlog: context variables from middleware to handlers, asynchronous and in threads."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import BackgroundTasks, Depends, FastAPI, Request

PACKAGE = "structlog"
lines = []


def keep(logger: Any, method: str, event: Any) -> Any:
    lines.append(dict(event))
    raise structlog.DropEvent


structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
log = structlog.get_logger()
app = FastAPI()


@app.middleware("http")
async def bind(request: Request, call_next: Any) -> Any:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(path=request.url.path)
    response = await call_next(request)
    log.info("after", status=response.status_code)
    return response


async def async_user() -> str:
    structlog.contextvars.bind_contextvars(user="async dependency")
    return "u"


@app.get("/sync")
def sync() -> Any:
    log.info("sync")
    return structlog.contextvars.get_contextvars()


@app.get("/async")
async def by_async() -> Any:
    log.info("async")
    return structlog.contextvars.get_contextvars()


@app.get("/async/user")
async def by_async_user(who: str = Depends(async_user)) -> Any:
    return structlog.contextvars.get_contextvars()


@app.get("/sync/user")
def by_sync_user(who: str = Depends(async_user)) -> Any:
    return structlog.contextvars.get_contextvars()


@app.get("/task")
async def task(tasks: BackgroundTasks) -> Any:
    tasks.add_task(log.info, "task")
    return "x"


REQUESTS = [
    ("GET", "/sync"),
    ("GET", "/async"),
    ("GET", "/async/user"),
    ("GET", "/sync/user"),
    ("GET", "/task"),
    ("GET", "/nowhere"),
    ("POST", "/sync"),
    ("GET", "/sync"),
    ("GET", "/async"),
    ("GET", "/task"),
]


def seen() -> Any:
    return lines
