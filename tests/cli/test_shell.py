"""`fenrir shell`: at a prompt, with code from a pipe, and with `-c`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

APP = """\
import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fenrir_core import App
from shapes import Square

calls = []


@dataclass
class Pet:
    name: str


@asynccontextmanager
async def life(app):
    app.state.loop = asyncio.get_running_loop()
    yield
    Path("stopped").write_text("")


app = App(paradigms=[], lifespan=life)


@app.get("/")
async def home():
    calls.append(1)
    return "home"
"""
SHAPES = """\
from dataclasses import dataclass


@dataclass
class Square:
    side: int


@dataclass
class Ring:
    r: int
"""
PLUGIN = """\
from fenrir_cli.values import ShellName
from fenrir_core import hookimpl


@hookimpl
def fenrir_cli_shell_names(app):
    yield ShellName("store", {"of": type(app).__name__}, "what is stored")
    yield ShellName("calls", None, "hidden by the app's own")
"""


@pytest.fixture
def pets(project: Any) -> Any:
    project.write("app.py", APP)
    project.write("shapes.py", SHAPES)
    return project


def stopped(project: Any) -> bool:
    return Path(project.directory / "stopped").exists()


def test_code_from_a_pipe_is_run_as_if_it_were_typed_with_the_app_started(pets: Any) -> None:
    done = pets.run("shell", "app:app", stdin='client.get("/").text\nfor i in range(2):\n    i\nlen(calls)\n')
    assert (done.returncode, done.stdout, done.stderr) == (0, "'home'\n0\n1\n1\n", "")
    assert stopped(pets)


def test_the_first_error_ends_code_from_a_pipe_with_1_and_shows_the_line(pets: Any) -> None:
    done = pets.run("shell", "app:app", stdin="1 / 0\nprint('on')\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n    1 / 0\n'
    )
    assert stopped(pets)


def test_a_command_is_run_instead_of_a_prompt(pets: Any) -> None:
    assert pets.run("shell", "app:app", "-c", 'print(client.get("/").status_code)').stdout == "200\n"
    assert pets.run("shell", "app:app", "--command", "exit(3)").returncode == 3
    assert pets.run("shell", "app:app", "-c", "x = (").stderr.strip().splitlines()[-1].startswith("SyntaxError: ")


def test_await_runs_on_the_event_loop_of_the_app(pets: Any) -> None:
    code = "import asyncio\nawait asyncio.sleep(0, 'slept')\nasync def here():\n    return asyncio.get_running_loop()\n"
    done = pets.run("shell", "app:app", stdin=code + "await here() is app.state.loop\n")
    assert (done.stdout, done.stderr) == ("'slept'\nTrue\n", "")


def test_a_request_that_would_stop_its_own_loop_is_refused_with_the_way_out(pets: Any) -> None:
    done = pets.run("shell", "app:app", "-c", "import asyncio; await asyncio.sleep(client.get('/'))")
    assert "write `await client.http.get(...)` there, or two statements." in done.stderr
    assert pets.run("shell", "app:app", "-c", "(await client.http.get('/')).text").stdout == "'home'\n"


def test_models_of_the_apps_own_modules_are_there(pets: Any) -> None:
    assert pets.run("shell", "app:app", "-c", "Pet('Rex'), Square(2), Ring(3)").stdout == (
        "(Pet(name='Rex'), Square(side=2), Ring(r=3))\n"
    )


def test_fenrir_cli_shell_names_gives_names_beneath_the_apps_own(pets: Any) -> None:
    pets.write("helpers.py", PLUGIN)
    pets.write("acme-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    pets.write("acme-1.dist-info/entry_points.txt", "[fenrir.cli]\nacme = helpers\n")
    assert pets.run("shell", "app:app", "-c", "store, calls").stdout == "({'of': 'App'}, [])\n"


def test_another_frameworks_app_has_a_shell_too(project: Any) -> None:
    project.write("app.py", "async def app(scope, receive, send):\n    raise NotImplementedError\n")
    assert project.run("shell", "app:app", "-c", "app.__name__").stdout == "'app'\n"


# ---------------------------------------------------------------- prompts


def test_the_plain_prompt_completes_awaits_and_remembers(pets: Any, terminal: Any) -> None:
    shown = terminal("shell", "app:app", "--plain")
    shown.until(">>> ")
    assert 'client    sends requests: client.get("/").json()\n' in shown.text
    assert "  models    Pet, Ring, Square\n" in shown.text
    assert "  from app  Pet, app, calls, home, life\n" in shown.text
    shown.type("client.ge\t'/').text\n")
    shown.until("'home'")
    shown.type("await __import__('asyncio').sleep(0, 6 * 7)\n")
    shown.until("\n42")
    shown.type("1 / 0\n")
    shown.until("ZeroDivisionError: division by zero")
    shown.type("\x04")
    assert shown.end() == 0
    assert "fenrir_cli" not in shown.text
    assert "1 / 0\n" in (pets.directory / ".fenrir_history").read_text(encoding="utf-8")
    assert stopped(pets)


def test_ctrl_c_ends_what_is_awaited_and_the_prompt_goes_on(pets: Any, terminal: Any) -> None:
    shown = terminal("shell", "app:app", "--plain")
    shown.until(">>> ")
    shown.type("print('wait' 'ing', flush=True); await __import__('asyncio').sleep(60)\n")
    shown.until("waiting")
    shown.interrupt()
    shown.until("KeyboardInterrupt")
    shown.type("'go' + 'es on'\n")
    shown.until("'goes on'")
    shown.type("exit(4)\n")
    assert shown.end() == 4


def test_ipython_is_used_where_it_is_installed_and_awaits_on_the_apps_loop(pets: Any, terminal: Any) -> None:
    shown = terminal("shell", "app:app", IPY_TEST_SIMPLE_PROMPT="1", IPYTHONDIR=str(pets.directory / "ipython"))
    shown.until("In [1]: ")
    shown.type("client.get('/').text\n")
    shown.until("'home'")
    shown.type("async def here(): return __import__('asyncio').get_running_loop()\n\n")
    shown.type("'same' if await here() is app.state.loop else 'other'\n")
    shown.until("'same'")
    shown.type("exit()\n")
    assert shown.end() == 0
    assert stopped(pets)


def test_the_python_startup_file_is_run_before_the_plain_prompt(pets: Any, terminal: Any) -> None:
    pets.write("mine.py", "helper = 'mine' + '!'\n")
    shown = terminal("shell", "app:app", "--plain", PYTHONSTARTUP=str(pets.directory / "mine.py"))
    shown.until(">>> ")
    shown.type("helper\n")
    shown.until("'mine!'")
    shown.type("\x04")
    assert shown.end() == 0
    assert "Traceback" not in shown.text
