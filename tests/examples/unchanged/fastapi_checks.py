"""What examples/unchanged_fastapi does, on FastAPI and on Fenrir: `fastapi` is whichever this process imports."""

from __future__ import annotations

import warnings
from typing import Any, Dict, Iterator

import pytest
from examples.unchanged_fastapi.app import app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette prefers another HTTP client than the installed one
    from fastapi.testclient import TestClient


@pytest.fixture
def client() -> Iterator[Any]:
    with TestClient(app) as made:
        yield made


@pytest.fixture
def user(client: Any) -> Dict[str, str]:
    """Return the header of a user."""
    token = client.post("/loans/token", data={"username": "ada", "password": "secret"}).json()["access_token"]
    return {"authorization": f"Bearer {token}"}


def test_the_list_is_narrowed_by_the_response_model(client: Any) -> None:
    answer = client.get("/books")
    assert answer.json() == [
        {"title": "Emma", "author": "Austen", "id": 1},
        {"title": "Walden", "author": "Thoreau", "id": 2},
    ]
    assert float(answer.headers["x-process-time"]) >= 0


def test_searching_by_pages(client: Any) -> None:
    assert [book["id"] for book in client.get("/books?q=w&skip=0&limit=1").json()] == [2]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/books?skip=-1&limit=x", ["query.skip", "query.limit"]),
        ("/books/0", ["path.book_id"]),
        ("/books/x", ["path.book_id"]),
    ],
)
def test_invalid_input_is_told_by_the_apps_handler(client: Any, path: str, fields: Any) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (422, {"invalid": fields})


def test_creating_a_book(client: Any, user: Dict[str, str]) -> None:
    answer = client.post("/books", json={"title": "Ulysses", "author": "Joyce"}, headers=user)
    assert (answer.status_code, answer.headers["location"]) == (201, "/books/3")
    assert answer.json() == {"title": "Ulysses", "author": "Joyce", "copies": 1, "id": 3}
    assert "ada added Ulysses" in app.state.store.mails and "closed" in app.state.store.mails
    assert client.get("/books/3").json()["title"] == "Ulysses"


def test_a_model_is_validated(client: Any, user: Dict[str, str]) -> None:
    answer = client.post("/books", json={"title": "", "author": "Joyce", "copies": -1}, headers=user)
    assert (answer.status_code, answer.json()) == (422, {"invalid": ["body.title", "body.copies"]})


def test_without_a_token_it_is_401(client: Any) -> None:
    answer = client.post("/books", json={"title": "Ulysses", "author": "Joyce"})
    assert (answer.status_code, answer.json()) == (401, {"error": "Not authenticated"})
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_token_is_401(client: Any) -> None:
    answer = client.post("/loans/1", headers={"authorization": "Bearer ada.forged"})
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid token"})


def test_a_loan_until_none_is_left(client: Any, user: Dict[str, str]) -> None:
    answer = client.post("/loans/1", headers=user)
    assert (answer.status_code, answer.json()) == (201, {"book": "Emma", "user": "ada", "lent": 1})
    answer = client.post("/loans/1", headers=user)
    assert (answer.status_code, answer.json()) == (409, {"detail": "Emma is out of stock"})


@pytest.mark.parametrize(("path", "text"), [("/books/9", "no such book"), ("/nothing", "Not Found")])
def test_404_goes_through_the_apps_handler(client: Any, path: str, text: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"error": text})


def test_405_goes_through_the_apps_handler(client: Any) -> None:
    assert client.delete("/books").json() == {"error": "Method Not Allowed"}


def test_an_embedded_body(client: Any) -> None:
    assert client.patch("/books/2", json={"copies": 7}).json()["copies"] == 7


def test_a_stream(client: Any) -> None:
    answer = client.get("/books/csv")
    assert answer.text == "1,Emma\n2,Walden\n"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_headers_and_cookies(client: Any) -> None:
    client.cookies.set("theme", "dark")
    assert client.get("/books/agent", headers={"user-agent": "check"}).json() == {"agent": "check", "theme": "dark"}


def test_an_upload(client: Any) -> None:
    answer = client.post("/books/covers", files={"file": ("emma.png", b"12345")}, data={"note": "new"})
    assert answer.json() == {"name": "emma.png", "size": 5, "note": "new"}


def test_a_redirect(client: Any) -> None:
    answer = client.get("/books/old/1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/books/1")


def test_the_preflight_of_cors(client: Any) -> None:
    headers = {"origin": "https://library.example", "access-control-request-method": "POST"}
    answer = client.options("/books", headers=headers)
    assert answer.headers["access-control-allow-origin"] == "https://library.example"


def test_a_websocket(client: Any) -> None:
    with client.websocket_connect("/live?limit=1") as websocket:
        websocket.send_text("e")
        assert websocket.receive_json() == ["Emma"]


def test_the_document(client: Any) -> None:
    document = client.get("/openapi.json").json()
    assert document["info"] == {"title": "Library", "version": "2.0"}
    assert set(document["paths"]) == {
        "/books", "/books/csv", "/books/agent", "/books/covers", "/books/old/{book_id}", "/books/{book_id}",
        "/loans/token", "/loans/{book_id}",
    }  # fmt: skip
    assert document["paths"]["/loans/{book_id}"]["post"]["security"] == [{"OAuth2PasswordBearer": []}]


def test_the_lifespan_ends() -> None:
    with TestClient(app):
        store = app.state.store
    assert not store.is_open
