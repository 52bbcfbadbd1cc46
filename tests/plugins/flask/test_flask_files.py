"""Conditions of requests for files: `send_file` answers them as static files are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict

import pytest
from tests.plugins.flask.asking import Ask, ask_wsgi
from werkzeug.wrappers import Response as WerkzeugResponse

from fenrir_core.testing import SyncClient
from fenrir_flask import Flask, Response, send_from_directory

EARLIER, SAME = "Sun, 09 Sep 2001 01:46:39 GMT", "Sun, 09 Sep 2001 01:46:40 GMT"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    made = Flask(__name__, static_folder=str(tmp_path), static_url_path="/static")
    (tmp_path / "a.txt").write_bytes(b"0123456789")
    os.utime(tmp_path / "a.txt", (10**9, 10**9))
    made.add_url_rule("/sent/<path:name>", "sent", lambda name: send_from_directory(tmp_path, name))
    return made


@pytest.mark.parametrize("place", ["static", "sent"])
@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-Unmodified-Since", EARLIER, 412),
        ("If-Unmodified-Since", SAME, 200),
        ("If-Unmodified-Since", "yesterday", 200),
        ("If-Match", '"other"', 412),
        ("If-Match", "*", 200),
        ("If-Modified-Since", SAME, 304),
        ("If-Modified-Since", EARLIER, 200),
        ("If-None-Match", "*", 304),
        ("Range", "bytes=2-4", 206),
        ("Range", "bytes=20-", 416),
    ],
)
def test_a_file_is_sent_as_the_conditions_say(
    app: Flask, ask: Ask, place: str, name: str, value: str, status: int
) -> None:
    assert ask(app, f"/{place}/a.txt", headers={name: value}).status == status


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}, {"Range": "bytes=0-1"}, {"Range": "bytes=0-1,3-4"}])
def test_a_server_of_asgi_writes_the_date(app: Flask, ask: Ask, headers: Dict[str, str]) -> None:
    is_wsgi = ask is ask_wsgi  # where the app does

    assert ("date" in ask(app, "/sent/a.txt", headers=headers).headers) is is_wsgi


class Plain(WerkzeugResponse):
    """A response without our conditions."""


@pytest.mark.parametrize(("since", "status"), [(EARLIER, 412), (SAME, 200)])
def test_a_response_class_of_another_library_is_held_to_the_time_of_the_file(
    app: Flask, ask: Ask, since: str, status: int
) -> None:
    app.response_class = Plain  # type: ignore[assignment]  # it need not be ours

    assert ask(app, "/sent/a.txt", headers={"If-Unmodified-Since": since}).status == status


def test_a_response_class_with_conditions_of_its_own_sees_the_whole_environment(app: Flask, ask: Ask) -> None:
    class Own(Response):
        def make_conditional(self, request_or_environ: Any, *args: Any, **kwargs: Any) -> Response:
            made = super().make_conditional(request_or_environ, *args, **kwargs)
            made.headers["X-Agent"] = request_or_environ["HTTP_USER_AGENT"]
            return made

    app.response_class = Own

    assert ask(app, "/sent/a.txt", headers={"User-Agent": "ask/1"}).headers["x-agent"] == "ask/1"


def test_a_large_file_is_sent_in_large_pieces(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(b"x" * 1_000_000)
    with SyncClient(app) as client, client.stream("GET", "/sent/large.bin") as stream:
        pieces = [len(piece) for piece in stream if piece]

    assert pieces == [262_144, 262_144, 262_144, 213_568]
