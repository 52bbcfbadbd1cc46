"""Taskiq: a broker in the lifespan, and tasks that requests start and wait for."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any, AsyncIterator

from fastapi import FastAPI, HTTPException
from taskiq import InMemoryBroker

PACKAGE = "taskiq"
broker, log = InMemoryBroker(await_inplace=True), []


@broker.task
async def double(number: int) -> int:
    log.append(number)
    return number * 2


@broker.task
def fails() -> None:
    raise ValueError("own")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await broker.startup()
    yield
    await broker.shutdown()
    log.append("shut down")


app, started = FastAPI(lifespan=lifespan), []


@app.post("/double/{number}", status_code=202)
async def start(number: int) -> Any:
    started.append(await double.kiq(number))
    return len(started)


@app.get("/results/{index}")
async def result(index: int) -> Any:
    if index >= len(started):
        raise HTTPException(404)
    return (await started[index].wait_result(timeout=5)).return_value


@app.post("/fails")
async def start_failing() -> Any:
    done = await (await fails.kiq()).wait_result(timeout=5)
    return {"failed": done.is_err, "error": str(done.error)}


REQUESTS = [
    ("POST", "/double/1"),
    ("POST", "/double/2"),
    ("GET", "/results/0"),
    ("GET", "/results/1"),
    ("GET", "/results/2"),
    ("POST", "/double/x"),
    ("POST", "/fails"),
    ("POST", "/double/3"),
    ("GET", "/results/2"),
    ("GET", "/double/1"),
]


def seen() -> Any:
    return log
