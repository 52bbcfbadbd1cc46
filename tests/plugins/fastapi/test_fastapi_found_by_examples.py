from __future__ import annotations

from typing import Any, Dict

import pytest
from pydantic import BaseModel

from fenrir_fastapi import Depends, FastAPI, Request
from fenrir_fastapi.middleware.cors import CORSMiddleware
from fenrir_fastapi.responses import PlainTextResponse
from fenrir_fastapi.staticfiles import StaticFiles
from fenrir_fastapi.testclient import TestClient

ORIGIN = "https://a.example"


class Note(BaseModel):
    text: str


def asked(request: Request) -> str:
    return request.method


def test_a_request_beside_a_model_does_not_count_as_a_body() -> None:
    app = FastAPI()

    @app.post("/own")
    def own(note: Note, request: Request) -> str:
        return note.text + request.method

    @app.post("/below")
    def below(note: Note, method: str = Depends(asked)) -> str:
        return note.text + method

    with TestClient(app) as client:
        for path in ("/own", "/below"):
            assert client.post(path, json={"text": "a"}).json() == "aPOST"


def test_a_json_body_that_is_no_utf_8_is_invalid() -> None:
    app = FastAPI()

    @app.post("/")
    def own(note: Note) -> None: ...

    with TestClient(app) as client:
        answer = client.post("/", content=b"\xff", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "json_invalid")


def cors_answer(options: Dict[str, Any], method: str = "GET", **headers: str) -> Any:
    app = FastAPI()

    @app.get("/")
    def home() -> int:
        return 1

    app.add_middleware(CORSMiddleware, **options)
    with TestClient(app) as client:
        return client.request(method, "/", headers={key.replace("_", "-"): value for key, value in headers.items()})


@pytest.mark.parametrize("options", [{"allow_origins": ["*"]}, {"allow_origins": [ORIGIN]}])
@pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}, {"origin": "https://b.example"}])
def test_an_answer_under_cors_always_varies_by_origin(options: Dict[str, Any], headers: Dict[str, str]) -> None:
    assert cors_answer(options, **headers).headers["vary"] == "Origin"


def test_with_credentials_the_origin_is_named_even_where_any_is_allowed() -> None:
    answer = cors_answer({"allow_origins": ["*"], "allow_credentials": True}, origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_a_preflight_answer_varies_by_all_that_was_asked() -> None:
    answer = cors_answer({"allow_origins": [ORIGIN]}, "OPTIONS", origin=ORIGIN, access_control_request_method="GET")
    asked_by = ["Origin", *(f"Access-Control-Request-{name}" for name in ("Method", "Headers", "Private-Network"))]
    assert answer.headers["vary"].split(", ") == asked_by


def test_the_urls_of_mounts_are_built_by_name(tmp_path: Any) -> None:
    app, inner = FastAPI(), FastAPI()
    app.mount("/static", StaticFiles(directory=tmp_path), name="static")
    app.mount("/sub", inner, name="sub")

    @inner.get("/things/{number}", name="thing")
    def thing(number: int) -> None: ...

    @app.get("/")
    def home(request: Request) -> PlainTextResponse:
        urls = request.url_for("static", path="/a b.css"), request.url_for("sub:thing", number=7)
        return PlainTextResponse(" ".join(map(str, urls)))

    with TestClient(app) as client:
        assert client.get("/").text == "http://testserver/static/a%20b.css http://testserver/sub/things/7"
