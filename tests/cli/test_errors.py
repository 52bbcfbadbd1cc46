"""Errors are one line, with an exit code and without a traceback."""

from __future__ import annotations

import platform
import shlex
import subprocess
from typing import Any

import pytest

from fenrir_cli._version import __version__

MODULES = {
    "typo.py": "import nothere\n",
    "fails.py": "def count():\n    return 1 / 0\n\n\nx = count()\n",
    "syntax.py": "x = = 1\n",
    "leaves.py": "import sys\n\nsys.exit(3)\n",
    "build.py": "from fenrir_core import App\n\napp = App(paradigms=[])\n\n\n@app.get('/{x')\ndef f():\n    pass\n",
    "several.py": "from fenrir_core import App\n\none = App(paradigms=[])\ntwo = App(paradigms=[])\n",
    "empty.py": "",
    "shapes.py": (
        "number = 3\n\n\nclass Kind:\n    pass\n\n\ndef make(size):\n    pass\n\n\ndef nothing():\n    pass\n\n\n"
        "def wsgi(environ, start_response):\n    pass\n\n\nasync def later():\n    pass\n"
    ),
}
CASES = [
    ("nothing:app", "There is no module named 'nothing'."),
    ("ap:app", "There is no module named 'ap'. Did you mean app?"),
    ("nothing.inside:app", "There is no module named 'nothing' (to import nothing.inside)."),
    ("typo:app", "Importing typo failed: typo.py:1: ModuleNotFoundError: No module named 'nothere'\n  import nothere"),
    (
        "fails:app",
        "Importing fails failed: fails.py:2: ZeroDivisionError: division by zero\n  in count: return 1 / 0",
    ),
    ("syntax:app", "Importing syntax failed: syntax.py:1: SyntaxError: invalid syntax\n  x = = 1\n      ^"),
    ("leaves:app", "Importing leaves failed: leaves.py:3: SystemExit: 3"),
    ("app:apq", "app.py has no 'apq'. Did you mean app?"),
    ("empty", "empty.py has no app: none of app, application, api, asgi, and no create_app()."),
    ("several", "several.py has several apps: one, two. Say which: several:one"),
    ("shapes:number", "shapes:number is 3, not an ASGI app: it can't be called."),
    ("shapes:Kind", "shapes:Kind is the class Kind, not an app: make one, for example app = Kind()."),
    ("shapes:nothing", "if it makes the app, add --factory."),
    ("shapes:wsgi", "It looks like a WSGI app: mount it with app.mount_wsgi(...)."),
    ("shapes:make()", "shapes:make is no factory: it must be callable without arguments, but wants size."),
    ("shapes:nothing()", "The factory shapes:nothing returned None: it must return the app."),
    ("shapes:later()", "The factory shapes:later is asynchronous: make it a plain function that returns the app."),
    ("missing.py", "There is no file missing.py. Python files here: app.py,"),
    ("not-a-name:app", "'not-a-name:app' names no app: write module:attribute"),
]


@pytest.fixture
def mistaken(project: Any) -> Any:
    for name, text in MODULES.items():
        project.write(name, text)
    return project


@pytest.mark.parametrize(("named", "message"), CASES, ids=[named for named, _ in CASES])
def test_a_mistake_is_one_clear_message(mistaken: Any, named: str, message: str) -> None:
    done = mistaken.run("run", named, "--port", "0")
    assert done.returncode in (1, 2)
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "fenrir_cli" not in done.stderr
    assert done.stdout == ""


def test_what_the_build_finds_wrong_is_said_before_anything_is_served(mistaken: Any) -> None:
    done = mistaken.run("run", "build", "--port", "0")
    assert done.returncode == 1
    assert "build.py:6" in done.stderr
    assert "'/{x'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_start_up_names_the_users_line(project: Any) -> None:
    project.write(
        "app.py",
        "from fenrir import Fenrir\n\napp = Fenrir()\n\n\n@app.listener('before_server_start')\n"
        "async def connect(app):\n    raise RuntimeError('no database')\n",
    )
    done = project.run("run", "app:app", "--port", "0")
    assert done.returncode == 1
    assert "Start-up failed" in done.stderr
    assert "RuntimeError: no database" in done.stderr
    assert "  app.py:8 in connect: raise RuntimeError('no database')" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said_with_a_free_one(project: Any, busy_port: int) -> None:
    done = project.run("run", "app:app", "--port", str(busy_port))
    assert done.returncode == 1
    assert f"Port {busy_port} on 127.0.0.1 is in use" in done.stderr
    assert "--port " in done.stderr


def test_an_unknown_host_is_said(project: Any) -> None:
    done = project.run("run", "app:app", "--host", "no.such.host.invalid")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "There is no host 'no.such.host.invalid'" in done.stderr


def test_without_any_app_the_user_is_told_what_was_looked_for(project: Any) -> None:
    (project.directory / "app.py").unlink()
    done = project.run("run")
    assert done.returncode == 2
    assert "looked for app.py, main.py, asgi.py" in done.stderr


def test_a_mistyped_command_gets_a_suggestion(project: Any) -> None:
    done = project.run("rotues")
    assert (done.returncode, done.stderr) == (2, "Error: There is no command 'rotues'. Did you mean routes?\n")


def test_an_unknown_server_is_said_with_the_known_ones(project: Any) -> None:
    done = project.run("run", "app:app", "--port", "0", "--server", "apache")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: There is no server 'apache'. There are: auto, hypercorn, uvicorn, granian, asteri.\n",
    )


def test_the_traceback_is_shown_when_asked_for(mistaken: Any) -> None:
    done = mistaken.run("--traceback", "run", "fails:app")
    assert "Traceback (most recent call last)" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_the_traceback_can_be_asked_for_at_the_end_of_the_line(mistaken: Any) -> None:
    done = mistaken.run("routes", "fails:app", "--traceback")
    assert (done.returncode, "ZeroDivisionError: division by zero" in done.stderr) == (1, True)
    assert "Traceback (most recent call last)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bench", "--iteration", "3"), "Error: No such option"),
        (("bench", "-i", "none"), "Error: Invalid value for '-i' / '--iterations': 'none' is not a valid integer"),
        (("why", "GET"), "Error: Missing argument 'URL'. See: fenrir why --help\n"),
        (("--nothing",), "Error: No such option"),
    ],
)
def test_a_mistyped_option_is_one_line_that_says_where_help_is(project: Any, arguments: Any, message: str) -> None:
    done = project.run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(message)
    assert done.stderr.endswith(" --help\n")


def test_a_module_of_a_package_is_named_with_its_package(project: Any) -> None:
    project.write("inside.py", "from . import app\n")
    done = project.run("routes", "inside")
    assert done.returncode == 1
    assert done.stderr.endswith("  It is a part of a package: name it from above, cd .. and then project.inside\n")


def test_ctrl_c_ends_a_command_with_the_shells_code(project: Any, terminal: Any) -> None:
    project.write("slow.py", "import time\nprint('importing', flush=True)\ntime.sleep(60)\n")
    shown = terminal("routes", "slow")
    shown.until("importing")
    shown.interrupt()
    assert shown.end() == 130
    assert "Traceback" not in shown.text


def test_a_pipe_that_is_closed_early_is_no_error(project: Any) -> None:
    command = " ".join(shlex.quote(word) for word in project.command("routes", "app:app"))
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -n 1"],
        cwd=str(project.directory),
        env=project.environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=40,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version_names_fenrir_and_python(project: Any) -> None:
    assert project.run("--version").stdout == f"Fenrir {__version__} (Python {platform.python_version()})\n"
