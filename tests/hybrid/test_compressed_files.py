"""Compressed copies beside files and names with a hash, wherever an app serves files and is told to look for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from tests.asgi import Answer, fetch, kernel_app, run

import fenrir_bottle
import fenrir_fastapi
from fenrir_core.authoring import send_from_directory
from fenrir_fastapi.middleware.gzip import GZipMiddleware
from fenrir_fastapi.responses import FileResponse
from fenrir_fastapi.starlette.applications import Starlette
from fenrir_fastapi.starlette.routing import Mount
from fenrir_fastapi.staticfiles import StaticFiles

MTIME = 1_600_000_000
SCRIPT = b"a script " * 20
HASHED = "app.3f2a9c1b.js"
YEAR = "public, max-age=31536000, immutable"
CHOICES: Any = {"precompressed": True, "immutable": True}
Place = Callable[[Path], Any]


def of_the_kernel(folder: Path) -> Any:
    app = kernel_app()
    app.get("/f/{name:path}")(lambda name: send_from_directory(folder, name, **CHOICES))
    return app


def file_response(folder: Path) -> Any:
    app = fenrir_fastapi.FastAPI()

    @app.api_route("/f/{name:path}", methods=["GET", "HEAD"])
    async def file(name: str) -> Any:
        return FileResponse(folder / name, **CHOICES)

    return app


def static_files(folder: Path) -> Any:
    app = fenrir_fastapi.FastAPI()
    app.mount("/f", StaticFiles(directory=folder, **CHOICES))
    return app


def starlettes_static_files(folder: Path) -> Any:
    return Starlette(routes=[Mount("/f", StaticFiles(directory=folder, **CHOICES))])


def frontend(folder: Path) -> Any:
    app = fenrir_fastapi.FastAPI()
    app.frontend("/f", directory=folder, **CHOICES)
    return app


def static_file(folder: Path) -> Any:
    app = fenrir_bottle.Bottle()
    app.route("/f/<name:path>")(lambda name: fenrir_bottle.static_file(name, str(folder), **CHOICES))
    return app


PLACES = [of_the_kernel, file_response, static_files, starlettes_static_files, frontend, static_file]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.js", HASHED):
        (tmp_path / name).write_bytes(SCRIPT)
        os.utime(tmp_path / name, (MTIME, MTIME))
    for extension in ("br", "zst", "gz"):
        (tmp_path / f"a.js.{extension}").write_bytes(f"by {extension}".encode())
    return tmp_path


def ask(app: Any, name: str = "a.js", method: str = "GET", **headers: str) -> Answer:
    sent: Dict[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
    return fetch(app, method, f"/f/{name}", headers=sent)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [("gzip, br", "br", b"by br"), ("zstd, gzip", "zstd", b"by zst"), ("gzip", "gzip", b"by gz")],
)
def test_the_copy_that_the_client_prefers_is_sent_as_the_file(
    place: Place, folder: Path, accepted: str, coding: str, body: bytes
) -> None:
    answer = ask(place(folder), accept_encoding=accepted)
    assert (answer.status, answer.body, answer.headers["content-encoding"]) == (200, body, coding)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("place", PLACES)
def test_a_client_that_accepts_none_is_sent_the_file_and_caches_are_told_what_decides(
    place: Place, folder: Path
) -> None:
    for headers in ({}, {"accept_encoding": "br"}):
        assert ask(place(folder), **headers).headers["vary"] == "Accept-Encoding"
    answer = ask(place(folder))
    assert (answer.body, answer.headers.get("content-encoding")) == (SCRIPT, None)


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_that_is_older_than_the_file_is_not_sent(place: Place, folder: Path) -> None:
    os.utime(folder / "a.js.br", (MTIME - 10, MTIME - 10))
    assert ask(place(folder), accept_encoding="br").body == SCRIPT


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_has_a_tag_of_its_own_by_which_it_is_known(place: Place, folder: Path) -> None:
    app = place(folder)
    whole, copy = ask(app), ask(app, accept_encoding="br")
    assert whole.headers["etag"] != copy.headers["etag"]
    assert ask(app, accept_encoding="br", if_none_match=copy.headers["etag"]).status == 304
    assert ask(app, if_none_match=copy.headers["etag"]).status == 200


@pytest.mark.parametrize("place", PLACES)
def test_a_range_is_one_of_the_copy(place: Place, folder: Path) -> None:
    answer = ask(place(folder), accept_encoding="br", range="bytes=0-1")
    assert (answer.status, answer.body, answer.headers["content-range"]) == (206, b"by", "bytes 0-1/5")


@pytest.mark.parametrize("place", PLACES)
def test_head_describes_the_copy(place: Place, folder: Path) -> None:
    answer = ask(place(folder), method="HEAD", accept_encoding="br")
    assert (answer.status, answer.headers["content-encoding"], answer.headers["content-length"]) == (200, "br", "5")


@pytest.mark.parametrize("place", [static_files, file_response])
def test_a_copy_is_not_compressed_again(place: Place, folder: Path) -> None:
    app = place(folder)
    app.add_middleware(GZipMiddleware, minimum_size=1)
    answer = ask(app, accept_encoding="br, gzip")
    assert (answer.body, answer.headers.getlist("content-encoding")) == (b"by br", ["br"])


@pytest.mark.parametrize("place", PLACES)
def test_a_file_with_a_hash_in_its_name_may_be_kept_for_a_year(place: Place, folder: Path) -> None:
    app = place(folder)
    assert ask(app, HASHED).headers["cache-control"] == YEAR
    assert "cache-control" not in ask(app).headers


@pytest.mark.parametrize("place", [place for place in PLACES if place is not file_response])
def test_a_missing_file_is_none_though_a_copy_of_it_is_there(place: Place, folder: Path) -> None:
    (folder / "gone.js.br").write_bytes(b"br")
    assert ask(place(folder), "gone.js", accept_encoding="br").status == 404


# ---------------------------------------------------------------- files that the server sends itself


@pytest.mark.parametrize("place", [of_the_kernel, file_response, static_files, frontend, static_file])
def test_a_large_file_is_sent_by_a_server_that_can(place: Place, folder: Path) -> None:
    (folder / "large.bin").write_bytes(b"x" * 300_000)
    sent: List[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/f/large.bin", "query_string": b"", "headers": [],
        "extensions": {"http.response.pathsend": {}},
    }  # fmt: skip
    run(place(folder)(scope, receive, send))
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"content-length"]) == (200, b"300000")
    assert sent[1:] == [{"type": "http.response.pathsend", "path": str(folder / "large.bin")}]
