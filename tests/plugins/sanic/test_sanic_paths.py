"""Types of path parameters that the handler's annotations give.

There is no ``from __future__ import annotations`` here: Sanic looks at annotations that are classes.
"""
# ruff: noqa: I002

from typing import Any
from uuid import UUID

import pytest

from fenrir import Fenrir, TestClient
from fenrir_sanic import Blueprint, HTTPMethodView, HTTPResponse, Request, Sanic, text
from fenrir_sanic.exceptions import URLBuildError


def _app() -> Sanic:
    app, blueprint = Sanic("typed"), Blueprint("inner", url_prefix="/inner/<first>")

    @app.get("/int/<value>", name="number")
    async def number(request: Request, value: int) -> HTTPResponse:
        return text(repr(value))

    @app.get("/float/<value>/uuid/<other>")
    async def two(request: Request, value: float, other: UUID) -> HTTPResponse:
        return text(f"{value!r} {other.int}")

    @app.get("/bool/<value>")
    async def flag(request: Request, value: bool) -> HTTPResponse:
        return text(repr(value))

    @app.get("/quoted/<value>")
    async def quoted(request: Request, value: "int") -> HTTPResponse:
        return text(repr(value))

    @app.get("/own/<value:str>")
    async def own(request: Request, value: int) -> HTTPResponse:
        return text(repr(value))

    @app.get("/part/<value>.txt")
    async def part(request: Request, value: int) -> HTTPResponse:
        return text(repr(value))

    class View(HTTPMethodView):
        async def get(self, request: Request, value: int) -> HTTPResponse:
            return text(repr(value))

    @blueprint.get("/<second>")
    async def both(request: Request, first: int, second: int) -> HTTPResponse:
        return text(repr((first, second)))

    app.add_route(View.as_view(), "/view/<value>")
    app.blueprint(blueprint)
    return app


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/int/7", "7"),
        ("/int/-7", "-7"),
        ("/float/1.5/uuid/00000000-0000-0000-0000-000000000007", "1.5 7"),
        ("/inner/1/2", "(1, 2)"),
    ],
)
def test_an_untyped_parameter_has_the_type_of_its_annotation(path: str, expected: str) -> None:
    assert _app().test_client.get(path)[1].text == expected


@pytest.mark.parametrize("path", ["/int/x", "/float/1/uuid/x", "/inner/x/2", "/inner/1/x"])
def test_a_path_that_does_not_fit_an_annotation_is_404(path: str) -> None:
    assert _app().test_client.get(path)[1].status == 404


@pytest.mark.parametrize("path", ["/bool/7", "/quoted/7", "/own/7", "/part/7.txt", "/view/7"])
def test_other_annotations_give_no_type(path: str) -> None:
    assert _app().test_client.get(path)[1].text == "'7'"


def test_an_url_is_built_by_the_annotated_type() -> None:
    app = _app()
    assert app.url_for("number", value=7) == "/int/7"
    with pytest.raises(URLBuildError):
        app.url_for("number", value="x")


def test_routes_show_the_annotated_type() -> None:
    found: Any = _app().router.find_route_by_view_name("number")
    assert (found.path, found.params[1].cast) == ("int/<value:int>", int)


def test_a_blueprint_in_the_hybrid_app_has_annotated_types() -> None:
    app, blueprint = Fenrir(), Blueprint("typed")

    @blueprint.get("/<value>")
    async def number(request: Request, value: int) -> HTTPResponse:
        return text(repr(value))

    app.blueprint(blueprint)
    assert [TestClient(app).get(path).status_code for path in ("/7", "/x")] == [200, 404]
    assert TestClient(app).get("/7").text == "7"


@pytest.mark.parametrize(
    "label", ["<name:ext>", "<name:ext=jpg>", "<name:ext=tar.gz|tar.bz>", "<name=int:ext=jpg|png>"]
)
def test_a_file_name_is_one_parameter_of_its_route(label: str) -> None:
    app = Sanic("files")
    app.get(f"/files/{label}", name="file")(lambda request, name, ext: text(f"{name} {ext}"))
    found: Any = app.router.find_route_by_view_name("file")
    assert (found.raw_path, [item.name for item in found.params.values()]) == (f"files/{label}", ["name"])
