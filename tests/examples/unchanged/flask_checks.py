"""What examples/unchanged_flask does, on Flask and on Fenrir: `flask` is whichever this process imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator, NamedTuple, Optional
from urllib.parse import unquote

import flask
import pytest
from examples.unchanged_flask.app import create_app


class Answer(NamedTuple):
    status: int
    location: str
    text: str
    headers: Any


class Client:
    """A client of the app, Flask's or Fenrir's own."""

    def __init__(self, app: flask.Flask) -> None:
        if flask.__name__ == "flask":
            self._client: Any = app.test_client()
        else:
            from fenrir_core.testing import SyncClient

            self._client = SyncClient(app)  # type: ignore[arg-type]
        self._is_flask = flask.__name__ == "flask"

    def send(self, method: str, path: str, form: Optional[Any] = None, json: Optional[Any] = None) -> Answer:
        if self._is_flask:
            answer = self._client.open(path, method=method, data=form, json=json)
            return Answer(answer.status_code, answer.headers.get("Location", ""), answer.text, answer.headers)
        answer = self._client.request(method, path, form=form, json=json, follow=False)
        return Answer(answer.status, answer.headers.get("location", ""), answer.text, answer.headers)

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, **given: Any) -> Answer:
        return self.send("POST", path, **given)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    made = Client(create_app(str(tmp_path / "book.db")))
    yield made
    getattr(made._client, "close", bool)()


@pytest.fixture
def ada(client: Client) -> Client:
    """Return a client that is logged in."""
    client.post("/accounts/register", form={"name": "ada", "password": "secret"})
    client.post("/accounts/login", form={"name": "ada", "password": "secret"})
    return client


def test_the_first_page(client: Client) -> None:
    answer = client.get("/")
    assert answer.status == 200
    assert "Nothing yet." in answer.text and "THE GUEST BOOK!" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_registration_flashes_a_message_once(client: Client) -> None:
    answer = client.post("/accounts/register", form={"name": "ada", "password": "secret"})
    assert (answer.status, answer.location) == (302, "/accounts/login")
    assert "Welcome! Now log in." in client.get("/accounts/login").text
    assert "Welcome!" not in client.get("/accounts/login").text


def test_a_name_is_taken_once(client: Client) -> None:
    client.post("/accounts/register", form={"name": "ada", "password": "secret"})
    answer = client.post("/accounts/register", form={"name": "ada", "password": "other"})
    assert answer.status == 200 and '<p class="error">ada is taken.</p>' in answer.text


def test_a_wrong_password(client: Client) -> None:
    answer = client.post("/accounts/login", form={"name": "ada", "password": "x"})
    assert answer.status == 200 and "Wrong name or password." in answer.text


def test_a_view_that_asks_for_a_login_redirects(client: Client) -> None:
    answer = client.get("/entries/1")
    assert (answer.status, unquote(answer.location)) == (302, "/accounts/login?next=/entries/1")


def test_a_missing_field_is_400(client: Client) -> None:
    assert client.post("/accounts/register", form={"name": "ada"}).status == 400


def test_an_entry_from_form_to_page(ada: Client) -> None:
    answer = ada.post("/entries", form={"text": "Hello <you>"})
    assert (answer.status, answer.location) == (302, "/entries/1")
    assert "<blockquote>Hello &lt;you&gt;</blockquote>" in ada.get("/entries/1").text
    assert "by ada" in ada.get("/").text
    assert ada.post("/entries/1").location == "/"
    assert "Gone." in ada.get("/").text


def test_only_the_author_deletes(ada: Client) -> None:
    ada.post("/api/entries", json={"author": "bob", "text": "mine"})
    assert ada.post("/entries/1").status == 403


def test_logout_ends_the_session(ada: Client) -> None:
    ada.post("/accounts/logout")
    assert ada.get("/entries/1").status == 302


def test_the_api(client: Client) -> None:
    answer = client.post("/api/entries", json={"author": "bob", "text": "hi"})
    assert (answer.status, answer.location) == (201, "/api/entries/1")
    assert "last=1" in answer.headers["Set-Cookie"]
    assert flask.json.loads(client.get("/api/entries").text) == [{"author": "bob", "id": 1, "text": "hi"}]
    assert flask.json.loads(client.get("/api/entries/1").text)["text"] == "hi"


def test_a_body_that_is_no_json_is_415(client: Client) -> None:
    assert client.post("/api/entries", form={"a": "b"}).status == 415


def test_an_apps_own_error_is_answered(client: Client) -> None:
    answer = client.post("/api/entries", json={"author": "bob", "text": "x" * 201})
    assert (answer.status, flask.json.loads(answer.text)) == (422, {"error": "an entry has at most 200 characters"})


@pytest.mark.parametrize("path", ["/api/entries/9", "/api/nothing"])
def test_the_api_tells_404_as_json(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status, flask.json.loads(answer.text)) == (404, {"error": "not found", "path": path})


def test_pages_tell_404_as_html(client: Client) -> None:
    answer = client.get("/nothing")
    assert answer.status == 404 and "<h1>Not found</h1>" in answer.text


def test_a_stream(client: Client) -> None:
    client.post("/api/entries", json={"author": "bob", "text": "hi"})
    answer = client.get("/api/entries.csv")
    assert answer.text == "id,author\n1,bob\n"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_a_method_that_no_route_has_is_405(client: Client) -> None:
    assert client.send("DELETE", "/api/entries").status == 405
