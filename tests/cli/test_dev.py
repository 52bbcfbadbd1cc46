"""`fenrir run --dev`: serve again after each change."""

from __future__ import annotations

import http.client
import importlib.util
import socket
import threading
from typing import Any, List

import pytest

pytestmark = pytest.mark.once

#: The servers that support it; granian does not, see test_servers.
SERVERS = (
    "hypercorn",
    "uvicorn",
    pytest.param(
        "asteri",
        marks=pytest.mark.skipif(importlib.util.find_spec("asteri") is None, reason="asteri is not installed"),
    ),
)


def changed(project: Any, value: str) -> str:
    text = (project.directory / "app.py").read_text(encoding="utf-8")
    return str(text.replace("first", value))


def test_a_change_of_source_is_served(project: Any, serve: Any) -> None:
    server = serve("app:app", "--dev")
    assert server.get() == "first"
    project.write("app.py", changed(project, "second"))
    server.until_answers("second")
    assert server.stop() == 0


def test_a_change_of_a_template_or_of_env_reloads(project: Any, serve: Any) -> None:
    project.write("templates/page.html", "<p>")
    server = serve("app:app", "--dev")
    project.write("templates/page.html", "<h1>")
    server.until_printed("Reloaded in", 1)
    project.write(".env", "A=1")
    server.until_printed("Reloaded in", 2)
    assert "Changed: .env." in server.output


def test_a_change_of_data_does_not_reload(project: Any, serve: Any) -> None:
    server = serve("app:app", "--dev")
    project.write("data.json", "{}")
    project.write("app.py", changed(project, "second"))
    server.until_printed("Reloaded in")
    assert "data.json" not in server.output


def test_a_syntax_error_is_shown_and_the_last_good_version_goes_on(project: Any, serve: Any) -> None:
    server = serve("app:app", "--dev")
    good = changed(project, "fixed")
    project.write("app.py", "x = = 1\n")
    server.until_printed("The last version that worked is still served")
    assert "app.py:1: SyntaxError" in server.output
    assert server.get() == "first"
    project.write("app.py", good)
    server.until_answers("fixed")


def test_an_app_that_can_not_start_at_first_is_served_when_it_is_mended(project: Any, serve: Any) -> None:
    good = changed(project, "mended")
    project.write("app.py", "1 / 0\n")
    server = serve("app:app", "--dev", until="Nothing is served; waiting for a change.")
    project.write("app.py", good)
    server.until_answers("mended")


def test_the_app_is_in_debug_mode(project: Any, serve: Any) -> None:
    project.write("app.py", changed(project, "x").replace("'x'", "").replace('"x"', "str(app.settings['debug'])"))
    assert serve("app:app", "--dev").get() == "True"


@pytest.mark.parametrize("name", SERVERS)
def test_no_request_fails_while_the_code_is_reloaded(project: Any, serve: Any, name: str) -> None:
    server = serve("app:app", "--dev", "--no-access-log", "--server", name)
    over = threading.Event()
    problems: List[str] = []
    answers: List[str] = []

    def hammer(is_kept: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rsplit(":", 1)[1]), timeout=30)
        while not over.is_set():
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                answers.append(answer.read().decode())
                if answer.status != 200 or answer.getheader("connection") == "close" or not is_kept:
                    connection.close()
            except (OSError, http.client.HTTPException) as error:
                problems.append(repr(error))
                connection.close()
        connection.close()

    clients = [threading.Thread(target=hammer, args=(is_kept,)) for is_kept in (True, False)]
    for client in clients:
        client.start()
    before = "first"
    try:
        for value in ("second", "third"):
            text = (project.directory / "app.py").read_text(encoding="utf-8")
            project.write("app.py", text.replace(before, value))
            server.until(lambda value=value: value in answers or problems, f"the answer {value}")
            before = value
    finally:
        over.set()
        for client in clients:
            client.join()
    assert problems == []


def test_dev_and_workers_exclude_each_other(project: Any) -> None:
    done = project.run("run", "app:app", "--dev", "--workers", "2")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: --dev serves with one worker: leave out --workers or --dev.\n",
    )


def test_an_app_whose_process_ends_is_served_again_after_a_change(project: Any, serve: Any) -> None:
    leaving = changed(project, "x").replace('return "x"', "import os\n\n    os._exit(7)")
    project.write("app.py", leaving)
    server = serve("app:app", "--dev")
    with pytest.raises((OSError, http.client.HTTPException)):
        server.get()
    server.until_printed("The app's process ended with code 7.")
    project.write("app.py", leaving.replace("os._exit(7)", 'return "back"'))
    server.until_answers("back")


def test_no_worker_outlives_its_supervisor(project: Any, serve: Any, free_port: int) -> None:
    server = serve("app:app", "--dev")
    server.process.kill()
    server.process.wait()
    server.until(lambda: is_refused(free_port), "the end of the worker")


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return True
    return False


BLOCKING = """\
import time
from fenrir_core import App

app = App(paradigms=[])


@app.get("/")
async def home():
    return "first"


@app.get("/slow")
async def slow():
    pause()
    return "slow"


def pause():
    time.sleep(0.4)


@app.get("/thread")
def thread():
    pause()
    return "thread"
"""


@pytest.mark.parametrize("name", ["hypercorn", "uvicorn"])
def test_a_handler_that_blocks_the_event_loop_is_named(project: Any, serve: Any, name: str) -> None:
    project.write("app.py", BLOCKING)
    server = serve("app:app", "--dev", "--server", name)
    assert server.get("/thread") == "thread"
    assert server.get("/slow") == "slow"
    server.until_printed("blocked the event loop")
    (line,) = [line for line in server.output.splitlines() if "blocked the event loop" in line]
    assert "GET /slow: slow() (app.py:12) blocked the event loop for" in line
    assert "at app.py:19" in line


def test_outside_of_development_nothing_watches_the_event_loop(project: Any, serve: Any) -> None:
    names = "return [item.name for item in __import__('threading').enumerate()]"
    project.write("app.py", BLOCKING.replace('return "first"', names))
    server = serve("app:app")
    assert "watchdog" not in server.get()
