"""Files: preconditions, compressed copies, hashed names, indexes, and how many hops to a thread a file takes."""

from __future__ import annotations

import io
import os
from email.utils import formatdate
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
from tests.asgi import Answer, fetch, kernel_app, run
from tests.profiling import profiled

from fenrir_core import App, FileResponse
from fenrir_core.authoring import send_from_directory
from fenrir_core.http.conditions import decide, etag_for
from fenrir_core.http.files import PartialFile, cut, has_hash
from fenrir_core.http.headers import Headers, MutableHeaders

MTIME = 1_600_000_000
BIG = bytes(range(256)) * 4096


def serving(directory: Path, **options: Any) -> App:
    """Return an app that serves a directory at `/`."""
    app = kernel_app()

    @app.get("/{name:path}")
    async def file(name: str) -> FileResponse:
        return send_from_directory(directory, name, **options)

    @app.get("/")
    async def top() -> FileResponse:
        return send_from_directory(directory, "", **options)

    return app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name, content in {"a.js": b"script", "sub/index.html": b"sub", "index.html": b"home", "big": BIG}.items():
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (MTIME, MTIME))
    return tmp_path


def get(app: App, path: str, headers: Optional[Dict[str, str]] = None, method: str = "GET") -> Answer:
    return fetch(app, method, path, headers=headers or {})


OLD, SAME = formatdate(MTIME - 1, usegmt=True), formatdate(MTIME, usegmt=True)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"if-match": "{tag}"}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": '"x", {tag}'}, 200),
        ({"if-match": '"x"'}, 412),
        ({"if-match": "W/{tag}"}, 412),
        ({"if-unmodified-since": SAME}, 200),
        ({"if-unmodified-since": OLD}, 412),
        ({"if-unmodified-since": "yesterday"}, 200),
        ({"if-match": "{tag}", "if-unmodified-since": OLD}, 200),
        ({"if-match": "{tag}", "if-none-match": "{tag}"}, 304),
        ({"if-match": '"x"', "if-none-match": "{tag}"}, 412),
        ({"if-match": '"x"', "range": "bytes=0-1"}, 412),
        ({"if-match": "{tag}", "range": "bytes=0-1"}, 206),
    ],
)
def test_a_precondition_is_for_one_version_of_a_file(folder: Path, sent: Dict[str, str], status: int) -> None:
    tag = etag_for((folder / "a.js").stat())
    headers = {name: value.replace("{tag}", tag) for name, value in sent.items()}
    app = serving(folder)
    assert get(app, "/a.js", headers).status == status
    if status in (304, 412):
        assert get(app, "/a.js", headers, "HEAD").status == status


def test_a_small_file_takes_one_hop_to_a_thread(folder: Path) -> None:
    app, calls = serving(folder), []  # type: ignore[var-annotated]

    def note(frame: Any, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_name == "begin" and "_threads" in frame.f_code.co_filename:
            calls.append(frame)

    get(app, "/a.js")
    with profiled(note):
        assert get(app, "/a.js").body == b"script"
    assert len(calls) == 1


def test_a_large_file_is_sent_in_pieces_of_a_quarter_of_a_megabyte(folder: Path) -> None:
    answer = get(serving(folder), "/big")
    assert answer.body == BIG
    assert {len(chunk) for chunk in answer.chunks} == {256 * 1024}


def test_a_server_that_offers_to_send_a_path_is_given_it(folder: Path) -> None:
    sent: List[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http", "method": "GET", "path": "/big", "query_string": b"", "headers": [],
        "extensions": {"http.response.pathsend": {}},
    }  # fmt: skip
    app = serving(folder)
    run(app(scope, receive, send))
    assert sent[0]["status"] == 200
    assert (b"content-length", str(len(BIG)).encode()) in sent[0]["headers"]
    assert sent[1:] == [{"type": "http.response.pathsend", "path": str(folder / "big")}]
    for case in ({"path": "/a.js"}, {"headers": [(b"range", b"bytes=0-99999")]}, {"method": "HEAD"}):
        sent.clear()
        run(app({**scope, **case}, receive, send))
        assert {message["type"] for message in sent[1:]} == {"http.response.body"}, case


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("gzip, zstd", "zstd"),
        ("gzip, br;q=0.5", "gzip"),
        ("br;q=0, *", "zstd"),
        ("identity", None),
        ("", None),
    ],
)
def test_a_compressed_copy_is_sent_to_those_who_accept_it(folder: Path, accepted: str, coding: Optional[str]) -> None:
    for name, extension in {"br": ".br", "zstd": ".zst", "gzip": ".gz"}.items():
        (folder / f"a.js{extension}").write_bytes(name.encode())
    answer = get(serving(folder, precompressed=True), "/a.js", {"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert answer.text == (coding or "script")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"


def test_a_compressed_copy_has_validators_of_its_own(folder: Path) -> None:
    (folder / "a.js.gz").write_bytes(b"small")
    app = serving(folder, precompressed=True)
    plain, packed = get(app, "/a.js"), get(app, "/a.js", {"accept-encoding": "gzip"})
    assert plain.headers["etag"] != packed.headers["etag"]
    again = {"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
    assert get(app, "/a.js", again).status == 304


@pytest.mark.parametrize("kind", ["older", "link", "folder"])
def test_a_copy_that_may_be_wrong_is_not_sent(folder: Path, kind: str) -> None:
    copy = folder / "a.js.gz"
    if kind == "link":
        copy.symlink_to(folder / "index.html")
    elif kind == "folder":
        copy.mkdir()
    else:
        copy.write_bytes(b"old")
        os.utime(copy, (MTIME - 60, MTIME - 60))
    answer = get(serving(folder, precompressed=True), "/a.js", {"accept-encoding": "gzip"})
    assert (answer.text, "content-encoding" in answer.headers) == ("script", False)


def test_compressed_copies_are_a_choice(folder: Path) -> None:
    (folder / "a.js.gz").write_bytes(b"small")
    answer = get(serving(folder), "/a.js", {"accept-encoding": "gzip"})
    assert (answer.text, "vary" in answer.headers) == ("script", False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app.3f2a9c1b.js", True),
        ("app-0123456789abcdef0123456789abcdef.css", True),
        ("index-BX1f4a_k.js", True),
        ("app.3f2a9c1b.js.map", True),
        ("app.js", False),
        ("report-20240101.pdf", False),
        ("index-homepage.js", False),
        ("app.deadbeef.js", False),
        ("3f2a9c1b", False),
        ("", False),
    ],
)
def test_a_hash_in_a_name_is_told_from_other_parts(name: str, expected: bool) -> None:
    assert has_hash(name) is expected


def test_a_file_with_a_hash_in_its_name_may_be_kept_for_a_year(folder: Path) -> None:
    (folder / "app.3f2a9c1b.js").write_bytes(b"x")
    app = serving(folder, immutable=True, max_age=60)
    hashed, other = get(app, "/app.3f2a9c1b.js"), get(app, "/a.js")
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "public, max-age=60"


def test_the_index_of_a_directory_is_a_choice(folder: Path) -> None:
    chosen, plain = serving(folder, index="index.html"), serving(folder)
    assert [get(chosen, path).text for path in ("/", "/sub/")] == ["home", "sub"]
    for app, path in ((plain, "/"), (plain, "/sub/"), (chosen, "/sub"), (chosen, "/a.js/")):
        assert get(app, path).status == 404, path


@pytest.mark.parametrize("name", ["a%00b", "x" * 5000, "a/" * 3000, "a.js/below", "..%2fsecret", "%5c..%5cx"])
def test_a_name_that_no_file_can_have_is_a_404(folder: Path, name: str) -> None:
    assert get(serving(folder), f"/{name}").status == 404


def test_the_pieces_of_a_file_are_read_as_one() -> None:
    headers = MutableHeaders({"content-type": "text/plain"})
    pieces = cut(headers, [(1, 4), (6, 8)], 10)
    file = PartialFile(io.BytesIO(b"0123456789"), pieces)
    by_threes = b"".join(iter(lambda: file.read(3), b""))
    assert by_threes == PartialFile(io.BytesIO(b"0123456789"), pieces).read()
    assert (b"123" in by_threes, b"67" in by_threes, file.is_done) == (True, True, True)


def test_the_ranges_of_a_response_of_unknown_size_are_not_looked_at() -> None:
    assert decide("GET", Headers({"range": "bytes=0-1"}), size=None) == (200, [])
