from __future__ import annotations

import asyncio
import io
import os
import tempfile
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Optional, Tuple

import pytest

from fenrir_core import App
from fenrir_core.exceptions import NotFound, RangeNotSatisfiable
from fenrir_core.http.conditions import etag_for, not_modified, parse_range, range_applies
from fenrir_core.http.files import FileResponse, guess_type
from fenrir_core.http.headers import Headers
from fenrir_core.http.request import Request

CONTENT = bytes(range(256)) * 1024
MTIME = 1_600_000_000


class Answer:
    """What a client gets from a response that was sent."""

    def __init__(self, messages: List[Any]) -> None:
        self.status: int = messages[0]["status"]
        self.headers = Headers(raw=list(messages[0]["headers"]))
        self.chunks: List[bytes] = [message["body"] for message in messages[1:]]
        self.body = b"".join(self.chunks)
        assert not messages[-1].get("more_body", False)


def fetch(response: FileResponse, headers: Optional[Dict[str, str]] = None, method: str = "GET") -> Answer:
    messages: List[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        messages.append(message)

    async def scenario() -> None:
        scope = {"type": "http", "method": method, "path": "/", "headers": Headers(headers or {}).raw}
        target: Any = SimpleNamespace(app=App(paradigms=[]), nonblocking=False)
        await response.send(Request(scope, receive, send, {}, target))

    try:
        asyncio.run(scenario())
    except BaseException:
        assert messages == [], "the failure came after the headers"
        raise
    return Answer(messages)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "data.txt"
    file.write_bytes(CONTENT)
    os.utime(file, (MTIME, MTIME))
    return file


def test_a_file_is_sent_whole_with_its_type_length_and_validators(path: Path) -> None:
    answer = fetch(FileResponse(path))
    assert answer.status == 200
    assert answer.body == CONTENT
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["etag"] == etag_for(path.stat())
    assert answer.headers["last-modified"] == formatdate(MTIME, usegmt=True)
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_large_file_is_read_in_pieces(path: Path) -> None:
    assert max(map(len, fetch(FileResponse(path)).chunks)) <= 256 * 1024


def test_a_small_and_an_empty_file_are_sent(tmp_path: Path) -> None:
    for content in (b"abc", b""):
        (tmp_path / "x").write_bytes(content)
        answer = fetch(FileResponse(str(tmp_path / "x")))
        assert answer.body == content
        assert answer.headers["content-length"] == str(len(content))


def test_head_has_the_headers_of_get_and_no_body(path: Path) -> None:
    get, head = fetch(FileResponse(path)), fetch(FileResponse(path), {"range": "bytes=0-1"}, "HEAD")
    assert head.body == b""
    assert (head.status, head.headers) == (200, get.headers)


@pytest.mark.parametrize("name", ["missing", "data.txt/below", "x" * 5000, "a\0b", "."])
def test_a_path_that_is_no_readable_file_is_not_found(path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        fetch(FileResponse(f"{path.parent}/{name}"))


def test_a_named_pipe_is_not_found_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotFound):
        fetch(FileResponse(tmp_path / "pipe"))


def test_a_matching_etag_gives_304_without_a_body(path: Path) -> None:
    etag = etag_for(path.stat())
    answer = fetch(FileResponse(path, max_age=60), {"if-none-match": f'"x", W/{etag}'})
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "content-length" not in answer.headers
    assert "content-type" not in answer.headers


def test_an_unchanged_date_gives_304(path: Path) -> None:
    assert fetch(FileResponse(path), {"if-modified-since": formatdate(MTIME, usegmt=True)}).status == 304
    assert fetch(FileResponse(path), {"if-modified-since": formatdate(MTIME - 1, usegmt=True)}).status == 200


def test_conditions_can_be_switched_off(path: Path) -> None:
    answer = fetch(FileResponse(path, conditional=False), {"if-none-match": "*", "range": "bytes=0-1"})
    assert (answer.status, answer.body) == (200, CONTENT)
    assert "accept-ranges" not in answer.headers


def test_conditions_count_for_get_and_head_with_200_alone(path: Path) -> None:
    assert fetch(FileResponse(path), {"if-none-match": "*"}, "POST").status == 200
    assert fetch(FileResponse(path, status=404), {"if-none-match": "*", "range": "bytes=0-1"}).status == 404


def test_an_etag_given_by_the_caller_is_the_one_that_counts(path: Path) -> None:
    answer = fetch(FileResponse(path, headers={"etag": '"mine"'}), {"if-none-match": '"mine"'})
    assert (answer.status, answer.headers.getlist("etag")) == (304, ['"mine"'])


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [("0-0", 0, 1), ("10-19", 10, 20), ("-5", len(CONTENT) - 5, len(CONTENT)), ("1-", 1, len(CONTENT))],
)
def test_one_range_gives_that_part(path: Path, wanted: str, start: int, stop: int) -> None:
    answer = fetch(FileResponse(path), {"range": f"bytes={wanted}"})
    assert answer.status == 206
    assert answer.body == CONTENT[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(stop - start)


def test_several_ranges_give_a_multipart_answer(path: Path) -> None:
    answer = fetch(FileResponse(path), {"range": "bytes=0-3,-2"})
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    size = len(CONTENT)
    assert (answer.status, kind) == (206, "multipart/byteranges")
    head = f"\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes "
    expected = (
        f"{head}0-3/{size}\r\n\r\n".encode()
        + CONTENT[:4]
        + f"{head}{size - 2}-{size - 1}/{size}\r\n\r\n".encode()
        + CONTENT[-2:]
        + f"\r\n--{boundary}--\r\n".encode()
    )
    assert answer.body == expected
    assert answer.headers["content-length"] == str(len(expected))
    assert "content-range" not in answer.headers


def test_a_range_beyond_the_end_is_not_satisfiable_and_the_size_is_told(path: Path) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        fetch(FileResponse(path), {"range": f"bytes={len(CONTENT)}-"})
    assert caught.value.headers == {"content-range": f"bytes */{len(CONTENT)}"}


def test_a_range_of_another_version_gives_the_whole_file(path: Path) -> None:
    etag = etag_for(path.stat())
    assert fetch(FileResponse(path), {"range": "bytes=0-1", "if-range": '"old"'}).status == 200
    assert fetch(FileResponse(path), {"range": "bytes=0-1", "if-range": etag}).status == 206


def test_a_response_can_be_sent_twice(path: Path) -> None:
    response = FileResponse(path)
    assert fetch(response, {"range": "bytes=0-1"}).status == 206
    path.write_bytes(b"new")
    assert fetch(response).body == b"new"


def test_an_attachment_is_named(path: Path) -> None:
    assert fetch(FileResponse(path, as_attachment=True)).headers["content-disposition"] == (
        'attachment; filename="data.txt"'
    )
    named = fetch(FileResponse(path, filename="report.pdf"))
    assert named.headers["content-disposition"] == 'inline; filename="report.pdf"'
    assert named.headers["content-type"] == "application/pdf"


def test_a_file_object_is_sent_from_where_it_stands_and_closed() -> None:
    file = io.BytesIO(b"0123456789")
    file.seek(2)
    answer = fetch(FileResponse(file, media_type="text/csv"))
    assert answer.body == b"23456789"
    assert answer.headers["content-length"] == "8"
    assert file.closed


def test_a_range_of_a_file_object_counts_from_where_it_stands() -> None:
    file = io.BytesIO(b"0123456789")
    file.seek(2)
    answer = fetch(FileResponse(file), {"range": "bytes=1-2"})
    assert (answer.status, answer.body) == (206, b"34")


def test_a_spooled_file_is_sent() -> None:
    file = tempfile.SpooledTemporaryFile()
    file.write(b"abc")
    file.seek(0)
    assert fetch(FileResponse(file)).body == b"abc"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_object_that_cannot_seek_is_sent_without_a_length(method: str) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"abc")
    os.close(writer)
    answer = fetch(FileResponse(os.fdopen(reader, "rb")), {"range": "bytes=0-1"}, method)
    assert (answer.status, answer.body) == (200, b"abc" if method == "GET" else b"")
    assert "content-length" not in answer.headers


def test_a_file_in_text_mode_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="binary"):
        FileResponse(io.StringIO("x"))


@pytest.mark.parametrize("content", [b"x" * 10, b"x" * 100_000], ids=["small", "large"])
def test_a_file_that_shrinks_is_an_error_and_not_a_short_answer(content: bytes) -> None:
    class Shrinking(io.BytesIO):
        def read(self, size: Optional[int] = -1) -> bytes:
            return b""

    with pytest.raises(RuntimeError, match="shorter"):
        fetch(FileResponse(Shrinking(content)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/html"),
        ("a.js", "text/javascript"),
        ("a.woff2", "font/woff2"),
        ("a.tar.gz", "application/gzip"),
        ("a.unheard-of", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_the_type_of_a_file_is_guessed_by_its_name(name: str, kind: str) -> None:
    assert guess_type(name) == kind


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-4", [(0, 5)]),
        ("bytes=5-", [(5, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-30", [(0, 10)]),
        ("bytes=8-30", [(8, 10)]),
        ("BYTES = 0-0 , 2-3,,", [(0, 1), (2, 4)]),
        ("bytes=0-1,50-60", [(0, 2)]),
        ("bytes=3-1", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=1", None),
        ("bytes=", None),
        ("bytes=٣-", None),
        ("items=0-1", None),
        ("bytes=0-9,0-9", None),
        ("bytes=" + ",".join(["0-0"] * 11), None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_range_header_is_read_or_ignored(header: str, expected: Optional[List[Tuple[int, int]]]) -> None:
    assert parse_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20,30-", "bytes=-0"])
def test_ranges_that_are_all_outside_are_not_satisfiable(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 10)


def test_a_suffix_of_an_empty_file_is_ignored_and_another_range_is_not_satisfiable() -> None:
    assert parse_range("bytes=-5", 0) is None
    with pytest.raises(RangeNotSatisfiable):
        parse_range("bytes=0-", 0)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"if-none-match": '"a"'}, True),
        ({"if-none-match": 'W/"a"'}, True),
        ({"if-none-match": '"b", "a"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": "a"}, False),
        ({"if-none-match": '"b"', "if-modified-since": formatdate(200, usegmt=True)}, False),
        ({"if-modified-since": formatdate(100, usegmt=True)}, True),
        ({"if-modified-since": formatdate(99, usegmt=True)}, False),
        ({"if-modified-since": "yesterday"}, False),
    ],
)
def test_a_copy_is_current_by_tag_and_only_then_by_date(headers: Dict[str, str], expected: bool) -> None:
    assert not_modified(Headers(headers), '"a"', 100.7) is expected


def test_without_validators_nothing_but_a_star_is_current() -> None:
    assert not not_modified(Headers({"if-none-match": '"a"'}), None, None)
    assert not not_modified(Headers({"if-modified-since": formatdate(100, usegmt=True)}), None, None)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, True),
        ('"a"', True),
        ('"b"', False),
        ('W/"a"', False),
        (formatdate(100, usegmt=True), True),
        (formatdate(200, usegmt=True), False),
        ("a", False),
    ],
)
def test_a_range_applies_to_exactly_the_version_that_if_range_names(sent: Optional[str], expected: bool) -> None:
    headers = Headers({} if sent is None else {"if-range": sent})
    assert range_applies(headers, '"a"', 100.7) is expected
