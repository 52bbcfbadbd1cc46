"""What the notebook in `examples/flask_tutorial` does, on Flask and on Fenrir by the alias."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples"))

from flask import g, get_flashed_messages, session
from flask_tutorial import create_app
from flask_tutorial.database import get_db, init_db


@pytest.fixture
def app(tmp_path: Path) -> Any:
    app = create_app({"TESTING": True, "DATABASE": str(tmp_path / "notes.sqlite")})
    with app.app_context():
        init_db()
        get_db().executescript(
            "INSERT INTO user (name, password) VALUES ('ada', 'x'), ('bob', 'x');"
            "INSERT INTO note (title, text, owner) VALUES ('first', 'of ada', 1);"
        )
    return app


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


def register(client: Any, name: str = "eve") -> Any:
    client.post("/auth/register", data={"name": name, "password": "secret"})
    return client.post("/auth/login", data={"name": name, "password": "secret"})


def test_the_factory_takes_the_configuration_of_a_test() -> None:
    assert not create_app({}).testing
    assert create_app({"TESTING": True}).testing


def test_a_view_of_the_factory_answers(client: Any) -> None:
    assert client.get("/ping").data == b"pong"


def test_the_connection_is_one_for_the_context_and_closed_at_its_end(app: Any) -> None:
    with app.app_context():
        db = get_db()
        assert db is get_db()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        db.execute("SELECT 1")


def test_the_command_creates_the_tables(app: Any) -> None:
    result = app.test_cli_runner().invoke(args=["init-db"])
    assert (result.exit_code, result.output) == (0, "The database is ready.\n")
    with app.app_context():
        assert get_db().execute("SELECT count(*) FROM note").fetchone()[0] == 0


def test_who_registers_can_log_in(client: Any, app: Any) -> None:
    assert client.get("/auth/register").status_code == 200
    response = client.post("/auth/register", data={"name": "eve", "password": "secret"})
    assert response.headers["Location"] == "/auth/login"
    with app.app_context():
        assert get_db().execute("SELECT * FROM user WHERE name = 'eve'").fetchone() is not None
    with client:
        assert client.post("/auth/login", data={"name": "eve", "password": "secret"}).headers["Location"] == "/"
        client.get("/")
        assert (session["user"], g.user["name"]) == (3, "eve")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"name": "", "password": ""}, "A name is required."),
        ({"name": "a", "password": ""}, "A password is required."),
        ({"name": "ada", "password": "b"}, "ada is taken."),
    ],
)
def test_what_is_wrong_with_a_registration_is_told(client: Any, form: Any, message: str) -> None:
    assert message in client.post("/auth/register", data=form).text


def test_a_wrong_password_is_refused(client: Any) -> None:
    with client:
        register(client)
        client.get("/auth/logout")
        assert "user" not in session
        page = client.post("/auth/login", data={"name": "eve", "password": "wrong"})
        assert "Wrong name or password." in page.text


def test_all_see_the_notes_and_the_owner_may_edit(client: Any) -> None:
    page = client.get("/").text
    assert "first" in page and "by ada" in page and "Log in" in page and "/1/update" not in page
    with client.session_transaction() as held:
        held["user"] = 1
    page = client.get("/").text
    assert "Log out" in page and 'href="/1/update"' in page


@pytest.mark.parametrize("path", ["/create", "/1/update", "/1/delete"])
def test_changes_need_a_login(client: Any, path: str) -> None:
    assert client.post(path).headers["Location"] == "/auth/login"


def test_others_may_not_change_a_note(client: Any) -> None:
    register(client)
    assert [client.post(f"/1/{verb}").status_code for verb in ("update", "delete")] == [403, 403]
    assert 'href="/1/update"' not in client.get("/").text


@pytest.mark.parametrize("path", ["/9/update", "/9/delete"])
def test_a_note_that_is_missing_is_not_found(client: Any, path: str) -> None:
    register(client)
    response = client.post(path)
    assert response.status_code == 404 and "There is no note 9." in response.text


def test_a_note_is_written_changed_and_deleted(client: Any, app: Any) -> None:
    register(client)
    assert client.get("/create").status_code == 200
    assert client.post("/create", data={"title": "mine", "text": "<b>"}).headers["Location"] == "/"
    assert "&lt;b&gt;" in client.get("/").text
    assert 'value="mine"' in client.get("/2/update").text
    client.post("/2/update", data={"title": "changed", "text": ""})
    assert "changed" in client.get("/").text
    assert client.post("/2/delete").headers["Location"] == "/"
    with app.app_context():
        assert get_db().execute("SELECT id FROM note WHERE id = 2").fetchone() is None


@pytest.mark.parametrize("path", ["/create", "/2/update"])
def test_a_title_is_required(client: Any, path: str) -> None:
    register(client)
    client.post("/create", data={"title": "mine", "text": ""})
    with client:
        assert "A title is required." in client.post(path, data={"title": "", "text": ""}).text
        assert get_flashed_messages() == ["A title is required."]


def test_what_is_not_committed_is_lost(app: Any, client: Any) -> None:
    @app.route("/fails")
    def fails() -> str:
        get_db().execute("INSERT INTO note (title, text, owner) VALUES ('lost', '', 1)")
        return "x"

    register(client)
    for _ in range(5):
        client.get("/fails")
        client.post("/create", data={"title": "kept", "text": ""})
    page = client.get("/").text
    assert (page.count("<h2>kept</h2>"), page.count("<h2>lost</h2>")) == (5, 0)


def test_static_files_are_served(client: Any) -> None:
    with client.get("/static/style.css") as response:
        assert response.mimetype == "text/css" and "sans-serif" in response.text
