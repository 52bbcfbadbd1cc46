"""prometheus-fastapi-instrumentator: templates of routes and of included routers as labels."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from prometheus_fastapi_instrumentator import Instrumentator

PACKAGE = "prometheus-fastapi-instrumentator"
app, router, inner = FastAPI(), APIRouter(), FastAPI()


@router.get("/items/{item_id}")
def item(item_id: int) -> Any:
    return item_id


@inner.get("/inside/{name}")
def inside(name: str) -> Any:
    return name


@app.get("/fails")
def fails() -> None:
    raise ValueError


app.include_router(router, prefix="/api")
app.mount("/mounted", inner)
Instrumentator().instrument(app).expose(app)
#: Times and sizes of the process.
MASKED = (r"(?m)^(process_|python_)\S*.*$", r"(?m)^\S*(_sum|_created|_bucket)[ {].*$")
REQUESTS = [
    ("GET", "/api/items/7"),
    ("GET", "/api/items/8"),
    ("GET", "/api/items/x"),
    ("POST", "/api/items/7"),
    ("GET", "/mounted/inside/a"),
    ("GET", "/mounted"),
    ("GET", "/fails"),
    ("GET", "/nowhere"),
    ("GET", "/api/items/7/"),
    ("GET", "/metrics"),
]
