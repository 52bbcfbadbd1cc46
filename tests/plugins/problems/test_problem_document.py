"""The OpenAPI document describes error responses: real responses are checked against it."""

from __future__ import annotations

from typing import Any, Dict, List

import jsonschema
import pytest
from tests.plugins.problems.failing_apps import ask

from fenrir import Fenrir
from fenrir_core import HTTPError
from fenrir_fastapi import FastAPI, Query
from fenrir_problems import MEDIA_TYPE, Problem

PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
VALIDATION = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ValidationProblem"}}}


class Gone(Problem):
    status = 410
    type = "gone"


def make(kind: Any = Fenrir, **settings: Any) -> Any:
    app = kind(problem_details=True, problem_base="https://example.org/p/", **settings)

    @app.get("/pets/{pet_id}", responses={404: {"description": "No such pet"}, 409: {"model": Dict[str, int]}})
    async def pet(pet_id: int, limit: int = Query(1, ge=1)) -> Dict[str, int]:
        if pet_id == 404:
            raise HTTPError(404, {"field": "pet_id"}, {"x-a": "1"})
        if pet_id == 410:
            raise Gone(detail="It ran away.", since=[1, 2])
        if pet_id == 500:
            raise LookupError("secret")
        return {"pet_id": pet_id}

    @app.post("/pets")
    async def add(pets: List[Dict[str, int]]) -> None: ...

    return app


def described(document: Any, path: str, method: str, status: int) -> Any:
    """Return the document's description of a response: by status, range or `default`, in this order."""
    answers = document["paths"][path][method]["responses"]
    found = next(answers[key] for key in (str(status), f"{status // 100}XX", "default") if key in answers)
    if "$ref" in found:
        found = document["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return found


each_app = pytest.mark.parametrize("kind", [Fenrir, FastAPI])


@each_app
@pytest.mark.parametrize(
    ("request_line", "template", "status"),
    [
        ("GET /pets/404", "/pets/{pet_id}", 404),
        ("GET /pets/410", "/pets/{pet_id}", 410),
        ("GET /pets/500", "/pets/{pet_id}", 500),
        ("GET /pets/x?limit=0", "/pets/{pet_id}", 422),
        ("POST /pets", "/pets", 422),
        ("POST /pets", "/pets", 413),
    ],
)
def test_an_answer_fits_what_the_document_says_of_it(kind: Any, request_line: str, template: str, status: int) -> None:
    app = make(kind, **({"max_body": 4} if status == 413 else {}))
    method, path = request_line.split()
    options: Dict[str, Any] = {"json": [{"a": "x", "b/c": None}]} if method == "POST" else {}
    answer = ask(app, (method, path), **options)[0]
    assert answer.status == status
    document = app.openapi()
    content = described(document, template, method.lower(), status)["content"]
    schema = content[answer.headers["content-type"]]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json())


@each_app
def test_what_a_route_describes_itself_stays(kind: Any) -> None:
    answers = make(kind).openapi()["paths"]["/pets/{pet_id}"]["get"]["responses"]
    assert answers["404"] == {"description": "No such pet", "content": PROBLEM}
    assert list(answers["409"]["content"]) == ["application/json"]
    assert answers["422"]["content"] == VALIDATION
    assert "content" in answers["200"]


def test_a_default_answer_of_a_route_stands_for_the_ranges() -> None:
    app = Fenrir(problem_details=True)
    app.get("/", responses={"default": {"description": "Whatever"}})(lambda: "")
    answers = app.openapi()["paths"]["/"]["get"]["responses"]
    assert answers["default"] == {"description": "Whatever", "content": PROBLEM}
    assert "4XX" not in answers


def test_schemas_that_nothing_refers_to_any_more_are_gone() -> None:
    schemas = make().openapi()["components"]["schemas"]
    assert set(schemas) == {"Problem", "ValidationProblem"}


def test_without_the_switch_the_document_is_as_ever() -> None:
    app = Fenrir()

    @app.get("/{pet_id}")
    async def pet(pet_id: int) -> None: ...

    document = app.openapi()
    assert set(document["paths"]["/{pet_id}"]["get"]["responses"]) == {"200", "422"}
    assert set(document["components"]["schemas"]) == {"HTTPValidationError", "ValidationError"}
    assert MEDIA_TYPE not in str(document)
