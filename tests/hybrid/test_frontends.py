"""Frontends of the hybrid app: folders of built files, served where no route matches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.asgi import fetch

from fenrir import Depends, Fenrir
from fenrir_fastapi import APIRouter, HTTPException

HTML = {"accept": "text/html", "host": "testserver"}
HOST = {"host": "testserver"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in (("index.html", "home"), ("app.js", "script"), ("sub/index.html", "sub")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "text"),
    [
        ("GET", "/api", HOST, 200, "api"),
        ("GET", "/", HOST, 200, "home"),
        ("GET", "/app.js", HOST, 200, "script"),
        ("HEAD", "/app.js", HOST, 200, ""),
        ("GET", "/sub", HOST, 307, ""),
        ("GET", "/sub/", HOST, 200, "sub"),
        ("GET", "/a/page", HTML, 200, "home"),
        ("GET", "/a/page", HOST, 404, "lost"),
        ("POST", "/app.js", HOST, 405, "not so"),
        ("POST", "/none", HOST, 404, "lost"),
        ("POST", "/api", HOST, 405, "not so"),
    ],
)
def test_a_frontend_answers_what_no_route_answers(
    site: Path, method: str, path: str, headers: Any, status: int, text: str
) -> None:
    app = Fenrir()
    app.get("/api")(lambda: "api")
    app.exception_handler(404)(lambda: ("lost", 404))
    app.exception_handler(405)(lambda: ("not so", 405))
    app.frontend("/", directory=site)
    answer = fetch(app, method, path, headers=headers)
    assert (answer.status, answer.text) == (status, text)


def test_the_dependencies_of_a_router_guard_its_frontend(site: Path) -> None:
    def refuse() -> None:
        raise HTTPException(401)

    app, router = Fenrir(), APIRouter(prefix="/files")
    router.frontend("/", directory=site)
    app.include_router(router, dependencies=[Depends(refuse)])
    assert fetch(app, "GET", "/files/app.js", headers=HOST).status == 401
    assert fetch(app, "GET", "/filesystem/app.js", headers=HOST).status == 404


def test_an_after_step_changes_the_headers_of_a_frontend(site: Path) -> None:
    app = Fenrir()
    app.frontend("/", directory=site)

    @app.after_request
    def after(response: Any) -> Any:
        response.headers["x-frame-options"] = "DENY"
        return response

    answer = fetch(app, "GET", "/app.js", headers=HOST)
    assert (answer.text, answer.headers["x-frame-options"]) == ("script", "DENY")


def test_a_frontend_is_served_below_a_mount(site: Path) -> None:
    inner, outer = Fenrir(), Fenrir()
    inner.frontend("/files", directory=site)
    outer.mount("/inner", inner)
    assert fetch(outer, "GET", "/inner/files/app.js", headers=HOST).text == "script"


def test_an_override_of_a_dependency_holds_for_a_frontend(site: Path) -> None:
    def refuse() -> None:
        raise HTTPException(401)

    app, router = Fenrir(), APIRouter()
    router.frontend("/", directory=site)
    app.include_router(router, dependencies=[Depends(refuse)])
    assert fetch(app, "GET", "/app.js", headers=HOST).status == 401
    app.dependency_overrides[refuse] = lambda: None
    assert fetch(app, "GET", "/app.js", headers=HOST).status == 200
