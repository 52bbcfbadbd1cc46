"""Mangum: events of API Gateway and of a load balancer, with the lifespan."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, List

from fastapi import FastAPI, Form, Request
from fastapi.responses import Response
from mangum import Mangum

PACKAGE = "mangum"
log: List[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    log.append("up")
    yield
    log.append("down")


app = FastAPI(lifespan=lifespan)


@app.get("/items/{item_id}")
def item(item_id: int, request: Request, q: str = "") -> Any:
    return [item_id, q, request.url.path, request.client.host if request.client else None]


@app.post("/items")
async def create(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return "no JSON"


@app.post("/form")
async def form(name: str = Form()) -> Any:
    return name


@app.get("/bytes")
def content() -> Any:
    return Response(b"\x00\xff", media_type="image/png", headers={"x-own": "1"})


@app.get("/cookies")
def cookies(response: Response) -> Any:
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return "x"


@app.get("/fails")
def fails() -> None:
    raise ValueError


def event(method: str, path: str, body: Any = None, query: str = "", **headers: str) -> Any:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example", **{key.replace("_", "-"): value for key, value in headers.items()}},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.1"}, "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }


def balanced(path: str) -> Any:
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
        "httpMethod": "GET",
        "path": path,
        "queryStringParameters": {},
        "headers": {"host": "lb.example", "x-forwarded-for": "192.0.2.2"},
        "body": "",
        "isBase64Encoded": False,
    }


EVENTS = [
    event("GET", "/items/7", query="q=%C3%A9"),
    event("GET", "/items/x"),
    event("POST", "/items", '{"a": 1}', content_type="application/json"),
    event("POST", "/items", "{", content_type="application/json"),
    {
        **event(
            "POST", "/form", base64.b64encode(b"name=b").decode(), content_type="application/x-www-form-urlencoded"
        ),
        "isBase64Encoded": True,
    },
    event("GET", "/bytes"),
    event("GET", "/cookies"),
    event("GET", "/fails"),
    event("GET", "/nowhere"),
    balanced("/items/8"),
]


def answers() -> Any:
    handler = Mangum(app, lifespan="on")
    return [handler(given, {}) for given in EVENTS]


def seen() -> Any:
    return log
