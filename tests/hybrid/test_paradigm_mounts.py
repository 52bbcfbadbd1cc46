"""Mounts of single paradigms: Bottle's own, Flask's, and what Starlette serves below a prefix."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import pytest
from tests.asgi import ask, fetch, run

import fenrir_bottle
import fenrir_fastapi
import fenrir_flask
from fenrir_fastapi.routing import Route
from fenrir_fastapi.staticfiles import StaticFiles

# -------------------------------------------------------------------- Bottle's own mounts


def bottle_pair(log: List[str]) -> Any:
    outer, inner = fenrir_bottle.Bottle(), fenrir_bottle.Bottle()
    outer.add_hook("before_request", lambda: log.append("outer before"))
    inner.add_hook("before_request", lambda: log.append("inner before"))

    @outer.hook("after_request")
    def after() -> None:
        log.append(f"outer after {fenrir_bottle.response.status_code}")
        fenrir_bottle.response.set_header("x-outer", "1")

    @inner.route("/x")
    def serve() -> str:
        log.append("x")
        fenrir_bottle.response.set_header("x-inner", "1")
        return "hi"

    def legacy(environ: Any, start_response: Any) -> List[bytes]:
        log.append("wsgi")
        start_response("201 OK", [("x-inner", "1")])
        return [b"w"]

    def broken(environ: Any, start_response: Any) -> List[bytes]:
        raise KeyError("x")

    with pytest.warns(DeprecationWarning, match="without a slash"):
        outer.mount("/in", inner)
    outer.mount("/wsgi", legacy)
    outer.mount("/broken", broken)
    return outer


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/in/x", ["outer before", "inner before", "x", "outer after 200"]),
        ("/in/none", ["outer before", "inner before", "outer after 404"]),
        ("/wsgi/y", ["outer before", "wsgi", "outer after 201"]),
        ("/broken/y", ["outer before", "outer after 500"]),
    ],
)
def test_the_hooks_of_a_bottle_app_run_around_its_mounts(path: str, expected: List[str]) -> None:
    log: List[str] = []
    answer = fetch(bottle_pair(log), "GET", path)
    assert (log, answer.headers.get("x-outer")) == (expected, "1")


def test_an_error_handler_of_a_bottle_app_answers_a_refused_mount() -> None:
    log: List[str] = []
    outer = bottle_pair(log)
    outer.add_hook("before_request", lambda: fenrir_bottle.abort(401, "no"))
    outer.error(401)(lambda error: "custom")
    answer = fetch(outer, "GET", "/in/x")
    assert (answer.status, answer.text, log) == (401, "custom", ["outer before", "outer after 401"])


# -------------------------------------------------------------------- what is served below a prefix


def test_static_files_are_found_below_the_root_path_at_a_segment(tmp_path: Path) -> None:
    (tmp_path / "sitemap").write_text("map", encoding="utf-8")
    app = StaticFiles(directory=tmp_path)
    found = fetch(app, "GET", "/sitemap", scope={"root_path": "/site"})
    assert (found.status, found.text) == (200, "map")


def test_a_route_at_the_root_path_itself_matches_the_slash() -> None:
    async def serve(request: Any) -> Any:
        return fenrir_fastapi.Response("home")

    route = Route("/", serve)
    scope = {"type": "http", "method": "GET", "path": "/site", "root_path": "/site"}
    assert route.matches(scope)[0].name == "FULL"


def test_a_flask_app_mounted_in_another_is_guarded_by_both() -> None:
    outer, inner = fenrir_flask.Flask("outer"), fenrir_flask.Flask("inner")
    log: List[str] = []
    outer.before_request(lambda: log.append("outer"))
    inner.before_request(lambda: log.append("inner"))
    inner.route("/x")(lambda: "hello")
    outer.mount("/site", inner)
    assert (run(ask(outer, "GET", "/site/x")).text, log) == ("hello", ["outer", "inner"])
