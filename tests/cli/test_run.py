"""`fenrir run`: serving, stopping, several workers."""

from __future__ import annotations

import os
import re
import signal
import socket
import urllib.request
from typing import Any

import pytest

APP = """\
from fenrir_core import App

app = App(paradigms=[])


@app.get('/')
async def home():
    return {value!r}
"""
LIFE = """\
from contextlib import asynccontextmanager
from pathlib import Path

from fenrir_core import App


@asynccontextmanager
async def life(app):
    Path("started").write_text("")
    yield
    Path("stopped").write_text("")


app = App(paradigms=[], lifespan=life)


@app.get("/")
async def home():
    return "alive"
"""
STREAM = """\
import asyncio

from fenrir_core import App, EventSourceResponse

app = App(paradigms=[])


@app.get("/")
async def home():
    async def ticks():
        while True:
            yield "tick"
            await asyncio.sleep(0.05)

    return EventSourceResponse(ticks())
"""


def app_saying(value: str) -> str:
    return APP.format(value=value)


def test_an_app_named_by_module_and_attribute_is_served(serve: Any) -> None:
    assert serve("app:app").get() == "first"


def test_the_address_and_the_server_are_printed(serve: Any) -> None:
    server = serve("app:app")
    assert re.search(rf"serves app:app on {server.url} \(uvicorn [\d.]+ on (uvloop [\d.]+|asyncio)\)", server.output)


@pytest.mark.parametrize("named", ["app", "app.py", "./app.py", "app.py:app"])
def test_a_module_or_a_file_is_enough(serve: Any, named: str) -> None:
    assert serve(named).get() == "first"


def test_without_a_name_the_app_is_looked_for(project: Any, serve: Any) -> None:
    (project.directory / "app.py").unlink()
    project.write("main.py", app_saying("found"))
    assert serve().get() == "found"


def test_the_src_directory_is_looked_into(project: Any, serve: Any) -> None:
    (project.directory / "app.py").unlink()
    project.write("src/shop/__init__.py", "")
    project.write("src/shop/web.py", app_saying("from src"))
    assert serve("shop.web:app").get() == "from src"


def test_a_file_in_a_package_is_imported_as_its_module(project: Any, serve: Any) -> None:
    project.write("shop/__init__.py", "")
    project.write("shop/words.py", "WORD = 'relative'\n")
    project.write("shop/web.py", "from .words import WORD\n" + app_saying("x").replace("'x'", "WORD"))
    assert serve("shop/web.py").get() == "relative"


@pytest.mark.parametrize("arguments", [("app:make", "--factory"), ("app:make()",)])
def test_a_factory_makes_the_app(project: Any, serve: Any, arguments: Any) -> None:
    project.write(
        "app.py",
        app_saying("made").replace("app = ", "made = ").replace("@app", "@made") + "\n\ndef make():\n    return made\n",
    )
    assert serve(*arguments).get() == "made"


def test_any_asgi_app_is_served(project: Any, serve: Any) -> None:
    project.write(
        "app.py",
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan':\n"
        "        raise NotImplementedError\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b'plain'})\n",
    )
    assert serve("app:app").get() == "plain"


def test_installed_paradigms_are_printed_with_their_versions(project: Any, serve: Any) -> None:
    project.write("app.py", "from fenrir import Fenrir\n\napp = Fenrir()\n")
    assert "paradigms: bottle 5." in serve("app:app").output


def test_a_plugin_that_failed_is_printed_with_the_reason(project: Any, serve: Any) -> None:
    project.write("broken.py", "raise RuntimeError('bad luck')\n")
    project.write("broken-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    project.write("broken-1.dist-info/entry_points.txt", "[fenrir.plugins]\nbroken = broken\n")
    server = serve("app:app")
    assert "failed: broken 1: importing broken failed: RuntimeError: bad luck" in server.output
    assert server.get() == "first"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_app_and_exits_with_0(project: Any, serve: Any, number: int) -> None:
    project.write("app.py", LIFE)
    server = serve("app:app")
    assert (project.directory / "started").exists()
    assert server.stop(number) == 0
    assert (project.directory / "stopped").exists()


def test_an_endless_stream_does_not_keep_the_server_from_stopping(project: Any, serve: Any) -> None:
    project.write("app.py", STREAM)
    server = serve("app:app", "--dev")
    with urllib.request.urlopen(server.url, timeout=30) as answer:
        assert answer.read(10) == b"data: tick"
        assert server.stop() == 0
    assert "Traceback" not in server.output, server.output


def test_an_access_log_has_the_root_path_once(serve: Any) -> None:
    server = serve("app:app", "--access-log", "--root-path", "/api")
    server.get("/?way=stripped")
    server.get("/api/?way=left")
    server.until_printed(" GET /api/?way=stripped 200")
    server.until_printed(" GET /api/?way=left 200")


def test_a_request_that_is_answered_is_logged_when_asked_for(serve: Any) -> None:
    server = serve("app:app", "--access-log")
    server.get("/?page=2")
    server.until_printed("GET /?page=2 200")


def test_requests_are_not_logged_unasked(serve: Any) -> None:
    server = serve("app:app")
    server.get("/?page=2")
    assert server.stop() == 0
    assert "page=2" not in server.output


def test_a_control_character_in_a_path_can_not_forge_a_log_line(serve: Any) -> None:
    server = serve("app:app", "--access-log")
    with pytest.raises(OSError):
        server.get("/%0aforged")
    server.until_printed(r"/\nforged 404")


def test_several_workers_share_the_port(project: Any, serve: Any) -> None:
    project.write("app.py", "import os\n" + app_saying("x").replace("'x'", "str(os.getpid())"))
    server = serve("app:app", "--workers", "2")
    assert "2 workers" in server.output
    seen = set()
    server.until(lambda: seen.add(server.get()) or len(seen) == 2, "an answer of each worker")
    assert server.stop() == 0


def test_a_worker_that_dies_is_replaced(project: Any, serve: Any) -> None:
    project.write("app.py", "import os\n" + app_saying("x").replace("'x'", "str(os.getpid())"))
    server = serve("app:app", "--workers", "2")
    first = server.get()
    os.kill(int(first), signal.SIGKILL)
    server.until_printed(f"Worker {first} ended with code -9")
    assert server.get() != first


def test_workers_that_can_not_start_end_the_command(project: Any) -> None:
    project.write("app.py", "1 / 0\n")
    done = project.run("run", "app:app", "--port", "0", "--workers", "2")
    assert done.returncode == 1
    assert "app.py:1: ZeroDivisionError" in done.stderr


def test_a_second_interrupt_ends_at_once(project: Any, serve: Any) -> None:
    project.write("app.py", STREAM)
    server = serve("app:app")
    with urllib.request.urlopen(server.url, timeout=30):
        server.process.send_signal(signal.SIGINT)
        server.until(lambda: refuses(server.url), "the stop of listening")
        assert server.stop(signal.SIGINT) == 130


def refuses(url: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), 5).close()
    except OSError:
        return True
    return False
