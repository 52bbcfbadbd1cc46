"""A script for the Python of a clean environment: serve an app in process and print its responses.

Nothing but the standard library is used here: the environment holds what its distribution asked for
and no more. The arguments are a module that has `app`, and a JSON list of requests `{"method", "path",
"headers", "body"}`; the answers are the last line printed, a JSON list of `{"status", "headers", "body"}`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys


async def request(app, state, method="GET", path="/", headers=None, body=""):
    """Send one request and return its response."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"testserver")] + [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        "state": dict(state),
    }
    if body:
        scope["headers"].append((b"content-length", str(len(body.encode())).encode()))
    answer = {"status": None, "headers": {}, "body": ""}
    incoming = [{"type": "http.request", "body": body.encode(), "more_body": False}]
    gone = asyncio.Event()

    async def receive():
        if incoming:
            return incoming.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            answer["headers"] = {k.decode("latin-1"): v.decode("latin-1") for k, v in message["headers"]}
        else:
            answer["body"] += message.get("body", b"").decode("utf-8", "replace")

    try:
        await app(scope, receive, send)
    except Exception as failure:  # A server logs this; the response was sent before, or there is none.
        answer["raised"] = repr(failure)
    gone.set()
    return answer


async def serve(app, requests):
    """Start the application, send the requests one after the other, stop it."""
    messages, stop, state = asyncio.Queue(), asyncio.Event(), {}
    asked = iter([{"type": "lifespan.startup"}])

    async def receive():
        for message in asked:
            return message
        await stop.wait()
        return {"type": "lifespan.shutdown"}

    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
    lifespan = asyncio.ensure_future(app(scope, receive, messages.put))
    started = await asyncio.wait_for(messages.get(), 30)
    if started["type"] != "lifespan.startup.complete":
        sys.exit("startup failed: " + started.get("message", ""))
    answers = [await request(app, state, **asked_for) for asked_for in requests]
    stop.set()
    stopped = await asyncio.wait_for(messages.get(), 30)
    if stopped["type"] != "lifespan.shutdown.complete":
        sys.exit("shutdown failed: " + stopped.get("message", ""))
    await lifespan
    return answers


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    application = importlib.import_module(sys.argv[1]).app
    print(json.dumps(asyncio.run(serve(application, json.loads(sys.argv[2])))))
