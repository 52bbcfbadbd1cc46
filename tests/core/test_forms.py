from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, AsyncIterator, Coroutine, Optional, TypeVar

import pytest

from fenrir_core.exceptions import BadRequest, ClientDisconnect, PayloadTooLarge, TooManyFields
from fenrir_core.http.multipart import FormLimits, UploadFile, parse_form
from fenrir_core.http.query import MultiDict

T = TypeVar("T")
MULTIPART = "multipart/form-data; boundary=XX"
URLENCODED = "application/x-www-form-urlencoded"


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


async def pieces(body: bytes, size: int = 65536, error: Optional[BaseException] = None) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
    if error is not None:
        raise error


def field(name: str, value: bytes) -> bytes:
    return b'--XX\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)


def file(name: str, filename: str, content: bytes, kind: str = "text/plain") -> bytes:
    head = (
        f'--XX\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    return head.encode() + content + b"\r\n"


END = b"--XX--\r\n"


def parse(body: bytes, kind: str = MULTIPART, size: int = 65536, **limits: Any) -> MultiDict:
    return run(parse_form(kind, pieces(body, size), FormLimits(**limits)))


def test_another_media_type_gives_no_fields() -> None:
    assert parse(b"{}", "application/json") == {}
    assert parse(b"", "") == {}


def test_an_urlencoded_form_is_decoded() -> None:
    assert parse(b"a=1&a=%C3%A9+x", f"{URLENCODED}; charset=utf-8").pairs == [("a", "1"), ("a", "é x")]


def test_an_urlencoded_form_is_bounded_in_fields_and_sizes() -> None:
    with pytest.raises(TooManyFields):
        parse(b"a=1&b=2", URLENCODED, max_fields=1)
    with pytest.raises(PayloadTooLarge, match="'a'"):
        parse(b"a=123", URLENCODED, max_field_size=2)
    with pytest.raises(PayloadTooLarge):
        parse(b"a=123", URLENCODED, max_body=4)


@pytest.mark.parametrize("size", [1, 2, 7, 65536])
def test_a_multipart_form_is_the_same_however_it_is_cut_up(size: int) -> None:
    body = field("a", "é\r\n--X".encode()) + file("f", "x.txt", b"\r\n--XY\r\n") + field("a", b"") + END
    form = parse(body, size=size)
    assert form.getlist("a") == ["é\r\n--X", ""]
    upload = form["f"]
    assert (upload.filename, upload.content_type, upload.size) == ("x.txt", "text/plain", 8)
    assert run(upload.read()) == b"\r\n--XY\r\n"
    assert [name for name, _ in form.pairs] == ["a", "f", "a"]
    run(upload.close())


def test_a_file_name_is_kept_as_it_was_sent() -> None:
    form = parse(file("f", "../é.txt", b"") + END)
    assert form["f"].filename == "../é.txt"
    run(form["f"].close())


def test_a_file_field_left_empty_is_an_upload_without_a_name() -> None:
    form = parse(file("f", "", b"") + END)
    assert (form["f"].filename, form["f"].size) == ("", 0)
    run(form["f"].close())


def test_a_large_file_goes_to_disk() -> None:
    content = bytes(range(256)) * 8192

    async def scenario() -> None:
        form = await parse_form(MULTIPART, pieces(file("f", "big", content) + END), FormLimits())
        upload: UploadFile = form["f"]
        assert not upload.in_memory
        assert upload.size == len(content)
        assert await upload.read(3) == content[:3]
        await upload.seek(256)
        assert await upload.read() == content[256:]
        await upload.close()

    run(scenario())


def test_an_upload_can_be_written_read_and_closed_twice() -> None:
    async def scenario() -> None:
        upload = UploadFile("a")
        await upload.write(b"abc")
        await upload.seek(1)
        assert await upload.read() == b"bc"
        assert upload.size == 3
        await upload.close()
        await upload.close()

    run(scenario())


def test_an_upload_is_saved_whole_wherever_it_stands(tmp_path: Path) -> None:
    upload = UploadFile("a")
    upload.file.write(b"abc")
    upload.save(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"abc"
    assert upload.file.tell() == 3
    upload.file.close()


def test_an_empty_body_is_an_empty_form() -> None:
    assert parse(b"") == {}


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 71]
)
def test_a_missing_or_absurd_boundary_is_a_bad_request(kind: str) -> None:
    with pytest.raises(BadRequest, match="boundary"):
        parse(END, kind)


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"--YY\r\n",
        field("a", b"1"),
        field("a", b"1") + b"--XX",
        b"--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n" + END,
        b'--XX\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n' + END,
        b"--XX\r\n\r\n1\r\n" + END,
        b"--XX\r\nbad header\r\n\r\n1\r\n" + END,
        b"--XX\r\nX: " + b"y" * 20000 + b"\r\n\r\n1\r\n" + END,
    ],
    ids=[
        "no-boundary",
        "other-boundary",
        "cut-off",
        "cut-in-the-end",
        "no-name",
        "no-form-data",
        "bare",
        "header",
        "long",
    ],
)
def test_a_malformed_form_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(body)
    assert caught.value.status == 400
    assert "multipart form" in caught.value.detail


def test_the_number_of_fields_and_of_files_is_bounded() -> None:
    body = field("a", b"1") + field("b", b"2") + file("f", "x", b"") + file("g", "y", b"") + END
    with pytest.raises(TooManyFields, match="1 fields"):
        parse(body, max_fields=1)
    with pytest.raises(TooManyFields, match="1 files"):
        parse(body, max_files=1)


def test_a_text_field_is_bounded_and_a_file_is_not() -> None:
    form = parse(file("f", "x", b"123456") + END, max_field_size=5)
    assert form["f"].size == 6
    run(form["f"].close())
    with pytest.raises(PayloadTooLarge, match="'a'") as caught:
        parse(field("a", b"123456") + END, max_field_size=5)
    assert caught.value.status == 413


def test_the_whole_form_is_bounded_where_asked_for() -> None:
    with pytest.raises(PayloadTooLarge):
        parse(file("f", "x", b"y" * 1000) + END, max_body=500)


@pytest.mark.parametrize(
    "error", [None, ClientDisconnect(), asyncio.CancelledError()], ids=["cut-off", "left", "cancelled"]
)
def test_a_form_that_fails_leaves_no_file_open(error: Optional[BaseException]) -> None:
    body = file("f", "big", b"z" * (2 * 1024 * 1024))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((BadRequest, ClientDisconnect, asyncio.CancelledError)):
            run(parse_form(MULTIPART, pieces(body, error=error), FormLimits()))
        gc.collect()


def test_a_missing_parser_is_named_with_the_command_that_installs_it() -> None:
    script = """
import asyncio, sys
sys.modules["python_multipart"] = None
from fenrir_core.exceptions import MissingDependency
from fenrir_core.http.multipart import FormLimits, parse_form

async def nothing():
    for chunk in ():
        yield chunk

try:
    asyncio.run(parse_form("multipart/form-data; boundary=x", nothing(), FormLimits()))
except MissingDependency as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, timeout=60)
    assert b'pip install "fenrir-core[forms]"' in done.stdout
