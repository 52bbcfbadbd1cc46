"""Faults around a serving process: a full disk, no free thread, clean-up that fails. It goes on serving."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import threading
from typing import Any, List, Tuple

import pytest

pytestmark = pytest.mark.once

APP = """\
from contextlib import asynccontextmanager

from fenrir import Depends, Fenrir, UploadFile
from fenrir_core import Response, StreamingResponse


@asynccontextmanager
async def life(app):
    yield
    raise RuntimeError("the lifespan failed")


app = Fenrir(lifespan=life)


@app.get("/health")
async def health():
    return "well"


@app.post("/upload")
async def upload(file: UploadFile):
    return {"size": len(await file.read())}


# ---------------------------------------------------------------- clean-up


async def fails_after():
    yield 1
    raise RuntimeError("the dependency failed")


def fails_after_in_a_thread():
    yield 1
    raise RuntimeError("the synchronous dependency failed")


@app.get("/dependency")
async def dependency(value=Depends(fails_after)):
    return "done"


@app.get("/sync-dependency")
def sync_dependency(value=Depends(fails_after_in_a_thread)):
    return "done"


@app.after_request
def after(response):
    from fenrir import request

    if request.path == "/after":
        raise RuntimeError("the hook failed")
    return response


@app.teardown_request
def teardown(error):
    from fenrir import request

    if request.path == "/teardown":
        raise RuntimeError("the teardown failed")


@app.get("/after")
@app.get("/teardown")
async def hooked():
    return "done"


async def in_background():
    raise RuntimeError("the background task failed")


@app.get("/background")
async def background():
    return Response("done", background=in_background)


@app.get("/generator")
async def generator():
    async def pieces():
        try:
            while True:
                yield "piece"
        finally:
            raise RuntimeError("the generator failed")

    return StreamingResponse(pieces())
"""
THREADS = """\
import threading
import time
from pathlib import Path

from fenrir_core import App

app = App(paradigms=[])


@app.get("/health")
async def health():
    return "well"


@app.get("/holds")
def holds():
    Path(f"holds-{threading.get_ident()}").write_text("")
    while not Path("free").exists():
        time.sleep(0.01)
    return "held"


@app.get("/quick")
def quick():
    return "quick"
"""
LIMITED = """\
import resource

from fenrir_cli.main import main

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
main()
"""
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n%b\r\n--b--\r\n"
)


def ask(server: Any, method: str, path: str, body: bytes = b"") -> Tuple[int, Any, bytes]:
    host, port = server.url.rpartition("/")[2].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=40)
    kind = {"content-type": "multipart/form-data; boundary=b"} if body else {}
    connection.request(method, path, body or None, kind)
    response = connection.getresponse()
    try:
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_a_full_disk_fails_an_upload_and_a_full_log_fails_nothing(project: Any, serve: Any) -> None:
    project.write("app.py", APP)
    project.write("limited.py", LIMITED)
    server = serve("app:app", "--access-log", script="limited.py")
    assert ask(server, "POST", "/upload", FORM % (b"x" * 3_000_000))[0] == 500
    assert ask(server, "POST", "/upload", FORM % (b"x" * 1000))[0] == 200
    for _ in range(40):  # lines of 2 kB each; with those below more than the log may have
        assert ask(server, "GET", "/health?" + "q" * 2000)[0] == 200
    server.until(lambda: 60_000 < len(server.output), "a log that is nearly full")
    for _ in range(60):
        assert ask(server, "GET", "/health?" + "q" * 2000)[0] == 200
    assert server.stop() == 0
    assert len(server.output) <= 100_000


def test_with_no_free_thread_requests_wait_and_the_health_route_answers(project: Any, serve: Any) -> None:
    project.write("app.py", THREADS)
    server = serve("app:app", FENRIR_THREADS="2")
    answers: List[Any] = []
    clients = [threading.Thread(target=lambda: answers.append(ask(server, "GET", "/holds"))) for _ in range(2)]
    for client in clients:
        client.start()
    server.until(lambda: len(list(project.directory.glob("holds-*"))) == 2, "two requests that hold all threads")
    more = [threading.Thread(target=lambda: answers.append(ask(server, "GET", "/quick"))) for _ in range(5)]
    for client in more:
        client.start()
    assert ask(server, "GET", "/health")[2] == b"well"
    assert answers == []
    project.write("free", "")
    for client in clients + more:
        client.join(40)
    assert [answer[0] for answer in answers] == [200] * 7


def test_a_process_has_so_many_threads_for_all_of_its_apps(project: Any) -> None:
    project.write("two.py", TWO_APPS)
    done = subprocess.run(
        [sys.executable, "two.py"],
        cwd=str(project.directory),
        env=project.environment(FENRIR_THREADS_MAX="3"),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout == "[(200, None), (200, None), (200, None), (503, '1')]\n[200, 200]\n", done.stderr


TWO_APPS = """\
import asyncio
import threading

from fenrir_core import App
from fenrir_core.testing import Client

free, begun = threading.Event(), threading.Semaphore(0)


def made():
    app = App(paradigms=[], threads=2)

    @app.get("/")
    def hold():
        begun.release()
        free.wait(30)
        return "held"

    return app


async def main():
    one, two = made(), made()
    async with Client(one) as first, Client(two) as second:
        held = [asyncio.ensure_future(client.get("/")) for client in (first, first, second)]
        for _ in held:
            await asyncio.get_running_loop().run_in_executor(None, begun.acquire)
        refused = await second.get("/")
        free.set()
        answers = [*await asyncio.gather(*held), refused]
        print([(answer.status, answer.headers.get("retry-after")) for answer in answers])
        print([(await client.get("/")).status for client in (first, second)])


asyncio.run(main())
"""


def test_clean_up_that_fails_is_logged_and_the_process_goes_on(project: Any, serve: Any) -> None:
    project.write("app.py", APP)
    server = serve("app:app")
    # what comes before the response is sent decides about it, what comes after does not
    expected = {"/dependency": 200, "/sync-dependency": 200, "/after": 500, "/teardown": 200, "/background": 200}
    assert {path: ask(server, "GET", path)[0] for path in expected} == expected
    host, port = server.url.rpartition("/")[2].split(":")
    left = http.client.HTTPConnection(host, int(port), timeout=40)
    left.request("GET", "/generator")
    response = left.getresponse()
    assert response.read(5) == b"piece"
    response.close()
    left.close()
    server.until_printed("RuntimeError: the generator failed")
    assert ask(server, "GET", "/health")[2] == b"well"
    assert server.stop() == 0
    for what in ("dependency", "synchronous dependency", "hook", "teardown", "background task", "lifespan"):
        assert f"RuntimeError: the {what} failed" in server.output, what


#: Clean-up of each paradigm, in mounted apps.
PARADIGMS = """\
from fenrir import Depends, Fenrir
from fenrir_bottle import Bottle
from fenrir_falcon import App as Falcon
from fenrir_fastapi import FastAPI
from fenrir_flask import Flask
from fenrir_sanic import Sanic
from fenrir_sanic.response import text


def fail(what):
    raise RuntimeError(f"the {what} failed")


async def app_wide():
    yield 1
    fail("dependency of the app")


async def of_the_function():
    yield 1
    fail("dependency of the function")


app = Fenrir()


@app.get("/app-wide")
async def wide(value=Depends(app_wide, scope="app")):
    return "done"


@app.get("/function")
async def function(value=Depends(of_the_function, scope="function")):
    return "done"


@app.get("/health")
async def health():
    return "well"


@app.websocket("/ws")
async def ws(websocket):
    await websocket.accept()
    try:
        async for _ in websocket:
            pass
    finally:
        fail("WebSocket handler")


class Pieces:
    def __iter__(self):
        yield b"done"

    def close(self):
        fail("iterable of WSGI")


def wsgi(environ, start_response):
    start_response("200 OK", [("content-length", "4")])
    return Pieces()


app.mount_wsgi("/wsgi", wsgi)

flask = Flask("flask")
flask.route("/")(lambda: "done")
flask.teardown_request(lambda error: fail("teardown of Flask's request"))
flask.teardown_appcontext(lambda error: fail("teardown of Flask's context"))
app.mount("/flask", flask)


class Middleware:
    async def process_response(self, req, resp, resource, req_succeeded):
        fail("response middleware of Falcon")

    async def process_shutdown(self, scope, event):
        fail("shutdown of Falcon")


class Home:
    async def on_get(self, req, resp):
        resp.text = "done"


falcon = Falcon(middleware=[Middleware()])
falcon.add_route("/", Home())
app.mount("/falcon", falcon)

sanic = Sanic("cleaning")
sanic.get("/")(lambda request: text("done"))


@sanic.on_response
async def on_response(request, response):
    fail("response middleware of Sanic")


@sanic.after_server_stop
async def after_stop(app):
    fail("listener of Sanic")


app.mount("/sanic", sanic)

bottle = Bottle()
bottle.route("/")(lambda: "done")
bottle.hook("after_request")(lambda: fail("hook of Bottle"))
app.mount("/bottle", bottle)

fast = FastAPI()


@fast.on_event("shutdown")
async def down():
    fail("shutdown of FastAPI")


app.mount("/fast", fast)
"""


def test_clean_up_of_each_paradigm_that_fails_is_logged_and_the_process_goes_on(project: Any, serve: Any) -> None:
    websockets = pytest.importorskip("websockets.sync.client")
    project.write("app.py", PARADIGMS)
    server = serve("app:app")
    # where a paradigm runs it before the response is sent, it decides about that, as in the framework itself
    expected = {"/app-wide": 200, "/wsgi/": 200, "/function": 500}
    expected.update((f"/{name}/", 500) for name in ("flask", "falcon", "sanic", "bottle"))
    assert {path: ask(server, "GET", path)[0] for path in expected} == expected
    with websockets.connect(server.url.replace("http", "ws") + "/ws") as connection:
        connection.send("x")
    server.until_printed("RuntimeError: the WebSocket handler failed")
    assert ask(server, "GET", "/health")[2] == b"well"
    assert server.stop() == 0
    steps = re.findall(r'fail\("(.*?)"\)', PARADIGMS)
    assert len(steps) == 12
    assert [what for what in steps if f"RuntimeError: the {what} failed" not in server.output] == []
    assert "Cleaning up after the app failed" in server.output
