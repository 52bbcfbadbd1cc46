"""What the blog in `examples/flask_blog` does, on Flask and on Fenrir by the alias."""

from __future__ import annotations

import io
import re
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any, Dict

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples"))

from flask import g, message_flashed, request, session, template_rendered, url_for
from flask_blog import create_app
from flask_blog.database import all_rows

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def app(tmp_path: Path) -> Any:
    return create_app(TESTING=True, DATABASE=str(tmp_path / "blog.db"), PICTURES=str(tmp_path / "pictures"))


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


def send(client: Any, path: str, **form: Any) -> Any:
    """Post a form with the token of the session."""
    with client.session_transaction() as held:
        held.setdefault("token", "t0")
        token = held["token"]
    return client.post(path, data={"token": token, **form}, follow_redirects=True)


def enter(client: Any, name: str = "ada") -> Any:
    send(client, "/accounts/register", name=name, password="secret")
    return send(client, "/accounts/login", name=name, password="secret")


def write(client: Any, title: str = "Winter", body: str = "Snow <b>again</b>", tags: str = "", **more: Any) -> Any:
    return send(client, "/posts/new", title=title, body=body, tags=tags, **more)


def basic(name: str = "ada", password: str = "secret") -> Dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


def test_an_account_is_made_and_used(client: Any) -> None:
    page = send(client, "/accounts/register", name="ada", password="secret")
    assert "Welcome, ada! Now log in." in page.text and page.request.path == "/accounts/login"
    page = send(client, "/accounts/login", name="ada", password="secret")
    assert "Hello, ada!" in page.text and 'id="me">ada<' in page.text
    assert client.get_cookie("last_name").value == "ada"
    assert "Bye." in send(client, "/accounts/logout").text
    assert 'value="ada"' in client.get("/accounts/login").text


@pytest.mark.parametrize(
    ("name", "password", "message"),
    [("", "secret", "A name, and"), ("bob", "x", "A name, and"), ("ada", "secret", "ada is taken.")],
)
def test_what_is_wrong_is_flashed(client: Any, name: str, password: str, message: str) -> None:
    send(client, "/accounts/register", name="ada", password="secret")
    page = send(client, "/accounts/register", name=name, password=password)
    assert f'<p class="flash error">{message}' in page.text


def test_messages_are_shown_once(client: Any) -> None:
    enter(client)
    assert "flash" not in client.get("/").text


def test_the_signal_of_a_message_is_sent(app: Any, client: Any) -> None:
    seen = []

    def keep(sender: Any, message: str, category: str) -> None:
        seen.append((message, category))

    with message_flashed.connected_to(keep, app):
        send(client, "/accounts/login", name="x", password="y")
    assert seen == [("Wrong name or password.", "error")]


def test_remembering_makes_the_cookie_last(client: Any) -> None:
    send(client, "/accounts/register", name="ada", password="secret")
    with client.session_transaction() as held:
        held["token"] = "t"
    form = {"token": "t", "name": "ada", "password": "secret"}
    cookies = client.post("/accounts/login", data={**form, "remember": "1"}).headers.getlist("Set-Cookie")
    assert ["Expires=" in cookie for cookie in cookies if cookie.startswith("session=")] == [True]


def test_a_form_without_its_token_is_refused(client: Any) -> None:
    page = client.post("/accounts/login", data={"name": "a", "password": "b"})
    assert page.status_code == 400 and "The form is too old" in page.text


def test_writing_needs_a_login_and_leads_back(client: Any) -> None:
    response = client.get("/posts/new")
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login?next=/posts/new")
    send(client, "/accounts/register", name="ada", password="secret")
    page = send(client, "/accounts/login?next=/posts/new", name="ada", password="secret")
    assert page.request.path == "/posts/new" and len(page.history) == 1


@pytest.mark.parametrize("target", ["//other.test/", "https://other.test/", "/%5Cother.test/"])
def test_a_login_leads_to_no_other_site(client: Any, target: str) -> None:
    send(client, "/accounts/register", name="ada", password="secret")
    page = send(client, f"/accounts/login?next={target}", name="ada", password="secret")
    assert (page.request.url, len(page.history)) == ("http://localhost/", 1)


def test_a_post_is_written_shown_changed_and_deleted(client: Any) -> None:
    enter(client)
    page = write(client, tags="snow ice snow")
    assert "Published." in page.text and "Snow &lt;b&gt;again&lt;/b&gt;" in page.text
    assert page.request.path == "/posts/1/"
    index = client.get("/").text
    assert index.index("#ice") < index.index("#snow") and "0 comments" in index
    assert "Changed." in send(client, "/posts/1/edit", title="Summer", body="Sun", tags="sun").text
    assert "Summer" in client.get("/tags/sun/").text and "nothing here" in client.get("/tags/snow/").text
    assert "Deleted." in send(client, "/posts/1/delete").text
    assert client.get("/posts/1/").status_code == 404


def test_the_slash_of_a_post_is_added(client: Any) -> None:
    response = client.get("/posts/1")
    assert response.status_code == 308 and response.headers["Location"] == "http://localhost/posts/1/"


def test_others_may_not_change_a_post(app: Any, client: Any) -> None:
    enter(client)
    write(client)
    other = app.test_client()
    enter(other, "bob")
    assert [other.get("/posts/1/edit").status_code, send(other, "/posts/1/delete").status_code] == [403, 403]
    assert "Edit" not in other.get("/posts/1/").text


def test_comments_are_counted(client: Any) -> None:
    enter(client)
    write(client)
    assert "Say something." in send(client, "/posts/1/", body=" ").text
    page = send(client, "/posts/1/", body="Nice")
    assert "Thank you." in page.text and "1 comment<" in page.text
    assert "1 comment\n" in client.get("/").text


def test_pages_and_search(client: Any) -> None:
    enter(client)
    for index in range(7):
        write(client, title=f"Title {index}", body="odd" if index % 2 else "even")
    first, second = client.get("/").text, client.get("/?page=2").text
    assert (first.count("<article>"), second.count("<article>")) == (5, 2)
    assert [word in page for page in (first, second) for word in (">older<", ">newer<")] == [True, False, False, True]
    assert client.get("/search", query_string={"q": "odd"}).text.count("<article>") == 3
    assert 'value="&lt;i&gt;"' in client.get("/search?q=<i>").text


def test_a_picture_is_kept_and_served_in_parts(client: Any) -> None:
    enter(client)
    page = write(client, picture=(io.BytesIO(PNG), "snow.PNG"))
    path = re.findall(r'src="(/pictures/[^"]+)"', page.text)[0]
    with client.get(path) as response:
        assert (response.mimetype, response.data) == ("image/png", PNG)
        assert response.cache_control.max_age == 3600
        etag = response.headers["ETag"]
    with client.get(path, headers={"If-None-Match": etag}) as response:
        assert response.status_code == 304
    with client.get(path, headers={"Range": "bytes=1-3"}) as part:
        assert (part.status_code, part.data) == (206, b"PNG")
    assert client.get("/pictures/../blog.db").status_code == 404


def test_other_files_and_large_ones_are_refused(client: Any) -> None:
    enter(client)
    assert "415 Unsupported Media Type" in write(client, picture=(io.BytesIO(b"x"), "x.exe")).text
    assert write(client, body="x" * (3 * 1024 * 1024)).status_code == 413


def test_the_page_of_an_author(client: Any) -> None:
    enter(client)
    write(client)
    assert "Likes snow." in send(client, "/accounts/about", about="Likes snow.").text
    page = client.get("/authors/ada/")
    assert "Winter" in page.text
    assert client.get("/authors/nobody/").status_code == 404


def test_the_theme_is_kept(client: Any) -> None:
    send(client, "/accounts/theme/dark")
    assert '<html lang="en" class="dark">' in client.get("/").text
    assert send(client, "/accounts/theme/pink").status_code == 404


def test_the_feed_is_a_stream_that_knows_its_request(client: Any) -> None:
    enter(client)
    write(client, title="A & B")
    response = client.get("/feed.xml", base_url="https://blog.test")
    assert response.mimetype == "application/rss+xml"
    assert "<title>A &amp; B</title><link>https://blog.test/posts/1/</link>" in response.text


def test_the_api_lists_and_tells_what_has_not_changed(client: Any) -> None:
    enter(client)
    write(client, tags="ice")
    response = client.get("/api/posts")
    assert response.json == [
        {
            "id": 1,
            "title": "Winter",
            "body": "Snow <b>again</b>",
            "author": "ada",
            "tags": ["ice"],
            "url": "http://localhost/posts/1/",
        }
    ]
    again = client.get("/api/posts", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_api_writes_for_those_it_knows(client: Any) -> None:
    enter(client)
    refused = client.post("/api/posts", json={"title": "x"})
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].lower().startswith("basic realm=")
    made = client.post("/api/posts", json={"title": "x"}, headers=basic())
    assert (made.status_code, made.headers["Location"], made.json["title"]) == (201, "/api/posts/1", "x")
    assert client.post("/api/posts", json={}, headers=basic()).json["detail"] == "`title` is missing."
    assert client.post("/api/posts", data="{", headers=basic(), content_type="application/json").status_code == 400
    assert client.delete("/api/posts/1", headers=basic("ada", "wrong")).status_code == 401
    assert client.delete("/api/posts/1", headers=basic()).status_code == 204
    assert client.get("/api/posts/1").json == {"error": "Not Found", "detail": "There is no post 1."}
    assert sorted(client.options("/api/posts/1").allow) == ["DELETE", "GET", "HEAD", "OPTIONS"]


def test_responses_are_hardened(client: Any) -> None:
    headers = client.get("/").headers
    assert (headers["Content-Security-Policy"], headers["X-Content-Type-Options"]) == ("default-src 'self'", "nosniff")
    assert headers["Vary"] == "Cookie"


def test_the_context_of_the_last_request_is_kept(client: Any) -> None:
    enter(client)
    with client:
        client.get("/search?q=a")
        assert (request.args["q"], request.endpoint, g.user["name"]) == ("a", "posts.search", "ada")
        assert session["user"] == 1 and url_for("posts.index") == "/"


def test_the_signal_of_a_template_has_its_context(app: Any, client: Any) -> None:
    seen = []

    def keep(sender: Any, template: Any, context: Any, **more: Any) -> None:
        seen.append((template.name, context["title"], context["blog"]))

    with template_rendered.connected_to(keep, app):
        client.get("/")
    assert seen == [("index.html", "Posts", "Northern notes")]


def test_the_commands_know_the_app(app: Any, client: Any) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["blog", "seed", "3"]).output == "3 posts by ada\n"
    assert runner.invoke(args=["blog", "users"]).output == "ada: 3\n"
    with app.app_context():
        assert len(all_rows("select * from post")) == 3


def test_an_error_in_a_view_is_raised_in_tests_and_a_page_else(app: Any, client: Any) -> None:
    @app.route("/broken")
    def broken() -> str:
        raise ZeroDivisionError("no")

    with pytest.raises(ZeroDivisionError):
        client.get("/broken")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    page = client.get("/broken")
    assert page.status_code == 500 and "500 Internal Server Error" in page.text


def test_what_a_failed_request_changed_is_not_kept(app: Any, client: Any) -> None:
    @app.route("/half")
    def half() -> str:
        from flask_blog.database import change

        change("insert into user (name, password) values ('half', '')")
        raise ZeroDivisionError("no")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.get("/half").status_code == 500
    with app.app_context():
        assert all_rows("select * from user") == []
