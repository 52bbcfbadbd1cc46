"""python-socketio: a server beside an application, over polling."""

from __future__ import annotations

import json
from typing import Any

import socketio
from fastapi import FastAPI

PACKAGE = "python-socketio"
server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
inner, log = FastAPI(), []
app = socketio.ASGIApp(server, inner)


@inner.get("/x")
def plain() -> Any:
    return {"a": 1}


@server.event
async def connect(sid: str, environ: Any) -> None:
    log.append(["connect", environ["asgi.scope"]["type"]])


@server.event
async def add(sid: str, numbers: Any) -> Any:
    log.append(["add", numbers])
    return sum(numbers)


SID = []


def poll(client: Any, found: Any) -> Any:
    if not SID:
        answer = client.get("/socket.io/?EIO=4&transport=polling")
        SID.append(json.loads(answer.text[1:])["sid"])
        client.params = {"EIO": "4", "transport": "polling", "sid": SID[0]}
    return {}


MASKED = (r'"sid":"[^"]+"',)
REQUESTS = [
    ("GET", "/x"),
    ("GET", "/nowhere"),
    ("GET", "/socket.io/?EIO=4&transport=polling"),
    ("GET", "/socket.io/?EIO=9&transport=polling"),
    ("GET", "/socket.io/?EIO=4&transport=polling&sid=wrong"),
    ("POST", "/socket.io/", {"headers": poll, "content": "40"}),
    ("GET", "/socket.io/"),
    ("POST", "/socket.io/", {"content": '420["add",[1,2]]'}),
    ("GET", "/socket.io/"),
    ("OPTIONS", "/socket.io/", {"headers": {"origin": "http://a.example", "access-control-request-method": "POST"}}),
]


def seen() -> Any:
    return log
