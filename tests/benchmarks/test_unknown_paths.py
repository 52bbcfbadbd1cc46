"""Count the Python calls of 404 and 405: in every paradigm at most twice those of the plain app."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any, Dict, List, Tuple

import pytest
from tests.profiling import profiled

from fenrir import Fenrir

APPS = [
    ("fenrir_fastapi", "FastAPI", ()),
    ("fenrir_flask", "Flask", ("app",)),
    ("fenrir_falcon.asgi", "App", ()),
    ("fenrir_sanic", "Sanic", ("app",)),
    ("fenrir_bottle", "Bottle", ()),
]


class Pages:
    """A resource of Falcon's."""

    async def on_get(self, req: Any, resp: Any) -> None:
        resp.text = "page"


async def page(*request: Any) -> str:
    return "page"


def with_a_page(app: Any) -> Any:
    if hasattr(app, "get"):
        app.get("/page")(page)
    else:
        app.add_route("/page", Pages())
    return app


async def calls_of(app: Any, method: str, path: str) -> Tuple[int, int]:
    """Serve a request some times, then once more under a profile function; return its status and what it called."""
    sent: List[Dict[str, Any]] = []
    called = 0

    def profile(frame: Any, event: str, _: Any) -> None:
        nonlocal called
        called += event == "call" and frame.f_lasti <= 4  # later instructions: a coroutine is resumed

    async def receive() -> Dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Dict[str, Any]) -> None:
        sent.append(message)

    def scope() -> Dict[str, Any]:
        headers = [(b"host", b"test"), (b"accept", b"*/*")]
        return {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": headers,
            "query_string": b"", "root_path": "", "http_version": "1.1",
        }  # fmt: skip

    for _ in range(3):
        await app(scope(), receive, send)
    last = scope()
    with profiled(profile):
        await app(last, receive, send)
    return sent[-2]["status"], called


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/none", 404), ("PUT", "/page", 405)])
@pytest.mark.parametrize(("module", "name", "arguments"), APPS, ids=[module for module, *_ in APPS])
def test_no_paradigm_makes_twice_the_calls_of_the_plain_app(
    module: str, name: str, arguments: Tuple[str, ...], method: str, path: str, status: int
) -> None:
    app = with_a_page(getattr(importlib.import_module(module), name)(*arguments))

    async def count() -> Tuple[Tuple[int, int], Tuple[int, int]]:
        plain = with_a_page(Fenrir())
        return await calls_of(app, method, path), await calls_of(plain, method, path)

    (got, calls), (expected, most) = asyncio.run(count())
    assert (got, expected) == (status, status)
    assert calls <= 2 * most
