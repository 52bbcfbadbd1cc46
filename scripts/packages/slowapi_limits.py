"""slowapi: limits by decorator and by middleware, and their headers."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIMiddleware
from slowapi.util import get_remote_address

PACKAGE = "slowapi"
limiter = Limiter(key_func=get_remote_address, headers_enabled=True, default_limits=["3/hour"])
app = FastAPI()
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
app.add_middleware(SlowAPIMiddleware)


@app.get("/two")
@limiter.limit("2/hour")
async def two(request: Request, response: Response) -> Any:
    return {"limit": 2}


@app.get("/default")
def default(request: Request) -> Any:
    return {"limit": 3}


@app.get("/free")
@limiter.exempt
def free() -> Any:
    return {"limit": None}


HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining")
REQUESTS = [
    ("GET", "/two"),
    ("GET", "/two"),
    ("GET", "/two"),
    ("GET", "/default"),
    ("GET", "/default"),
    ("GET", "/default"),
    ("GET", "/default"),
    ("GET", "/free"),
    ("GET", "/free"),
    ("GET", "/nowhere"),
]
