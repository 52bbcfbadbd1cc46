"""The apps that are measured behind servers: Fenrir's, the same by hand, and the peers'."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

from .cases import CORE, Case
from .handwritten import json_, text

#: How long the cases that wait do, in seconds.
WAIT = 0.005
LINES = [{"name": f"thing {number}", "quantity": number} for number in range(100)]
_ITEMS = "".join(f"<li>{line['name']}: {line['quantity']}</li>" for line in LINES)
_TEMPLATES = str(Path(__file__).resolve().parent / "templates")

#: What is asked for behind servers: those of `CORE` by every contestant, the others by hand and by Fenrir.
CASES: Tuple[Case, ...] = (
    *(case for case in CORE if case.name in ("text", "json")),
    Case("page", "GET", "/page", f"<ul>{_ITEMS}</ul>"),
    Case("block", "GET", "/block", {"waited": "in a thread"}),
    Case("sleep", "GET", "/sleep", {"waited": "on the loop"}),
)


def fenrir() -> Any:
    """Return Fenrir's app with the routes of all cases."""
    from fenrir import render_template

    from .fenrir_app import make

    app = make(CORE[0])
    app.template_folder = _TEMPLATES

    @app.get("/page")
    async def page() -> Any:
        return render_template("page.html", lines=LINES)

    @app.get("/block")
    def block() -> Dict[str, str]:
        time.sleep(WAIT)
        return {"waited": "in a thread"}

    @app.get("/sleep")
    async def sleep() -> Dict[str, str]:
        await asyncio.sleep(WAIT)
        return {"waited": "on the loop"}

    return app


def by_hand() -> Any:
    """Return an ASGI app that does the same work with nothing but what it needs."""
    import jinja2

    loader = jinja2.FileSystemLoader(_TEMPLATES)
    template = jinja2.Environment(loader=loader, autoescape=True).get_template("page.html")

    async def send_body(send: Any, body: bytes, content_type: bytes = b"application/json") -> None:
        headers: List[Any] = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path")
        if path == "/json":
            await json_(scope, receive, send)
        elif path == "/text":
            await text(scope, receive, send)
        elif path == "/page":
            await send_body(send, template.render(lines=LINES).encode(), b"text/html; charset=utf-8")
        elif path == "/block":
            await asyncio.get_running_loop().run_in_executor(None, time.sleep, WAIT)
            await send_body(send, json.dumps({"waited": "in a thread"}).encode())
        elif path == "/sleep":
            await asyncio.sleep(WAIT)
            await send_body(send, json.dumps({"waited": "on the loop"}).encode())
        elif scope["type"] == "lifespan":
            raise NotImplementedError  # ASGI: lifespan: "the server must continue"

    return app


def make(name: str) -> Any:
    """Return an app by its name: `fenrir`, `hand`, or the module of a peer."""
    if name == "fenrir":
        return fenrir()
    return by_hand() if name == "hand" else importlib.import_module(f".peers.{name}", __package__).make(CORE[0])
