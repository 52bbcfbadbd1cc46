"""Methods of a path that routes and mounted apps have in common."""

from __future__ import annotations

from typing import Any

import pytest
from tests.asgi import fetch, kernel_app

from fenrir_core import App


class Legacy:
    """An ASGI app that has GET and DELETE below `/old`, and tells the body that it gets."""

    def __init__(self, options: int = 200) -> None:
        self.options, self.calls = options, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise ValueError("no lifespan")
        self.calls += 1
        body, headers, status = b"", [(b"x-legacy", b"yes")], 200
        if scope["method"] == "OPTIONS":
            status = self.options
            headers.append((b"allow", b"DELETE, GET, OPTIONS"))
        elif scope["method"] not in ("GET", "DELETE", "HEAD"):
            more = True
            while more:
                message = await receive()
                body, more = body + message["body"], message.get("more_body", False)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body or scope["method"].encode()})


def partly_moved(legacy: Any, prefix: str = "", **settings: Any) -> App:
    app = kernel_app(**settings)

    @app.get("/old/read")
    async def read() -> Any:
        return "ours"

    @app.post("/old/write")
    async def write() -> Any:
        return "ours"

    app.mount(prefix, legacy)
    return app


@pytest.mark.parametrize("prefix", ["", "/old"])
@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("GET", "/old/read", "ours"),
        ("DELETE", "/old/read", "DELETE"),
        ("POST", "/old/write", "ours"),
        ("GET", "/old/write", "GET"),
        ("PROPFIND", "/old/write", "PROPFIND"),
        ("GET", "/old/other", "GET"),
    ],
)
def test_a_method_that_a_route_lacks_is_the_mounts(prefix: str, method: str, path: str, text: str) -> None:
    assert fetch(partly_moved(Legacy(), prefix), method, path).text == text


def test_the_body_of_such_a_request_is_not_read_before() -> None:
    answer = fetch(partly_moved(Legacy()), "PUT", "/old/read", body=[b"one ", b"two"])
    assert answer.text == "one two"


def test_the_longest_mount_that_covers_the_path_serves_it() -> None:
    app = partly_moved(Legacy())
    near = Legacy()
    app.mount("/old", near)
    assert (fetch(app, "DELETE", "/old/read").text, near.calls) == ("DELETE", 1)


def test_head_is_the_apps_where_get_is() -> None:
    app = partly_moved(Legacy())
    assert "x-legacy" not in fetch(app, "HEAD", "/old/read").headers
    assert "x-legacy" in fetch(app, "HEAD", "/old/write").headers


def test_a_mount_that_does_not_cover_the_path_changes_nothing() -> None:
    answer = fetch(partly_moved(Legacy(), "/elsewhere"), "DELETE", "/old/read")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_the_methods_of_routes_and_mount_are_one_list_for_options() -> None:
    legacy = Legacy()
    answer = fetch(partly_moved(legacy), "OPTIONS", "/old/write")
    assert (answer.status, answer.headers["allow"]) == (200, "DELETE, GET, OPTIONS, POST")
    assert (answer.headers["x-legacy"], legacy.calls) == ("yes", 1)


@pytest.mark.parametrize("status", [404, 405])
def test_the_methods_of_routes_alone_are_told_where_the_mount_has_no_such_path(status: int) -> None:
    answer = fetch(partly_moved(Legacy(status)), "OPTIONS", "/old/write")
    assert (answer.status, answer.headers["allow"], answer.body) == (200, "OPTIONS, POST", b"")
    assert "x-legacy" not in answer.headers


def test_options_is_the_mounts_where_the_app_derives_none() -> None:
    answer = fetch(partly_moved(Legacy(), derive_options=False), "OPTIONS", "/old/write")
    assert answer.headers["allow"] == "DELETE, GET, OPTIONS"


def test_a_route_for_options_is_not_shared_with_the_mount() -> None:
    legacy = Legacy()
    app = partly_moved(legacy)

    @app.options("/old/write")
    async def own() -> Any:
        return "own"

    assert (fetch(app, "OPTIONS", "/old/write").text, legacy.calls) == ("own", 0)
