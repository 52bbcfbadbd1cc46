"""asgi-csrf: tokens of forms and headers, around an application."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from asgi_csrf import asgi_csrf
from fastapi import FastAPI, Form, Request
from itsdangerous import URLSafeSerializer

PACKAGE = "asgi-csrf"
SECRET = token_hex()
inner = FastAPI()


@inner.get("/token")
def token(request: Request) -> Any:
    return bool(request.scope["csrftoken"]())


@inner.post("/form")
async def form(name: str = Form()) -> Any:
    return name


@inner.post("/json")
async def json(request: Request) -> Any:
    return await request.json()


@inner.post("/api/open")
def skipped() -> Any:
    return "open"


app = asgi_csrf(
    inner, signing_secret=SECRET, always_protect={"/json"}, skip_if_scope=lambda scope: scope["path"] == "/api/open"
)
SIGNED = URLSafeSerializer(SECRET, "csrftoken").dumps("t")
COOKIE = {"cookie": f"csrftoken={SIGNED}"}
HEADERS = ("vary",)
MASKED = (r"csrftoken=[^;]+",)
REQUESTS = [
    ("GET", "/token"),
    ("POST", "/form", {"data": {"name": "a"}}),
    ("POST", "/form", {"data": {"name": "a"}, "headers": {"cookie": "other=1"}}),
    ("POST", "/form", {"data": {"name": "a", "csrftoken": SIGNED}, "headers": COOKIE}),
    ("POST", "/form", {"data": {"name": "a", "csrftoken": "wrong"}, "headers": COOKIE}),
    ("POST", "/form", {"files": {"name": (None, "b"), "csrftoken": (None, SIGNED)}, "headers": COOKIE}),
    ("POST", "/json", {"json": {"a": 1}}),
    ("POST", "/json", {"json": {"a": 1}, "headers": {**COOKIE, "x-csrftoken": SIGNED}}),
    ("POST", "/form", {"data": {"name": "a"}, "headers": {**COOKIE, "authorization": "Bearer x"}}),
    ("POST", "/api/open", {"headers": COOKIE}),
]
