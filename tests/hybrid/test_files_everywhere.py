"""What a client can rely on wherever a file is served: validators, conditions, ranges, HEAD, and safe names."""

from __future__ import annotations

import asyncio
import itertools
import os
from email import message_from_bytes
from email.utils import formatdate
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
from tests.asgi import Answer, Server, fetch, kernel_app, run

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir_core import FileResponse
from fenrir_core.authoring import send_from_directory
from fenrir_fastapi.middleware.gzip import GZipMiddleware
from fenrir_fastapi.responses import FileResponse as StarletteFileResponse
from fenrir_fastapi.starlette.applications import Starlette
from fenrir_fastapi.starlette.exceptions import HTTPException
from fenrir_fastapi.starlette.routing import Mount, Route
from fenrir_fastapi.staticfiles import StaticFiles

CONTENT = b"0123456789" * 10
MTIME = 1_600_000_000
#: Sanic's apps have names of their own.
_NUMBERS = itertools.count()
Place = Callable[[Path], Any]


def of_the_kernel(folder: Path) -> Any:
    app = kernel_app()

    @app.get("/f/{name:path}")
    async def file(name: str) -> FileResponse:
        return send_from_directory(folder, name)

    return app


def starlettes_file_response(folder: Path) -> Any:
    app = fenrir_fastapi.FastAPI()

    @app.api_route("/f/{name:path}", methods=["GET", "HEAD"])
    async def file(name: str) -> Any:
        return StarletteFileResponse(folder / name)

    return app


def starlettes_static_files(folder: Path) -> Any:
    app = fenrir_fastapi.FastAPI()
    app.mount("/f", StaticFiles(directory=folder))
    return app


def starlettes_own_app(folder: Path) -> Any:
    def file(request: Any) -> Any:
        if not os.path.isfile(folder / request.path_params["name"]):
            raise HTTPException(404)
        return StarletteFileResponse(folder / request.path_params["name"])

    return Starlette(routes=[Route("/f/{name:path}", file)])


def starlettes_own_static_files(folder: Path) -> Any:
    return Starlette(routes=[Mount("/f", StaticFiles(directory=folder))])


def flasks_send_from_directory(folder: Path) -> Any:
    app = fenrir_flask.Flask(__name__, static_folder=None)

    @app.route("/f/<path:name>")
    def file(name: str) -> Any:
        return fenrir_flask.send_from_directory(str(folder), name)

    return app


def flasks_static_folder(folder: Path) -> Any:
    return fenrir_flask.Flask(__name__, static_folder=str(folder), static_url_path="/f")


def falcons_static_route(folder: Path) -> Any:
    app = fenrir_falcon.App()
    app.add_static_route("/f", str(folder))
    return app


def sanics_static(folder: Path) -> Any:
    app = fenrir_sanic.Sanic(f"files_{next(_NUMBERS)}")
    app.static("/f", folder, use_content_range=True)
    return app


def sanics_static_in_pieces(folder: Path) -> Any:
    app = fenrir_sanic.Sanic(f"files_{next(_NUMBERS)}")
    app.static("/f", folder, use_content_range=True, stream_large_files=1)
    return app


def bottles_static_file(folder: Path) -> Any:
    app = fenrir_bottle.Bottle()

    @app.route("/f/<name:path>")
    def file(name: str) -> Any:
        return fenrir_bottle.static_file(name, str(folder))

    return app


PLACES = [
    of_the_kernel, starlettes_file_response, starlettes_static_files, starlettes_own_app, starlettes_own_static_files,
    flasks_send_from_directory, flasks_static_folder, falcons_static_route, sanics_static, sanics_static_in_pieces,
    bottles_static_file,
]  # fmt: skip
#: Those that hold all preconditions and answer with several parts: `send_from_directory` of Flask is Werkzeug's.
HELD = [place for place in PLACES if place is not flasks_send_from_directory]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    file = tmp_path / "site" / "a.txt"
    file.write_bytes(CONTENT)
    os.utime(file, (MTIME, MTIME))
    (tmp_path / "secret").write_bytes(b"hidden words")
    return tmp_path / "site"


@pytest.fixture(params=["alone", "mounted"])
def ask(request: pytest.FixtureRequest, folder: Path) -> Callable[..., Answer]:
    """Return a function that asks a place for a file, by itself or mounted in another app."""

    def asked(place: Place, name: str = "a.txt", method: str = "GET", **headers: str) -> Answer:
        app, path = place(folder), f"/f/{name}"
        if request.param == "mounted":
            outer = kernel_app()
            outer.mount("/m", app)
            app, path = outer, f"/m{path}"
        sent: Dict[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
        return fetch(app, method, path, headers=sent)

    return asked


def date(seconds: int) -> str:
    return formatdate(MTIME + seconds, usegmt=True)


@pytest.mark.parametrize("place", PLACES)
def test_a_file_has_its_length_and_time_and_head_has_the_same(ask: Callable[..., Answer], place: Place) -> None:
    whole, head = ask(place), ask(place, method="HEAD")
    assert (whole.status, whole.body, head.status, head.body) == (200, CONTENT, 200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"] == str(len(CONTENT))
    assert head.headers["last-modified"] == whole.headers["last-modified"] == date(0)


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_that_is_current_is_not_sent_again(ask: Callable[..., Answer], place: Place) -> None:
    assert ask(place, if_modified_since=date(0)).status == 304
    assert ask(place, if_modified_since=date(-1)).status == 200


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_is_known_by_its_tag(ask: Callable[..., Answer], place: Place) -> None:
    tag = ask(place).headers["etag"]
    assert ask(place, if_none_match=tag).status == 304
    assert ask(place, if_none_match='"other"').status == 200
    assert ask(place, if_match=tag).status == 200


@pytest.mark.parametrize("place", HELD)
def test_a_request_for_an_older_version_is_a_412(ask: Callable[..., Answer], place: Place) -> None:
    assert ask(place, if_unmodified_since=date(-1)).status == 412
    assert ask(place, if_unmodified_since=date(0)).status == 200


@pytest.mark.parametrize("place", HELD)
def test_a_request_for_another_version_is_a_412(ask: Callable[..., Answer], place: Place) -> None:
    assert ask(place, if_match='"other"').status == 412
    assert ask(place, if_match="*").status == 200


@pytest.mark.parametrize("place", PLACES)
def test_one_range_is_that_part(ask: Callable[..., Answer], place: Place) -> None:
    answer = ask(place, range="bytes=5-8")
    assert (answer.status, answer.body) == (206, CONTENT[5:9])
    assert answer.headers["content-range"] == f"bytes 5-8/{len(CONTENT)}"
    assert answer.headers["content-length"] == "4"


@pytest.mark.parametrize("place", PLACES)
def test_a_range_beyond_the_end_is_a_416_that_tells_the_size(ask: Callable[..., Answer], place: Place) -> None:
    answer = ask(place, range="bytes=100-")
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize("place", PLACES)
def test_a_range_of_an_older_version_is_the_whole_file(ask: Callable[..., Answer], place: Place) -> None:
    assert ask(place, range="bytes=5-8", if_range=date(-1)).body == CONTENT
    assert ask(place, range="bytes=5-8", if_range='"other"').body == CONTENT
    assert ask(place, range="bytes=5-8", if_range=date(0)).status == 206


@pytest.mark.parametrize("place", HELD)
def test_several_ranges_are_several_parts(ask: Callable[..., Answer], place: Place) -> None:
    answer = ask(place, range="bytes=0-1, 5-6, -3")
    assert (answer.status, answer.headers.get("content-range")) == (206, None)
    kind = answer.headers["content-type"]
    found = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + answer.body)
    parts = [(part["content-range"], part.get_payload(decode=True)) for part in found.walk() if part is not found]
    spans = ((0, 2), (5, 7), (97, 100))
    assert parts == [(f"bytes {start}-{stop - 1}/100", CONTENT[start:stop]) for start, stop in spans]
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize("place", HELD)
@pytest.mark.parametrize("wanted", [",".join(["0-1"] * 11), "0-79,0-79"])
def test_too_many_ranges_are_the_whole_file(ask: Callable[..., Answer], place: Place, wanted: str) -> None:
    answer = ask(place, range=f"bytes={wanted}")
    assert (answer.status, answer.body) == (200, CONTENT)


@pytest.mark.parametrize("place", HELD)
def test_several_ranges_beyond_the_end_are_a_416_that_tells_the_size(ask: Callable[..., Answer], place: Place) -> None:
    answer = ask(place, range="bytes=100-, 200-300")
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */100")


@pytest.mark.parametrize("place", HELD)
@pytest.mark.parametrize("wanted", ["bytes=5-8", "bytes=0-1,5-8"])
def test_a_condition_precedes_a_range(ask: Callable[..., Answer], place: Place, wanted: str) -> None:
    tag = ask(place).headers["etag"]
    assert ask(place, range=wanted, if_none_match=tag).status == 304
    assert ask(place, range=wanted, if_match='"other"').status == 412


@pytest.mark.parametrize("place", PLACES)
def test_a_part_is_never_compressed(ask: Callable[..., Answer], place: Place) -> None:
    def compressing(folder: Path) -> Any:
        app = kernel_app()
        app.add_middleware(GZipMiddleware, minimum_size=1)
        app.mount("/", place(folder))
        return app

    part = ask(compressing, range="bytes=5-98", accept_encoding="gzip")
    assert (part.status, part.headers.get("content-encoding"), part.body) == (206, None, CONTENT[5:99])
    assert ask(compressing, accept_encoding="gzip").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["a%00.txt", "x" * 3000, "a.txt/x", "missing"])
def test_a_name_that_no_file_has_is_a_404(ask: Callable[..., Answer], place: Place, name: str) -> None:
    assert ask(place, name).status == 404


@pytest.mark.parametrize(
    "place", [place for place in PLACES if place not in (starlettes_file_response, starlettes_own_app)]
)
@pytest.mark.parametrize("name", ["../secret", "%2e%2e/secret", "..%2fsecret", "%2e%2e%2fsecret", "..%5csecret"])
def test_a_name_that_leaves_the_folder_reaches_nothing(ask: Callable[..., Answer], place: Place, name: str) -> None:
    answer = ask(place, name)
    assert answer.status in (403, 404)
    assert b"hidden" not in answer.body


# -------------------------------------------------------------------- threads


def nonblocking(folder: Path) -> Any:
    app = kernel_app()

    @app.get("/f/{name}", nonblocking=True)
    async def file(name: str) -> FileResponse:
        return FileResponse(folder / name)

    return app


async def hops(app: Any) -> int:
    """Return how often a thread wakes the event loop while a file is sent, which is once a hop."""
    loop: Any = asyncio.get_running_loop()
    wake, woken = loop.call_soon_threadsafe, 0

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal woken
        woken += 1
        return wake(*arguments, **options)

    server = Server(app)
    await server.startup()
    await server.ask("GET", "/f/a.txt")
    loop.call_soon_threadsafe = counted
    try:
        answer = await server.ask("GET", "/f/a.txt")
    finally:
        loop.call_soon_threadsafe = wake
    await server.shutdown()
    assert answer.body == CONTENT
    return woken


@pytest.mark.parametrize(
    ("place", "count"),
    [
        (nonblocking, 0), (of_the_kernel, 1), (starlettes_file_response, 1), (starlettes_static_files, 1),
        (flasks_static_folder, 1), (falcons_static_route, 1), (bottles_static_file, 1),
    ],
)  # fmt: skip
def test_a_small_file_is_one_hop_to_a_thread_and_none_where_nothing_blocks(
    folder: Path, place: Place, count: int
) -> None:
    assert run(hops(place(folder))) == count
