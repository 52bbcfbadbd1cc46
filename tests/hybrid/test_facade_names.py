"""The names of the façade in a hybrid app: the request by its class, responses by either word for the status."""

from __future__ import annotations

import io
from typing import Any, Callable

import pytest

import fenrir
from fenrir import Fenrir
from fenrir_core.testing import SyncClient

RESPONSES = [
    pytest.param(lambda **given: fenrir.Response("x", **given), 201, id="Response"),
    pytest.param(lambda **given: fenrir.JSONResponse({}, **given), 201, id="JSONResponse"),
    pytest.param(lambda **given: fenrir.HTMLResponse("x", **given), 201, id="HTMLResponse"),
    pytest.param(lambda **given: fenrir.PlainTextResponse("x", **given), 201, id="PlainTextResponse"),
    pytest.param(lambda **given: fenrir.RedirectResponse("/", **given), 307, id="RedirectResponse"),
    pytest.param(lambda **given: fenrir.StreamingResponse([b"x"], **given), 201, id="StreamingResponse"),
    pytest.param(lambda **given: fenrir.EventSourceResponse(["x"], **given), 201, id="EventSourceResponse"),
    pytest.param(lambda **given: fenrir.FileResponse(io.BytesIO(b"x"), **given), 201, id="FileResponse"),
]


@pytest.mark.parametrize("word", ["status", "status_code"])
@pytest.mark.parametrize(("make", "status"), RESPONSES)
def test_a_response_takes_both_words_for_the_status(make: Callable[..., Any], status: int, word: str) -> None:
    app = Fenrir()

    @app.get("/")
    async def home() -> Any:
        response = make(**{word: status})
        assert response.status == response.status_code == status
        return response

    with SyncClient(app) as client:
        assert client.get("/", follow=False).status == status


def test_the_request_is_had_by_its_class() -> None:
    app = Fenrir()

    @app.get("/{name}")
    async def home(asked: fenrir.Request, name: str) -> Any:
        return {"path": asked.path, "name": name}

    with SyncClient(app) as client:
        assert client.get("/ada").json() == {"path": "/ada", "name": "ada"}


def test_the_middleware_and_the_statuses_serve_a_hybrid_app() -> None:
    app = Fenrir()
    app.add_middleware(fenrir.CORSMiddleware, allow_origins=["*"])

    @app.get("/")
    async def home() -> Any:
        return fenrir.PlainTextResponse("x", status_code=fenrir.status.HTTP_202_ACCEPTED)

    with fenrir.TestClient(app) as client:
        answer = client.get("/", headers={"origin": "https://a.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (202, "*")
