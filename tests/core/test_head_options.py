"""HEAD, OPTIONS, 404 and 405: derived by the kernel, through the same hooks and handlers as any route."""

from __future__ import annotations

from typing import Any, List

import pytest
from tests.asgi import fetch, kernel_app

from fenrir_core import App, Call, HTTPError, Request, Response, RouteHook, hookimpl


class Hooks:
    """A plugin whose steps surround every answer."""

    def __init__(self) -> None:
        self.seen: List[str] = []

    @hookimpl
    def fenrir_route_hooks(self) -> List[RouteHook]:
        return [RouteHook("hooks", Call(self.before, "inline"), Call(self.after, "inline"))]

    def before(self, request: Request) -> None:
        self.seen.append(f"before {request.method}")

    def after(self, request: Request, response: Response) -> None:
        self.seen.append(f"after {response.status}")
        response.headers["x-hooks"] = "yes"


def shop(**settings: Any) -> App:
    app = kernel_app(**settings)

    @app.get("/items/{name}")
    async def read(request: Request) -> Any:
        return {"name": request.path_params["name"]}

    @app.put("/items/{name}")
    async def write() -> Any:
        return "written"

    @app.delete("/items/all")
    async def clear() -> Any:
        return "cleared"

    return app


# ------------------------------------------------------------ HEAD


def test_a_get_route_answers_head_with_the_same_headers() -> None:
    head, get = fetch(shop(), "HEAD", "/items/x"), fetch(shop(), "GET", "/items/x")
    assert (head.status, head.headers.raw, head.body) == (200, get.headers.raw, b"")


def test_a_route_for_head_replaces_the_derived_one() -> None:
    app = shop()

    @app.head("/items/{name}")
    async def head() -> Any:
        return Response(b"", 200, {"x-own": "yes"})

    assert fetch(app, "HEAD", "/items/x").headers["x-own"] == "yes"


def test_head_is_not_derived_when_the_app_does_not_want_it() -> None:
    answer = fetch(shop(derive_head=False), "HEAD", "/items/x")
    assert (answer.status, answer.body) == (405, b"")
    assert "HEAD" not in answer.headers["allow"]


def test_head_of_an_error_has_its_status_and_headers_and_no_body() -> None:
    app = kernel_app()

    @app.get("/")
    async def fail() -> Any:
        raise HTTPError(409, "no", {"x-why": "busy"})

    answer = fetch(app, "HEAD")
    assert (answer.status, answer.headers["x-why"], answer.body) == (409, "busy", b"")
    assert answer.headers["content-length"] == str(len(fetch(app).body))


@pytest.mark.parametrize("path", ["/none", "/items/x"])
def test_no_answer_to_head_has_a_body(path: str) -> None:
    assert fetch(shop(), "HEAD", path).body == b""


# ------------------------------------------------------------ OPTIONS and 405


def test_options_names_the_methods_of_every_route_that_matches_the_path() -> None:
    answer = fetch(shop(), "OPTIONS", "/items/all")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"


def test_a_method_that_the_path_has_not_is_answered_405_with_allow() -> None:
    answer = fetch(shop(), "PATCH", "/items/x")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS, PUT")


def test_a_route_for_options_replaces_the_derived_one() -> None:
    app = shop()

    @app.options("/items/{name}")
    async def own() -> Any:
        return "mine"

    assert fetch(app, "OPTIONS", "/items/x").text == "mine"


def test_options_is_a_405_when_the_app_does_not_derive_it() -> None:
    answer = fetch(shop(derive_options=False), "OPTIONS", "/items/x")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, PUT")


@pytest.mark.parametrize("method", ["get", "PROPFIND", "CONNECT", "TRACE", "X" * 1000])
def test_a_method_that_nobody_knows_is_a_405_and_no_error(method: str) -> None:
    answer = fetch(shop(), method, "/items/x")
    assert (answer.status, answer.error) == (405, None)


def test_a_path_that_is_not_there_is_a_404_for_every_method() -> None:
    assert {fetch(shop(), method, "/none").status for method in ("GET", "POST", "OPTIONS", "HEAD", "PROPFIND")} == {404}


# ------------------------------------------------------------ through hooks and handlers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("HEAD", "/items/x", 200), ("OPTIONS", "/items/x", 200), ("PATCH", "/items/x", 405), ("GET", "/none", 404)],
)
def test_hooks_surround_the_kernels_own_answers_too(method: str, path: str, status: int) -> None:
    hooks = Hooks()
    answer = fetch(shop(plugins=[hooks]), method, path)
    assert (answer.status, answer.headers["x-hooks"]) == (status, "yes")
    assert hooks.seen == [f"before {method}", f"after {status}"]


def test_handlers_answer_404_and_405_by_status_or_class() -> None:
    app = shop()
    app.add_exception_handler(404, lambda request, error: ("mine: " + request.path, 404))
    app.add_exception_handler(HTTPError, lambda request, error: (f"any: {error.status}", error.status))
    assert fetch(app, path="/none").text == "mine: /none"
    assert fetch(app, "PATCH", "/items/x").text == "any: 405"


def test_the_kernels_own_answers_are_json() -> None:
    assert fetch(shop(), path="/none").text == '{"detail":"Not Found"}'
    assert fetch(shop(), "PATCH", "/items/x").text == '{"detail":"Method Not Allowed"}'
