"""`fenrir run --server` and the options, which have the same meaning on each server."""

from __future__ import annotations

import asyncio
import http.client
import importlib.util
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Dict, List, Tuple

import httpx
import pytest

from fenrir_cli.edge import at_the_edge
from fenrir_cli.options import ServeOptions


def granian() -> Tuple[int, ...]:
    try:
        return tuple(map(int, version("granian").split(".")[:2]))
    except PackageNotFoundError:
        return ()


without_granian = pytest.mark.skipif(granian() < (2, 8), reason="granian is not installed, or too old")
GRANIAN = pytest.param("granian", marks=without_granian)
without_asteri = pytest.mark.skipif(importlib.util.find_spec("asteri") is None, reason="asteri is not installed")
without_uvloop = pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed")
ASTERI = pytest.param("asteri", marks=without_asteri)
SERVERS = ("hypercorn", "uvicorn", GRANIAN, ASTERI)
APP = """\
import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path

from fenrir_core import App, Request


@asynccontextmanager
async def life(app):
    Path("started").write_text("")
    yield
    Path("stopped").write_text("")


app = App(paradigms=[], lifespan=life)


@app.get("/")
async def scope(request: Request):
    names = ("client", "scheme", "root_path", "path", "http_version")
    found = {name: request.scope.get(name) for name in names}
    return {**found, "host": request.headers.get("host"), "word": os.environ.get("WORD")}


@app.get("/slow")
async def slow():
    Path("asked").write_text("")
    await asyncio.sleep(0.5)
    return "answered"


@app.websocket("/echo")
async def echo(websocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
"""
ADAPTER = """\
from fenrir_cli.hypercorn_server import serve as hypercorn
from fenrir_cli.values import Server
from fenrir_core import hookimpl


@hookimpl
def fenrir_cli_servers():
    yield Server("swift", "acme", "acme:serve", speed=1000, cannot={"http2": "nobody wrote it"})


async def serve(app, listener, options, stop):
    print("swift serves", flush=True)
    await hypercorn(app, listener, options, stop)
"""


#: The command, where some distributions are not installed.
WITHOUT = """\
import importlib.metadata
from importlib.machinery import PathFinder

MISSING = {missing!r}
distribution_of, spec_of = importlib.metadata.Distribution.from_name.__func__, PathFinder.find_spec.__func__


def from_name(cls, name):
    if name in MISSING:
        raise importlib.metadata.PackageNotFoundError(name)
    return distribution_of(cls, name)


def find_spec(cls, name, path=None, target=None):
    return None if name in MISSING else spec_of(cls, name, path, target)


importlib.metadata.Distribution.from_name = classmethod(from_name)
PathFinder.find_spec = classmethod(find_spec)
from fenrir_cli.main import main

main()
"""


@pytest.fixture
def site(project: Any) -> Any:
    project.write("app.py", APP)
    return project


@pytest.fixture
def acme(site: Any) -> Any:
    """Install a distribution with a server adapter."""
    site.write("acme.py", ADAPTER)
    site.write("acme-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    site.write("acme-1.dist-info/entry_points.txt", "[fenrir.cli]\nacme = acme\n")
    return site


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, str]:
    """Return a self-signed certificate and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl")
    place = tmp_path_factory.mktemp("tls")
    names = {"cert": str(place / "cert.pem"), "key": str(place / "key.pem")}
    request = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    done = subprocess.run([*request, "-keyout", names["key"], "-out", names["cert"]], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return names


def scope_of(server: Any, **headers: str) -> Any:
    request = urllib.request.Request(server.url + "/", headers=headers)
    with urllib.request.urlopen(request, timeout=40) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_runs_the_app_from_start_up_to_shutdown(site: Any, serve: Any, name: str) -> None:
    server = serve("app:app", "--server", name)
    assert f"({name} " in server.output
    assert scope_of(server)["client"][0] == "127.0.0.1"
    assert (site.directory / "started").exists()
    assert server.stop() == 0
    assert (site.directory / "stopped").exists()
    assert server.output.splitlines()[-1] == "  stop with Ctrl+C"


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_answers_open_requests_before_it_stops(site: Any, serve: Any, name: str) -> None:
    server = serve("app:app", "--server", name)
    answers: List[str] = []
    client = threading.Thread(target=lambda: answers.append(server.get("/slow")))
    client.start()
    server.until((site.directory / "asked").exists, "the request")
    assert server.stop() == 0
    client.join()
    assert answers == ["answered"]


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_ends_at_once_at_a_second_interrupt(site: Any, serve: Any, name: str) -> None:
    waits = 'app.shutdown_event.wait()\n    Path("told").write_text("")\n    await asyncio.sleep(60)'
    site.write("app.py", APP.replace("asyncio.sleep(0.5)", waits))
    server = serve("app:app", "--server", name)
    broken = (OSError, http.client.HTTPException)
    client = threading.Thread(target=lambda: pytest.raises(broken, server.get, "/slow"), daemon=True)
    client.start()
    server.until((site.directory / "asked").exists, "the request")
    server.process.send_signal(signal.SIGINT)
    server.until((site.directory / "told").exists, "the beginning of the stop")
    assert server.stop(signal.SIGINT) == 130
    client.join()


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_serves_with_several_workers_and_one_that_dies_is_replaced(
    site: Any, serve: Any, name: str
) -> None:
    site.write("app.py", APP.replace('"word": os.environ.get("WORD")', '"word": os.getpid()'))
    server = serve("app:app", "--server", name, "--workers", "2")
    seen = set()
    server.until(lambda: seen.add(scope_of(server)["word"]) or len(seen) == 2, "an answer of each worker")
    dead = min(seen)
    os.kill(dead, signal.SIGKILL)
    server.until_printed(f"Worker {dead} ended with code -9")
    server.until(lambda: scope_of(server)["word"] not in seen, "an answer of the new worker")
    assert server.stop() == 0


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_says_why_the_start_up_failed(site: Any, name: str) -> None:
    site.write("app.py", APP.replace('Path("started").write_text("")', 'raise RuntimeError("no database")'))
    done = site.run("run", "app:app", "--port", "0", "--server", name)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Start-up failed")
    assert "RuntimeError: no database" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_serves_on_a_unix_socket(site: Any, serve: Any, name: str) -> None:
    server = serve("app:app", "--server", name, "--uds", "web.sock")
    assert "on unix:web.sock" in server.output
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(site.directory / "web.sock"))) as client:
        assert client.get("http://localhost/").json()["host"] == "localhost"
    assert server.stop() == 0
    assert not (site.directory / "web.sock").exists()


@pytest.mark.parametrize("name", ("hypercorn", "uvicorn", GRANIAN))
def test_servers_that_speak_tls(site: Any, serve: Any, certificate: Any, name: str) -> None:
    files = ("--tls-cert", certificate["cert"], "--tls-key", certificate["key"])
    server = serve("app:app", "--server", name, *files)
    assert "on https://127.0.0.1:" in server.output
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with httpx.Client(http2=True, verify=context) as client:
        found = client.get(server.url.replace("http:", "https:")).json()
    assert (found["scheme"], found["http_version"]) == ("https", "1.1")


@pytest.mark.parametrize("name", ["hypercorn", GRANIAN])
def test_servers_that_can_offer_http_2(site: Any, serve: Any, certificate: Any, name: str) -> None:
    files = ("--tls-cert", certificate["cert"], "--tls-key", certificate["key"])
    server = serve("app:app", "--server", name, "--http2", *files)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with httpx.Client(http2=True, verify=context) as client:
        assert client.get(server.url.replace("http:", "https:")).http_version == "HTTP/2"


@pytest.mark.parametrize("name", SERVERS)
def test_a_proxy_means_the_same_to_each_server(site: Any, serve: Any, name: str) -> None:
    server = serve("app:app", "--server", name, "--root-path", "/api", "--proxy-headers")
    forwarded = {"X-Forwarded-For": "6.6.6.6, 1.2.3.4", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "acme.test"}
    found = scope_of(server, **forwarded)
    assert found["client"] == ["1.2.3.4", 0]  # the last one is what the trusted proxy saw; others may be forged
    assert (found["scheme"], found["host"]) == ("https", "acme.test")
    assert (found["root_path"], found["path"]) == ("/api", "/api/")


@pytest.mark.parametrize("host", ["evil.example/x", "evil.example?", "a@evil.example", "[::1"])
def test_a_forwarded_host_that_is_none_is_not_taken(host: str) -> None:
    seen: List[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    scope = {
        "type": "http", "client": ("127.0.0.1", 1), "path": "/",
        "headers": [(b"host", b"inner.test"), (b"x-forwarded-host", host.encode())],
    }  # fmt: skip
    asyncio.run(at_the_edge(app, ServeOptions(proxy_headers=True))(scope, None, None))
    assert dict(seen[0]["headers"])[b"host"] == b"inner.test"


def test_forwarded_headers_are_not_believed_unasked(site: Any, serve: Any) -> None:
    found = scope_of(serve("app:app"), **{"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"})
    assert (found["client"][0], found["scheme"]) == ("127.0.0.1", "http")


def test_forwarded_headers_are_believed_of_trusted_proxies_only(site: Any, serve: Any) -> None:
    server = serve("app:app", "--proxy-headers", "--trusted-proxy", "10.0.0.1")
    assert scope_of(server, **{"X-Forwarded-For": "1.2.3.4"})["client"][0] == "127.0.0.1"


def test_a_path_that_the_proxy_left_on_is_not_put_on_twice(site: Any, serve: Any) -> None:
    server = serve("app:app", "--root-path", "/api")
    assert json.loads(server.get("/api/"))["path"] == "/api/"


def test_a_listening_socket_can_be_taken_over(site: Any, free_port: int) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port))
        listener.listen(5)
        process = subprocess.Popen(
            site.command("run", "app:app", "--fd", str(listener.fileno())),
            cwd=str(site.directory),
            env=site.environment(),
            pass_fds=[listener.fileno()],
            stdout=subprocess.PIPE,
        )
    # the connection waits in the socket's queue until the server accepts
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/", timeout=40) as answer:
        assert answer.status == 200
    process.terminate()
    out, _ = process.communicate(timeout=40)
    assert f"on http://127.0.0.1:{free_port} ".encode() in out
    assert process.returncode == 0


def test_variables_of_a_file_are_set_unless_the_environment_has_them(site: Any, serve: Any) -> None:
    site.write("production.env", "# what the app reads\nexport WORD='from the file'\nOTHER=\"a\\nb\" # two lines\n")
    assert scope_of(serve("app:app", "--env-file", "production.env"))["word"] == "from the file"


def test_the_environment_goes_before_the_file(site: Any, serve: Any) -> None:
    site.write("production.env", "WORD=from the file\n")
    assert scope_of(serve("app:app", "--env-file", "production.env", WORD="set"))["word"] == "set"


def test_a_line_of_a_file_of_variables_that_is_none_is_named(site: Any) -> None:
    site.write(".env", "A=1\nB 2\n")
    done = site.run("run", "app:app", "--env-file", ".env", "--port", "0")
    assert (done.returncode, done.stderr) == (2, "Error: .env:2: write NAME=VALUE, not 'B 2'.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--server", "uvicorn", "--http2"), "Error: uvicorn can't do --http2: its own HTTP parsers speak HTTP/1.1"),
        (("--server", "granian", "--dev"), "Error: granian can't do --dev: "),
        (("--server", "asteri", "--http2"), "Error: asteri can't do --http2: its ASGI worker has no TLS"),
        (("--tls-cert", "app.py"), "Error: --tls-cert and --tls-key belong together: give both.\n"),
        (("--uds", "x", "--fd", "0"), "Error: --uds and --fd exclude each other"),
        (("--uds", "x", "--port", "3"), "Error: --uds and --port exclude each other"),
        (("--fd", "0", "--host", "0.0.0.0"), "Error: --fd and --host exclude each other"),
        (("--trusted-proxy", "*"), "Error: --trusted-proxy says whom --proxy-headers believes"),
        (("--reload-include", "*.sql"), "Error: --reload-include and --reload-exclude belong to --dev.\n"),
    ],
)
def test_what_can_not_be_done_is_said_before_anything_is_served(site: Any, arguments: Any, message: str) -> None:
    done = site.run("run", "app:app", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)


def test_a_socket_file_in_use_is_not_taken(site: Any) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(site.directory / "web.sock"))
        other.listen(1)
        done = site.run("run", "app:app", "--uds", "web.sock")
    assert (done.returncode, done.stderr) == (
        1,
        "Error: web.sock is in use: something listens there, or it is no socket.\n",
    )
    assert (site.directory / "web.sock").exists()


def test_auto_takes_uvicorn_where_it_is_installed_and_info_names_it(site: Any, serve: Any) -> None:
    """Whatever else is installed: the other servers are taken where they are named."""
    assert "(uvicorn " in serve("app:app", "--server", "auto").output
    assert "; auto is uvicorn on " in site.run("info").stdout


def test_auto_takes_hypercorn_for_http_2(site: Any, serve: Any) -> None:
    assert "(hypercorn " in serve("app:app", "--http2").output


def test_auto_takes_uvicorn_for_tls(site: Any, serve: Any, certificate: Any) -> None:
    files = ("--tls-cert", certificate["cert"], "--tls-key", certificate["key"])
    assert "(uvicorn " in serve("app:app", *files).output


@without_uvloop
@pytest.mark.parametrize("name", SERVERS)
def test_each_server_runs_on_uvloop_where_it_is_installed(site: Any, serve: Any, name: str) -> None:
    site.write(
        "app.py", APP.replace('os.environ.get("WORD")', "type(asyncio.get_running_loop()).__mro__[1].__module__")
    )
    server = serve("app:app", "--server", name)
    assert f"on uvloop {version('uvloop')})" in server.output
    assert scope_of(server)["word"] == "uvloop"


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_runs_on_the_loop_of_asyncio_when_asked_for(site: Any, serve: Any, name: str) -> None:
    site.write("app.py", APP.replace('os.environ.get("WORD")', "type(asyncio.get_running_loop()).__module__"))
    server = serve("app:app", "--server", name, "--loop", "asyncio")
    assert " on asyncio)" in server.output
    assert scope_of(server)["word"] == "asyncio.unix_events"
    assert server.stop() == 0


@pytest.mark.parametrize("arguments", [("--workers", "2"), ("--dev",)])
@without_uvloop
def test_processes_of_a_supervisor_run_on_uvloop_too(site: Any, serve: Any, arguments: Any) -> None:
    site.write(
        "app.py", APP.replace('os.environ.get("WORD")', "type(asyncio.get_running_loop()).__mro__[1].__module__")
    )
    server = serve("app:app", *arguments)
    assert " on uvloop " in server.output
    assert scope_of(server)["word"] == "uvloop"


def test_a_loop_that_the_server_can_not_have_is_refused_with_the_reason(acme: Any, serve: Any) -> None:
    acme.write("acme.py", ADAPTER.replace('"http2": ', '"uvloop": "it has a loop of its own", "http2": '))
    done = acme.run("run", "app:app", "--server", "swift", "--loop", "uvloop")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: swift can't do --loop uvloop: it has a loop of its own.\n")
    assert "(swift 1 on asyncio)" in serve("app:app", "--server", "swift").output


def test_a_loop_that_is_not_installed_is_refused(site: Any) -> None:
    site.write("without.py", WITHOUT.format(missing=("uvloop",)))
    done = site.run("run", "app:app", "--loop", "uvloop", script="without.py")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: uvloop is not installed, so --loop uvloop can't be done.\n  pip install uvloop\n",
    )


@pytest.mark.parametrize(
    ("missing", "arguments", "label", "faster"),
    [
        (("uvicorn", "httptools", "uvloop"), (), "hypercorn", "uvicorn httptools uvloop"),
        (("uvicorn", "uvloop"), ("--http2",), "hypercorn", "uvloop"),
        (("httptools",), ("--loop", "asyncio"), "uvicorn", "httptools"),
        (("uvloop",), ("--server", "hypercorn"), "hypercorn", "uvloop"),
        (("uvloop",), ("--loop", "asyncio"), "uvicorn", ""),
    ],
)
def test_the_start_line_says_what_would_be_faster(
    site: Any, serve: Any, missing: Any, arguments: Any, label: str, faster: str
) -> None:
    site.write("without.py", WITHOUT.format(missing=missing))
    output = serve("app:app", *arguments, script="without.py").output
    assert f"({label} " in output
    assert [line for line in output.splitlines() if "faster" in line] == [f"  faster: pip install {faster}"][
        : bool(faster)
    ]


def test_what_is_installed_already_is_not_recommended(serve: Any) -> None:
    found = [name for name in ("uvicorn", "httptools", "uvloop") if importlib.util.find_spec(name) is None]
    assert ("faster" in serve("app:app").output) == bool(found)


@pytest.mark.skipif(not () < granian() < (2, 8), reason="no old granian is installed")
def test_a_server_that_is_too_old_is_said(site: Any) -> None:
    done = site.run("run", "app:app", "--port", "0", "--server", "granian")
    assert done.returncode == 1
    assert done.stderr.endswith(' is too old: 2.8 is needed.\n  pip install "granian>=2.8"\n')


def test_auto_takes_one_that_can_do_what_is_asked_for(site: Any, serve: Any) -> None:
    assert "(uvicorn " in serve("app:app", "--server", "auto", "--dev").output


@pytest.mark.parametrize(("asked", "is_left_out"), [((), True), (("--gc-freeze",), True), (("--no-gc-freeze",), False)])
def test_garbage_collections_leave_out_what_exists_once_the_app_has_started(
    site: Any, serve: Any, asked: Any, is_left_out: bool
) -> None:
    site.write("app.py", APP.replace('os.environ.get("WORD")', '__import__("gc").get_freeze_count()'))
    assert (scope_of(serve("app:app", *asked))["word"] > 1000) == is_left_out


@pytest.mark.parametrize("name", SERVERS)
def test_requests_leave_nothing_to_the_garbage_collector(site: Any, serve: Any, name: str) -> None:
    """What is left grows until all of it is collected at once, while no request is answered."""
    collect = '__import__("gc").collect() + (__import__("gc").disable() or 0)'
    site.write("app.py", APP.replace('os.environ.get("WORD")', f"{collect} if request.scope['query_string'] else 0"))
    server = serve("app:app", "--server", name, "--access-log")
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for query in ["?collect", *[""] * 200, "?collect"]:
            found = client.get("/" + query).json()["word"]
    assert found == 0


def test_fenrir_cli_servers_adds_a_server(acme: Any, serve: Any) -> None:
    server = serve("app:app", "--server", "auto")
    assert "swift serves" in server.output
    assert "(swift 1 on " in server.output
    assert server.stop() == 0
    done = acme.run("run", "app:app", "--server", "swift", "--http2")
    assert "Error: swift can't do --http2: nobody wrote it." in done.stderr


def test_a_broken_plugin_of_the_command_line_stops_no_command(acme: Any) -> None:
    acme.write("acme.py", "raise RuntimeError('bad luck')\n")
    assert acme.run("info").returncode == 0


def test_several_workers_share_a_unix_socket(site: Any, serve: Any) -> None:
    server = serve("app:app", "--workers", "2", "--uds", "web.sock", "--server", "uvicorn")
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(site.directory / "web.sock"))) as client:
        assert client.get("http://localhost/").status_code == 200
    assert server.stop() == 0


def test_patterns_say_which_changes_reload(site: Any, serve: Any) -> None:
    arguments = ("--reload-include", "*.sql", "--reload-exclude", "generated")
    server = serve("app:app", "--dev", *arguments)
    site.write("generated/code.py", "x = 1\n")
    site.write("query.sql", "SELECT 1;\n")
    server.until_printed("Changed: query.sql. Reloading.")
    server.until_printed("Reloaded in")
    assert "code.py" not in server.output
