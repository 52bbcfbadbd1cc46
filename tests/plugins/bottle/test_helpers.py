from __future__ import annotations

import asyncio
import io
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from fenrir import Fenrir, redirect, send_file, send_from_directory
from fenrir_core.testing import Answer, Client


def ask(handler: Any, path: str = "/", **options: Any) -> Answer:
    """Ask an app whose only route is `handler`, whose `root_path` is this directory."""
    app = Fenrir()
    app.get("/<rest:path>" if path != "/" else "/")(handler)

    async def go() -> Answer:
        async with Client(app) as client:
            return await client.get(path, **options)

    return asyncio.run(go())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a directory with a few files, beside one that is nobody's business."""
    (tmp_path / "secret.txt").write_text("secret")
    directory = tmp_path / "public"
    (directory / "deep").mkdir(parents=True)
    (directory / "page.html").write_text("<p>page</p>")
    (directory / "deep" / "data.bin").write_bytes(bytes(range(100)))
    (directory / "link.txt").symlink_to(tmp_path / "secret.txt")
    return directory


def test_redirect_is_returned_with_302() -> None:
    answer = ask(lambda: redirect("/docs"))
    assert (answer.status, answer.headers["location"]) == (302, "/docs")


@pytest.mark.parametrize(
    "arguments, keywords", [(("/x", 301), {}), (("/x",), {"status": 301}), (("/x",), {"code": 301})]
)
def test_redirect_takes_a_status(arguments: Any, keywords: Any) -> None:
    assert redirect(*arguments, **keywords).status == 301


def test_a_redirect_can_be_changed_before_it_is_returned() -> None:
    def handler() -> Any:
        response = redirect("/docs")
        response.set_cookie("seen", "1")
        return response

    assert "seen=1" in ask(handler).headers["set-cookie"]


def test_a_redirect_with_another_status_is_refused_and_a_line_break_is_encoded() -> None:
    with pytest.raises(ValueError, match="200 is not a redirect"):
        redirect("/x", 200)
    assert redirect("/x\r\nSet-Cookie: a=1").headers["location"] == "/x%0D%0ASet-Cookie:%20a=1"


def test_send_file_sends_a_file_with_type_length_and_validators(files: Path) -> None:
    answer = ask(lambda: send_file(files / "page.html"))
    assert answer.text == "<p>page</p>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-length"] == "11"
    assert "etag" in answer.headers and "last-modified" in answer.headers


def test_send_file_starts_relative_paths_at_the_apps_directory() -> None:
    assert "def test_send_file_starts_relative" in ask(lambda: send_file("test_helpers.py")).text


def test_send_file_answers_404_for_a_file_that_is_not_there(files: Path) -> None:
    assert ask(lambda: send_file(files / "none.html")).status == 404


def test_send_file_answers_a_conditional_request_with_304(files: Path) -> None:
    etag = ask(lambda: send_file(files / "page.html")).headers["etag"]
    assert ask(lambda: send_file(files / "page.html"), headers={"if-none-match": etag}).status == 304


def test_send_file_answers_a_range(files: Path) -> None:
    answer = ask(lambda: send_file(files / "deep/data.bin"), headers={"range": "bytes=10-12"})
    assert (answer.status, answer.body) == (206, b"\x0a\x0b\x0c")


def test_send_file_sends_a_file_object_under_a_name() -> None:
    answer = ask(lambda: send_file(io.BytesIO(b"a,b"), as_attachment=True, download_name="ü.csv"))
    assert answer.body == b"a,b"
    assert answer.headers["content-type"].startswith("text/csv")
    assert "filename*=UTF-8''%C3%BC.csv" in answer.headers["content-disposition"]


def test_send_file_sets_what_it_is_told(files: Path) -> None:
    moment = datetime(2024, 2, 29, 12, 0, tzinfo=timezone.utc)
    answer = ask(lambda: send_file(files / "page.html", "text/plain", etag="v1", last_modified=moment, max_age=60))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["etag"] == '"v1"'
    assert answer.headers["last-modified"] == "Thu, 29 Feb 2024 12:00:00 GMT"
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_send_file_can_do_without_an_entity_tag(files: Path) -> None:
    assert "etag" not in ask(lambda: send_file(files / "page.html", etag=False)).headers


def test_send_from_directory_sends_what_is_below(files: Path) -> None:
    assert ask(lambda rest: send_from_directory(files, rest), "/deep/data.bin").body == bytes(range(100))


@pytest.mark.parametrize(
    "path", ["/none.html", "/deep", "/../secret.txt", "/..%2Fsecret.txt", "/%2Fetc%2Fpasswd", "/link.txt", "/a%00b"]
)
def test_send_from_directory_answers_404_for_all_else(files: Path, path: str) -> None:
    assert ask(lambda rest: send_from_directory(files, rest), path).status == 404
