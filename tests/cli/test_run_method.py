"""The method `run` of an app, called by a script: it serves as `fenrir run` does."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, List, Sequence

import pytest
from tests.cli.conftest import PATIENCE, Server
from tests.cli.test_servers import SERVERS

APPS = {
    "Fenrir": "from fenrir import Fenrir\napp = Fenrir()\napp.get('/')(lambda: TEXT)\n",
    "Flask": "from fenrir_flask import Flask\napp = Flask(__name__)\napp.add_url_rule('/', 'home', lambda: TEXT)\n",
    "Sanic": (
        "from fenrir_sanic import Sanic, text\napp = Sanic('shop')\n@app.get('/')\nasync def home(request):\n"
        "    return text(TEXT)\n"
    ),
    "Bottle": "from fenrir_bottle import Bottle, run\napp = Bottle()\napp.route('/')(lambda: TEXT)\n",
}


def script(name: str, call: str) -> str:
    """Return the text of a script that makes an app and runs it."""
    return f"TEXT = 'first'\n{APPS[name]}\nif __name__ == '__main__':\n    {call}\n    print('after run', flush=True)\n"


Start = Callable[..., Server]


@pytest.fixture
def start(project: Any, tmp_path: Path, free_port: int) -> Iterator[Start]:
    """Return a function that runs shop.py and waits until it has printed a text or ended."""
    started: List[subprocess.Popen[bytes]] = []

    def run(text: str, until: str = "stop with Ctrl+C", by: Sequence[str] = ()) -> Server:
        log = tmp_path / "output.txt"
        project.write("shop.py", text.replace("PORT", str(free_port)))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *by, "shop.py"],
                cwd=str(project.directory),
                env=project.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        server = Server(process, f"http://127.0.0.1:{free_port}", log)
        server.until(lambda: until in server.output or process.poll() is not None, f"the output {until!r}")
        return server

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", APPS)
def test_it_serves_until_a_signal_and_the_script_goes_on(start: Start, name: str, number: int) -> None:
    server = start(script(name, "app.run(host='127.0.0.1', port=PORT)"))
    assert "serves shop:app on" in server.output
    assert server.get("/") == "first"
    assert server.stop(number) == 0
    assert server.output.endswith("after run\n")


@pytest.mark.parametrize("name", SERVERS)
def test_it_serves_with_each_server(start: Start, name: str) -> None:
    server = start(script("Fenrir", f"app.run(port=PORT, server={name!r}, graceful_timeout=9)"))
    assert f"({name} " in server.output
    assert server.get("/") == "first"
    assert server.stop() == 0


RELOADING = {
    "Fenrir": "app.run(port=PORT, debug=True)",
    "Flask": "app.run(port=PORT, debug=True)",
    "Sanic": "app.run(port=PORT, dev=True)",
    "Bottle": "app.run(port=PORT, reloader=True)",
}


@pytest.mark.once
@pytest.mark.parametrize("name", APPS)
def test_it_serves_a_changed_app_anew(project: Any, start: Start, name: str) -> None:
    text = script(name, RELOADING[name])
    server = start(text)
    assert server.get("/") == "first"
    project.write("shop.py", (project.directory / "shop.py").read_text(encoding="utf-8").replace("first", "second"))
    server.until_answers("second")
    assert server.stop() == 0


def test_debug_reaches_the_process_that_serves(start: Start) -> None:
    text = script("Flask", "app.run(port=PORT, debug=True)").replace("lambda: TEXT", "lambda: str(app.debug)")
    assert start(text).get("/") == "True"


def test_debug_without_reload_serves_in_this_process(start: Start) -> None:
    text = script("Flask", "app.run(port=PORT, debug=True, use_reloader=False)")
    text = "import os\n" + text.replace("lambda: TEXT", "lambda: f'{app.debug} {os.getpid()}'")
    server = start(text)
    assert server.get("/") == f"True {server.process.pid}"


def test_the_process_that_serves_has_the_aliases_of_the_script(start: Start) -> None:
    text = script("Flask", "app.run(port=PORT, debug=True)").replace("fenrir_flask", "flask")
    assert start(text, by=("-m", "fenrir_core.alias", "flask", "--")).get("/") == "first"


def test_several_processes_serve(start: Start) -> None:
    text = "import os\n" + script("Flask", "app.run(port=PORT, processes=2)")
    server = start(text.replace("lambda: TEXT", "lambda: str(os.getpid())"))
    assert int(server.get("/")) != server.process.pid
    assert server.stop() == 0


def test_the_address_may_come_from_flasks_server_name(start: Start) -> None:
    server = start(script("Flask", "app.config['SERVER_NAME'] = '127.0.0.1:PORT'; app.run()"))
    assert f"on {server.url} " in server.output


def test_bottles_function_serves_an_app(start: Start) -> None:
    server = start(script("Bottle", "run(app, host='127.0.0.1', port=PORT, quiet=True)"))
    assert server.get("/") == "first"


def test_variables_of_a_file_are_set_for_an_app_that_is_served_here(project: Any, start: Start) -> None:
    project.write("shop.env", "WORD=hello\n")
    text = "import os\n" + script("Flask", "app.run(port=PORT, env_file='shop.env')")
    assert start(text.replace("lambda: TEXT", "lambda: os.environ['WORD']")).get("/") == "hello"


@pytest.mark.once
def test_a_script_that_goes_on_has_its_signal_handlers_back(start: Start) -> None:
    # a shell lets what it starts in the background ignore SIGINT, so that the script says how it begins
    began = "import signal\nsignal.signal(1, print)\nsignal.signal(2, signal.default_int_handler)\n"
    told = "def told():\n    print([signal.getsignal(number) for number in (1, 2, 15)])\n"
    server = start(began + told + script("Fenrir", "app.run(port=PORT); told()"))
    assert server.stop() == 0
    line = "[<built-in function print>, <built-in function default_int_handler>, <Handlers.SIG_DFL: 0>]"
    assert line in server.output, server.output


def test_a_thread_of_a_program_may_serve(start: Start) -> None:
    call = "import threading; threading.Thread(target=lambda: app.run(port=PORT), daemon=True).start(); input()"
    text = script("Flask", call).replace("input()", "threading.Event().wait()")
    assert start(text).get("/") == "first"


@pytest.mark.parametrize(
    ("name", "call", "code", "message"),
    [
        ("Fenrir", "app.run(prot=1)", 2, "Error: run() can't honour 'prot'. Did you mean port?\n"),
        ("Fenrir", "app.run(server='waitress')", 2, "Error: There is no server 'waitress'."),
        ("Flask", "app.run(threaded=False)", 1, "run() can't honour 'threaded': synchronous views run in threads"),
        ("Flask", "app.run(ssl_context='adhoc')", 1, "run() can't honour 'ssl_context': give it the names of two "),
        ("Sanic", "app.run(protocol=object)", 1, "run() can't honour 'protocol': it is for Sanic's own server"),
        ("Fenrir", "(lambda shop: shop.run(debug=True))(Fenrir())", 2, "Other processes load the app by its name"),
    ],
)
def test_what_can_not_be_honoured_is_refused(start: Start, name: str, call: str, code: int, message: str) -> None:
    server = start(script(name, call))
    assert (server.process.wait(timeout=PATIENCE), message in server.output) == (code, True), server.output


def test_a_port_in_use_is_one_line(start: Start, free_port: int) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port))
        listener.listen()
        server = start(script("Fenrir", "app.run(port=PORT)"))
        assert server.process.wait(timeout=PATIENCE) == 1
    assert server.output.startswith(f"Error: Port {free_port} on 127.0.0.1 is in use")
    assert server.output.count("\n") == 1


def test_a_build_error_is_one_line(start: Start) -> None:
    server = start(script("Fenrir", "app.get('/{a:itn}')(print); app.run(port=PORT)"))
    assert server.process.wait(timeout=PATIENCE) == 1
    assert "did you mean 'int'" in server.output and "Traceback" not in server.output


def test_a_call_while_the_module_is_imported_is_an_error(project: Any) -> None:
    project.write("app.py", APPS["Fenrir"] + "app.run(port=0)\n")
    done = project.run("routes", "app:app")
    assert done.returncode == 1
    assert 'app.py:4: run() would serve while the module is imported: call it under if __name__ == "__main__"' in (
        done.stderr
    )


def test_the_kernel_does_not_import_the_command_line(project: Any) -> None:
    code = (
        "import json, sys, fenrir; app = fenrir.Fenrir(); app.run\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('fenrir_cli')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout) == []
