"""Several ranges of a file, compressed copies and unchanging files, where a view sends them."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path
from typing import Any

import pytest
from tests.plugins.flask.asking import Ask

from fenrir_flask import Flask, Response, request, send_file, send_from_directory

CONTENT = b"0123456789" * 10
BROWSER = "br;q=0.5, gzip"
LAST = "Sun, 09 Sep 2001 01:46:40 GMT"


class Kept(Flask):
    """An app whose static files are sent by its own method, not by a compiled route."""

    def send_static_file(self, filename: str) -> Any:
        return super().send_static_file(filename)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    made = Kept(__name__, static_folder=str(tmp_path), static_url_path="/kept")
    path = tmp_path / "a.txt"
    path.write_bytes(CONTENT)
    os.utime(path, (10**9, 10**9))
    made.add_url_rule("/path", "path", lambda: send_file(path))
    made.add_url_rule("/object", "object", lambda: send_file(io.BytesIO(CONTENT), mimetype="text/plain"))
    made.add_url_rule("/plain", "plain", lambda: send_file(path, conditional=False))
    made.add_url_rule("/folder/<path:name>", "folder", lambda name: send_from_directory(tmp_path, name))
    made.add_url_rule("/memory", "memory", in_memory)
    return made


def in_memory() -> Response:
    made = Response(CONTENT, mimetype="text/plain")
    return made.make_conditional(request, accept_ranges=True, complete_length=len(CONTENT))


PLACES = ["/path", "/object", "/folder/a.txt", "/kept/a.txt", "/memory"]


@pytest.mark.parametrize("place", PLACES)
def test_several_ranges_of_a_file_are_sent_as_parts(app: Flask, ask: Ask, place: str) -> None:
    found = ask(app, place, headers={"Range": "bytes=0-2,95-,-2"})

    kind, _, boundary = found.headers["content-type"].partition("; boundary=")
    parts = [part.partition("\r\n\r\n") for part in found.text.split(f"--{boundary}")[1:-1]]
    assert (found.status, kind) == (206, "multipart/byteranges")
    assert [body.strip() for _, _, body in parts] == ["012", "56789", "89"]
    assert [head.strip().splitlines()[1] for head, _, _ in parts] == [
        "Content-Range: bytes 0-2/100",
        "Content-Range: bytes 95-99/100",
        "Content-Range: bytes 98-99/100",
    ]
    assert found.headers["content-length"] == str(len(found.text))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "wanted", [",".join(f"{start}-{start}" for start in range(11)), "0-99,0-99"], ids=["eleven", "more"]
)
def test_more_ranges_than_a_client_needs_are_answered_with_the_whole(
    app: Flask, ask: Ask, place: str, wanted: str
) -> None:
    found = ask(app, place, headers={"Range": f"bytes={wanted}"})

    assert (found.status, found.text) == (200, CONTENT.decode())


@pytest.mark.parametrize("place", PLACES)
def test_several_ranges_none_of_which_is_within_the_file_are_416(app: Flask, ask: Ask, place: str) -> None:
    found = ask(app, place, headers={"Range": "bytes=100-,200-300"})

    assert (found.status, found.headers["content-range"]) == (416, "bytes */100")


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-None-Match", "*", 304),
        ("If-Match", '"other"', 412),
        ("If-Modified-Since", LAST, 304),
        ("If-Range", '"other"', 200),
        ("If-Range", LAST, 206),
    ],
)
def test_conditions_come_before_several_ranges(app: Flask, ask: Ask, name: str, value: str, status: int) -> None:
    assert ask(app, "/path", headers={"Range": "bytes=0-1,4-5", name: value}).status == status


def test_without_conditional_several_ranges_are_ignored(app: Flask, ask: Ask) -> None:
    assert ask(app, "/plain", headers={"Range": "bytes=0-1,4-5"}).status == 200


def test_head_of_several_ranges_has_no_body(app: Flask, ask: Ask) -> None:
    found = ask(app, "/path", "HEAD", headers={"Range": "bytes=0-1,4-5"})

    assert (found.status, found.text) == (206, "")


def test_parts_of_a_large_file_are_sent(app: Flask, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(b"a" * 600_000 + b"b" * 600_000)
    found = ask(app, "/folder/large.bin", headers={"Range": "bytes=0-399999,600000-999999"})

    assert (found.status, found.text.count("a" * 400_000), found.text.count("b" * 400_000)) == (206, 1, 1)


# -------------------------------------------------------------------- compressed and unchanging files


@pytest.fixture
def assets(tmp_path: Path) -> Flask:
    made = Flask(__name__)
    for name, stamp in (("app.3f2a9c1b.js", 10**9), ("app.3f2a9c1b.js.gz", 10**9), ("old.js", 10**9)):
        (tmp_path / name).write_bytes(gzip.compress(CONTENT) if name.endswith(".gz") else CONTENT)
        os.utime(tmp_path / name, (stamp, stamp))
    (tmp_path / "old.js.gz").write_bytes(b"stale")
    os.utime(tmp_path / "old.js.gz", (10**8, 10**8))

    @made.route("/<name>")
    def asset(name: str) -> Any:
        return send_from_directory(tmp_path, name, precompressed=True, immutable=True, max_age=60)

    return made


def headers_of(assets: Flask, name: str, accepted: str) -> Any:
    with assets.test_client().get(f"/{name}", headers={"Accept-Encoding": accepted}) as found:
        return found.headers


@pytest.mark.parametrize(
    ("accepted", "coding"), [(BROWSER, "gzip"), ("identity", None), ("gzip;q=0", None), ("*", "gzip")]
)
def test_a_compressed_copy_is_sent_to_clients_that_accept_it(assets: Flask, accepted: str, coding: Any) -> None:
    headers = headers_of(assets, "app.3f2a9c1b.js", accepted)

    assert (headers.get("Content-Encoding"), headers["Vary"]) == (coding, "Accept-Encoding")
    assert headers["Content-Type"].startswith("text/javascript")


def test_a_compressed_copy_has_an_entity_tag_of_its_own(assets: Flask) -> None:
    tags = {headers_of(assets, "app.3f2a9c1b.js", accepted)["ETag"] for accepted in ("gzip", "identity")}

    assert len(tags) == 2


def test_a_compressed_copy_that_is_older_than_the_file_is_not_sent(assets: Flask) -> None:
    assert "Content-Encoding" not in headers_of(assets, "old.js", "gzip")


def test_a_file_with_a_hash_in_its_name_may_be_kept_without_asking(assets: Flask) -> None:
    headers = headers_of(assets, "app.3f2a9c1b.js", "gzip")

    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Expires" not in headers


def test_a_file_without_a_hash_in_its_name_has_its_usual_age(assets: Flask) -> None:
    assert "max-age=60" in headers_of(assets, "old.js", "gzip")["Cache-Control"]
