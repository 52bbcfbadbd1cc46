"""Legacy applications, and an app that takes them over."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Callable, Dict, List

from tests.asgi import PATIENCE, Answer, Server, run

from fenrir import Fenrir
from fenrir_core import Request


def legacy(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
    """Answer with the side, the method, the path and the body, as JSON."""
    told = {
        "side": "legacy",
        "method": environ["REQUEST_METHOD"],
        "path": environ["SCRIPT_NAME"] + environ["PATH_INFO"],
        "body": environ["wsgi.input"].read().decode(),
    }
    start_response("200 OK", [("Content-Type", "application/json"), ("X-Side", "legacy")])
    return [json.dumps(told).encode()]


def taken(given: Any = legacy, prefix: str = "/", **options: Any) -> Fenrir:
    """Return an app that has taken over an application, with routes for items and orders."""
    settings = {name: options.pop(name) for name in list(options) if name.startswith("takeover_")}
    app = Fenrir(**settings)
    app.take_over(given, prefix, **options)
    base = prefix.rstrip("/")

    @app.get(f"{base}/items/{{item_id}}")
    async def item(item_id: int) -> Any:
        return {"side": "new", "item": item_id}

    @app.post(f"{base}/orders")
    async def order(request: Request) -> Any:
        return {"side": "new", "body": (await request.body()).decode()}

    return app


def ask(app: Any, *requests: Any) -> List[Answer]:
    """Start an app, send requests, `(method, path)` or with options besides, and stop it."""

    async def scenario() -> List[Answer]:
        server = Server(app)
        assert (await server.startup())["type"] == "lifespan.startup.complete"
        answers = []
        for method, path, *rest in requests:
            answers.append(await server.ask(method, path, **(rest[0] if rest else {})))
        await server.shutdown()
        return answers

    return run(scenario())


async def until(fact: Callable[[], Any]) -> None:
    """Wait until something is true that no event tells."""

    async def wait() -> None:
        while not fact():  # noqa: ASYNC110 - files and logs have no events
            await asyncio.sleep(0.005)

    await asyncio.wait_for(wait(), PATIENCE)


def sides(app: Any, *requests: Any) -> List[str]:
    """Return which side answered each request."""
    return [json.loads(answer.body)["side"] for answer in ask(app, *requests)]
