"""A Bottle app behind real servers: what each makes of `app:app`, and what `run(server=…)` starts."""

from __future__ import annotations

import http.client
import importlib.util
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

import pytest

PATIENCE = 30.0
APP = """\
import sys

from fenrir_bottle import Bottle, request, response, run, static_file


class Told(Bottle):
    def wsgi(self, environ, start_response):
        environ["through"] = "wsgi"
        return super().wsgi(environ, start_response)


app = Told()


@app.get("/")
def home():
    response.set_cookie("seen", "yes")
    return f"{request.environ.get('through', 'asgi')} {request.query.q}"


@app.post("/form")
def form():
    return f"{request.forms.name} {len(request.body.read())}"


@app.get("/stream")
def stream():
    yield "one "
    yield "two"


@app.get("/file")
def file():
    return static_file("site_app.py", root=".")


@app.get("/phrase")
def phrase():
    response.status = "299 Quite fine"
    return ""


if __name__ == "__main__":
    run(app, server=sys.argv[1], port=int(sys.argv[2]), quiet=True)
"""
#: The commands of servers, what each needs, and the protocol through which it serves the app.
COMMANDS: Dict[str, Tuple[str, str, str]] = {
    "uvicorn": ("uvicorn", "-m uvicorn --port PORT site_app:app", "asgi"),
    "hypercorn": ("hypercorn", "-m hypercorn --bind 127.0.0.1:PORT site_app:app", "asgi"),
    "granian, asgi": ("granian", "-m granian --interface asgi --port PORT site_app:app", "asgi"),
    "granian, wsgi": ("granian", "-m granian --interface wsgi --port PORT site_app:app", "wsgi"),
    "gunicorn": ("gunicorn", "-m gunicorn --bind 127.0.0.1:PORT site_app:app", "wsgi"),
}
#: The adapters that serve HTTP in this process without a patched standard library, and what each needs.
ADAPTERS = {
    "wsgiref": "wsgiref",
    "waitress": "waitress",
    "gunicorn": "gunicorn",
    "cheroot": "cheroot",
    "paste": "paste",
    "tornado": "tornado",
    "twisted": "twisted",
    "aiohttp": "aiohttp_wsgi",
    "bjoern": "bjoern",
    "meinheld": "meinheld",
}


def params(needs: Dict[str, str]) -> List[Any]:
    return [
        pytest.param(name, marks=pytest.mark.skipif(not _has(need), reason=f"{need} is not installed"))
        for name, need in needs.items()
    ]


def _has(module: str) -> bool:
    if module == "granian" and sys.version_info < (3, 9):
        return False  # these tests are for granian 2
    return importlib.util.find_spec(module) is not None


class Answer(NamedTuple):
    status: int
    reason: str
    headers: Any
    text: str


class Running:
    """A server process, which is started and asked later, so that several start at once."""

    def __init__(self, arguments: str, directory: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.log = log
        words = arguments.replace("PORT", str(self.port)).split()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *words], cwd=str(directory), stdout=output, stderr=subprocess.STDOUT
            )

    def ask(self, path: str, method: str = "GET", form: Optional[str] = None) -> Answer:
        """Return the answer, once the server listens."""
        deadline = time.monotonic() + PATIENCE
        headers = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.request(method, path, form, headers)
                response = connection.getresponse()
                return Answer(response.status, response.reason, response.headers, response.read().decode())
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"It does not answer:\n{self.log.read_text('utf-8')}") from None
                time.sleep(0.02)
            finally:
                connection.close()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    (directory / "site_app.py").write_text(APP, encoding="utf-8")
    return directory


def started(commands: Dict[str, str], site: Path) -> Iterator[Dict[str, Running]]:
    with ExitStack() as stack:
        running = {}
        for number, (name, command) in enumerate(commands.items()):
            running[name] = Running(command, site, site / f"{number}.{len(commands)}.log")
            stack.callback(running[name].stop)
        yield running


@pytest.fixture(scope="module")
def commands(site: Path) -> Iterator[Dict[str, Running]]:
    """The servers' own commands, all running."""
    yield from started({name: command for name, (need, command, _) in COMMANDS.items() if _has(need)}, site)


@pytest.fixture(scope="module")
def adapters(site: Path) -> Iterator[Dict[str, Running]]:
    """The servers that `run` starts, all running."""
    yield from started({name: f"site_app.py {name} PORT" for name, need in ADAPTERS.items() if _has(need)}, site)


@pytest.mark.parametrize("name", params({name: need for name, (need, _, _) in COMMANDS.items()}))
def test_a_servers_command_serves_the_app_through_its_protocol(commands: Dict[str, Running], name: str) -> None:
    answer = commands[name].ask("/?q=%C3%BC")
    assert (answer.text, answer.headers["set-cookie"]) == (f"{COMMANDS[name][2]} ü", "seen=yes")


@pytest.mark.parametrize("name", params({name: name for name in ("uvicorn", "hypercorn", "gunicorn")}))
def test_a_phrase_of_ones_own_is_sent_through_wsgi_alone(commands: Dict[str, Running], name: str) -> None:
    answer = commands[name].ask("/phrase")
    assert (answer.status, answer.reason == "Quite fine") == (299, COMMANDS[name][2] == "wsgi")


@pytest.mark.parametrize("name", params(ADAPTERS))
def test_an_adapter_serves_the_app_through_wsgi(adapters: Dict[str, Running], name: str) -> None:
    server = adapters[name]
    assert server.ask("/?q=x").text == "wsgi x"
    assert server.ask("/form", "POST", "name=%C3%BC").text == "ü 11"
    assert server.ask("/stream").text == "one two"
    assert server.ask("/file").text == APP
    assert server.ask("/file", "HEAD").text == ""
    assert server.ask("/nothing").status == 404
    assert server.ask("/phrase").reason == "Quite fine"


def test_a_server_of_another_protocol_is_told_what_to_do() -> None:
    from fenrir_bottle import Bottle

    with pytest.raises(TypeError, match="--interface asgi"):
        Bottle()(object(), object())
