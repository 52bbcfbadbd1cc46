"""What servers make of `app:app`, an application of `Flask`: some know ASGI, some WSGI, one has to be told."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Dict, Iterator, Tuple

import httpx
import pytest
from tests.plugins.flask.running import running
from werkzeug.middleware.proxy_fix import ProxyFix

from fenrir_core.testing import SyncClient
from fenrir_flask import Flask, request

APP = """
import threading

from fenrir_flask import Flask, g, request

app = Flask(__name__)


@app.before_request
def remember():
    g.thread = threading.get_ident()


@app.post("/<name>")
def greet(name):
    protocol = "ASGI" if "asgi.scope" in request.environ else "WSGI"
    return {
        "protocol": protocol,
        "name": name,
        "form": request.form["a"],
        "url": request.url,
        "one thread": g.thread == threading.get_ident(),
    }


@app.get("/stream")
def stream():
    return (f"{number}," for number in range(3))
"""
#: How each server is started with its usual words, and the protocol that it then speaks with the app.
COMMANDS: Dict[str, Tuple[str, str]] = {
    "uvicorn": ("app:app --host 127.0.0.1 --port {port}", "ASGI"),
    "hypercorn": ("app:app --bind 127.0.0.1:{port} --workers 0", "ASGI"),
    "granian": ("app:app --interface asgi --host 127.0.0.1 --port {port}", "ASGI"),
    "gunicorn": ("app:app --bind 127.0.0.1:{port} --threads 2", "WSGI"),
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("served")
    (place / "app.py").write_text(APP)
    return place


@pytest.fixture(params=list(COMMANDS))
def served(request: pytest.FixtureRequest, directory: Path, free_port: int) -> Iterator[Tuple[str, str]]:
    """Yield a server's name and the base URL of the app behind it."""
    server: str = request.param
    if importlib.util.find_spec(server) is None:
        pytest.skip(f"{server} is not installed")
    words = COMMANDS[server][0].format(port=free_port).split()
    url = f"http://127.0.0.1:{free_port}"
    with running([server, *words], f"{url}/stream", directory / f"{server}.log"):
        yield server, url


def test_a_server_serves_the_app_by_its_protocol(served: Tuple[str, str]) -> None:
    server, url = served
    response = httpx.post(f"{url}/ada?b=1", data={"a": "é"}, trust_env=False)
    assert response.json() == {
        "protocol": COMMANDS[server][1],
        "name": "ada",
        "form": "é",
        "url": f"{url}/ada?b=1",
        "one thread": True,
    }
    assert httpx.get(f"{url}/stream", trust_env=False).text == "0,1,2,"


def test_a_third_protocol_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="--interface asgi"):
        Flask(__name__)(object(), object())


def test_what_middleware_of_wsgi_changes_is_seen_by_servers_of_asgi() -> None:
    app = Flask(__name__)
    app.add_url_rule("/", "index", lambda: request.url)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1)  # type: ignore[method-assign]
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "outside.test"}
    assert app.test_client().get("/", headers=headers).text == "https://outside.test/"
    with SyncClient(app) as client:
        assert client.get("/", headers=headers).text == "https://outside.test/"
