"""Answers: response models, statuses, classes, the hybrid table, errors."""

from __future__ import annotations

import logging
from typing import Any, AsyncIterator, Dict, List, Optional

import pytest
from pydantic import BaseModel, Field

from fenrir_core import Fenrir
from fenrir_fastapi import FastAPI, HTTPException, Request
from fenrir_fastapi.exceptions import RequestValidationError, ResponseValidationError
from fenrir_fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)


class Public(BaseModel):
    name: str
    note: Optional[str] = None


class Private(Public):
    password: str


class Aliased(BaseModel):
    some_name: str = Field(alias="someName")


def test_a_response_model_filters_what_is_sent(ask: Any) -> None:
    app = Fenrir()

    @app.get("/", response_model=Public)
    async def show() -> Any:
        return Private(name="a", password="secret")

    @app.get("/dict", response_model=List[Public], response_model_exclude_unset=True)
    async def show_dicts() -> Any:
        return [{"name": "a", "password": "secret"}]

    assert ask(app, "GET", "/").json() == {"name": "a", "note": None}
    assert ask(app, "GET", "/dict").json() == [{"name": "a"}]


def test_a_return_annotation_with_a_model_is_the_response_model_also_in_the_hybrid_app(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show() -> Public:
        return Private(name="a", password="secret")

    assert ask(app, "GET", "/").json() == {"name": "a", "note": None}


def test_an_answer_that_does_not_fit_its_model_is_a_500(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    app = Fenrir()

    @app.get("/", response_model=Public)
    async def show() -> Any:
        return {"password": "secret"}

    with caplog.at_level(logging.ERROR):
        answer = ask(app, "GET", "/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert isinstance(caplog.records[-1].exc_info[1], ResponseValidationError)  # type: ignore[index]


def test_fields_can_be_chosen_and_aliases_are_sent(ask: Any) -> None:
    app = FastAPI()

    @app.get("/in", response_model=Private, response_model_include=["name"])
    async def included() -> Any:
        return Private(name="a", password="b")

    @app.get("/out", response_model=Private, response_model_exclude={"password"}, response_model_exclude_none=True)
    async def excluded() -> Any:
        return Private(name="a", password="b")

    @app.get("/alias")
    async def aliased() -> Aliased:
        return Aliased(someName="x")

    assert ask(app, "GET", "/in").json() == {"name": "a"}
    assert ask(app, "GET", "/out").json() == {"name": "a"}
    assert ask(app, "GET", "/alias").json() == {"someName": "x"}


def test_a_status_code_option_sets_the_status(ask: Any) -> None:
    app = Fenrir()

    @app.post("/", status_code=201)
    async def create() -> Any:
        return {"made": True}

    @app.delete("/", status_code=204)
    async def remove() -> None: ...

    assert (ask(app, "POST", "/").status_code, ask(app, "POST", "/").json()) == (201, {"made": True})
    gone = ask(app, "DELETE", "/")
    assert (gone.status_code, gone.content) == (204, b"")


def test_text_is_json_in_a_fastapi_app_and_html_in_the_hybrid_one(ask: Any) -> None:
    async def show() -> Any:
        return "text"

    pure, hybrid = FastAPI(), Fenrir()
    pure.get("/")(show)
    hybrid.get("/")(show)
    assert ask(pure, "GET", "/").text == '"text"'
    assert ask(hybrid, "GET", "/").headers["content-type"] == "text/html; charset=utf-8"


def test_a_response_class_makes_the_answer(ask: Any) -> None:
    app = Fenrir()

    @app.get("/html", response_class=HTMLResponse)
    async def html() -> Any:
        return "<b>"

    @app.get("/plain", response_class=PlainTextResponse, status_code=202)
    async def plain() -> Any:
        return "p"

    @app.get("/go", response_class=RedirectResponse)
    async def go() -> Any:
        return "/html"

    assert ask(app, "GET", "/html").headers["content-type"] == "text/html; charset=utf-8"
    assert ask(app, "GET", "/plain").status_code == 202
    assert (ask(app, "GET", "/go").status_code, ask(app, "GET", "/go").headers["location"]) == (307, "/html")


def test_a_returned_response_is_sent_as_it_is(ask: Any) -> None:
    app = FastAPI()

    @app.get("/")
    async def show() -> Any:
        return JSONResponse({"a": 1}, status_code=418, headers={"x-a": "1"})

    answer = ask(app, "GET", "/")
    assert (answer.status_code, answer.headers["x-a"], answer.json()) == (418, "1", {"a": 1})


def test_a_generator_is_streamed(ask: Any) -> None:
    app = FastAPI()

    @app.get("/raw", response_class=StreamingResponse)
    async def raw() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    @app.get("/lines")
    async def lines() -> AsyncIterator[Dict[str, int]]:
        yield {"a": 1}
        yield {"a": 2}

    assert ask(app, "GET", "/raw").text == "ab"
    answer = ask(app, "GET", "/lines")
    assert (answer.headers["content-type"], answer.text) == ("application/jsonl", '{"a":1}\n{"a":2}\n')


def test_an_http_exception_is_answered_with_its_detail_and_headers(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show() -> None:
        raise HTTPException(status_code=404, detail={"why": "gone"}, headers={"x-a": "1"})

    answer = ask(app, "GET", "/")
    assert (answer.status_code, answer.headers["x-a"], answer.json()) == (404, "1", {"detail": {"why": "gone"}})


def test_a_handler_for_validation_errors_precedes_the_default(ask: Any) -> None:
    app = FastAPI()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Any:
        return PlainTextResponse(f"{request.url.path}: {error.errors()[0]['msg']}", status_code=400)

    @app.get("/n")
    async def show(n: int) -> None: ...

    answer = ask(app, "GET", "/n")
    assert (answer.status_code, answer.text) == (400, "/n: Field required")


def test_a_handler_for_http_exceptions_also_gets_the_frameworks_own(ask: Any) -> None:
    app = FastAPI()

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Any:
        return JSONResponse({"code": error.status_code, "detail": error.detail}, error.status_code)

    assert ask(app, "GET", "/nowhere").json() == {"code": 404, "detail": "Not Found"}


def test_an_error_of_a_validator_is_answered_though_json_has_no_form_for_it(ask: Any) -> None:
    from pydantic import field_validator

    class Strict(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def refuse(cls, value: str) -> str:
            raise ValueError("never")

    app = FastAPI()

    @app.post("/")
    async def create(body: Strict) -> None: ...

    answer = ask(app, "POST", "/", json={"name": "a"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["ctx"] == {"error": {}}


def test_a_fastapi_app_redirects_slashes_with_307_and_derives_no_methods(ask: Any) -> None:
    app = FastAPI()

    @app.get("/items/")
    async def items() -> List[int]:
        return []

    assert ask(app, "GET", "/items").status_code == 307
    assert ask(app, "HEAD", "/items/").status_code == 405
    assert ask(app, "POST", "/items/").json() == {"detail": "Method Not Allowed"}
