"""Repeated slashes in the path of a request, as Werkzeug's map takes them."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List, Optional, Tuple

import pytest

from fenrir import Fenrir
from fenrir_core.testing import Client
from fenrir_flask import Flask, request


def make(hooked: bool = False) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", "root", lambda: request.path)
    app.add_url_rule("/a/b", "plain", lambda: request.path)
    app.add_url_rule("/c/<x>/d", "value", lambda x: f"{x} {request.path}")
    app.add_url_rule("/s/", "slash", lambda: request.path)
    app.add_url_rule("/p/<path:rest>", "path", lambda rest: rest)
    app.add_url_rule("/kept//x", "kept", lambda: request.path, merge_slashes=False)
    app.add_url_rule("/off/x", "off", lambda: request.path, merge_slashes=False)
    if hooked:
        app.before_request(lambda: None)
    return app


def ask(app: Any, path: str, method: str = "GET", raw: Optional[bytes] = None) -> Tuple[int, str]:
    """Return the status, and the location of a redirect or the text."""
    sent: List[Dict[str, Any]] = []

    async def receive() -> Dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def serve() -> None:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode() if raw is None else raw,
            "root_path": "",
            "query_string": b"q=1",
            "headers": [(b"host", b"test")],
        }
        async with Client(app):
            await app(scope, receive, send)

    asyncio.run(serve())
    headers = dict(sent[0]["headers"])
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    return sent[0]["status"], headers.get(b"location", b"").decode() or (text if sent[0]["status"] == 200 else "")


#: What Flask 3.1 answers.
ANSWERS = {
    "//a/b": (200, "/a/b"),
    "///a/b": (200, "/a/b"),
    "//": (200, "/"),
    "//c/x/d": (200, "x /c/x/d"),
    "//s/": (200, "/s/"),
    "/a//b": (308, "/a/b?q=1"),
    "///a//b": (308, "/a/b?q=1"),
    "/c/x//d": (308, "/c/x/d?q=1"),
    "/s//": (308, "/s/?q=1"),
    "//s": (308, "/s/?q=1"),
    "/p//x": (308, "/p/x?q=1"),
    "/p/x//y": (200, "x//y"),
    "//p/x": (200, "x"),
    "/p/": (404, ""),
    "/kept//x": (200, "/kept//x"),
    "/off//x": (404, ""),
    "/c//d": (404, ""),
    "//evil.example": (404, ""),
}


@pytest.mark.parametrize("hooked", [False, True])
@pytest.mark.parametrize("path", ANSWERS)
def test_repeated_slashes_are_taken_as_flask_does(path: str, hooked: bool) -> None:
    assert ask(make(hooked), path) == ANSWERS[path]


@pytest.mark.parametrize("path", ["//a/b", "/a//b"])
def test_another_method_is_not_allowed(path: str) -> None:
    assert ask(make(), path, "DELETE")[0] == 405


def test_slashes_that_were_sent_encoded_count_alike() -> None:
    assert ask(make(), "//a/b", raw=b"/%2Fa/b") == (200, "/a/b")


def test_a_map_that_merges_no_slashes_redirects_nowhere() -> None:
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.add_url_rule("/a/b", "plain", lambda: request.path)
    assert ask(app, "/a//b") == (404, "")


def test_middleware_sees_the_path_as_it_was_sent_and_once() -> None:
    seen: List[str] = []

    class Middleware:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                seen.append(scope["path"])
            await self.app(scope, receive, send)

    app = make()
    app.add_middleware(Middleware)
    assert ask(app, "//a/b") == (200, "/a/b") and seen == ["//a/b"]


def test_a_mounted_app_redirects_below_its_prefix() -> None:
    outer = Fenrir()
    outer.mount("/inner", make())
    assert ask(outer, "/inner/a//b") == (308, "/inner/a/b?q=1")
    assert ask(outer, "/inner//a/b") == (200, "/a/b")


def test_the_wsgi_side_answers_the_same() -> None:
    client = make().test_client()
    answers = {}
    for path in ANSWERS:
        answer = client.get("/?q=1", environ_overrides={"PATH_INFO": path})
        location = answer.headers.get("location", "").replace("http://localhost", "")
        answers[path] = answer.status_code, location or (answer.text if answer.status_code == 200 else "")
    assert answers == ANSWERS
