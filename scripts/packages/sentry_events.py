"""Sentry, its ASGI middleware: unhandled errors are reported, with the request."""

from __future__ import annotations

from typing import Any

import sentry_sdk
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from sentry_sdk.transport import Transport

PACKAGE = "sentry-sdk"
events = []


class Keeping(Transport):
    def capture_envelope(self, envelope: Any) -> None:
        event = envelope.get_event()
        if event is not None:
            found = (event.get("exception") or {}).get("values") or [{}]
            events.append([found[-1].get("type"), (event.get("request") or {}).get("url"), event.get("message")])


sentry_sdk.init(
    dsn="https://a@o.example/1", transport=Keeping, default_integrations=False, auto_enabling_integrations=False
)
app = FastAPI()


@app.get("/fine/{number}")
def fine(number: int) -> Any:
    return number


@app.get("/fails")
def fails() -> None:
    raise KeyError("own")


@app.get("/fails/async")
async def fails_async() -> None:
    raise ZeroDivisionError


@app.get("/refused")
def refused() -> None:
    raise HTTPException(403)


@app.get("/message")
async def message() -> Any:
    sentry_sdk.capture_message("hello")
    return "sent"


@app.get("/handled")
def handled() -> None:
    raise LookupError


@app.exception_handler(LookupError)
async def answer(request: Any, error: Any) -> Any:
    return JSONResponse("handled", 418)


app.add_middleware(SentryAsgiMiddleware)
REQUESTS = [
    ("GET", "/fine/1"),
    ("GET", "/fails"),
    ("GET", "/fails?x=1"),
    ("GET", "/fails/async"),
    ("GET", "/refused"),
    ("GET", "/message"),
    ("GET", "/handled"),
    ("GET", "/fine/x"),
    ("GET", "/nowhere"),
    ("POST", "/fails"),
]


def seen() -> Any:
    return events
