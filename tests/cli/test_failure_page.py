"""What `fenrir run --dev` responds while the code can't be served: the reason, until it is fixed."""

from __future__ import annotations

from typing import Any, Tuple

import httpx
import pytest

from fenrir_cli.errors import CliError
from fenrir_cli.loader import built, load_app
from fenrir_cli.pages.failure import Failure, failure_of
from fenrir_cli.target import parse_target

PAGE = {"accept": "text/html,*/*;q=0.8", "sec-fetch-mode": "navigate"}
BROKEN = "x = 1\ny = = 2\nz = <3>\n"
NO_BUILD = """\
from fenrir_core import App

app = App(paradigms=[])


@app.get('/')
def home(what):
    return what
"""
NO_START = """\
from contextlib import asynccontextmanager

from fenrir_core import App


@asynccontextmanager
async def life(app):
    raise OSError("no database")
    yield


app = App(paradigms=[], lifespan=life)
"""


def ask(server: Any, method: str = "GET", **headers: str) -> httpx.Response:
    return httpx.request(method, server.url + "/", headers=headers, trust_env=False, timeout=40)


def write_broken(project: Any) -> str:
    """Break the app; return the text that fixes it."""
    good = str((project.directory / "app.py").read_text(encoding="utf-8"))
    project.write("app.py", BROKEN)
    return good.replace("first", "mended")


def test_browsers_see_a_syntax_error_while_programs_are_served_the_last_good_version(project: Any, serve: Any) -> None:
    server = serve("app:app", "--dev")
    before = ask(server, **{"x-fenrir-dev": "state"}).headers["x-fenrir-dev"]
    good = write_broken(project)
    server.until_printed("The last version that worked is still served")
    answer = ask(server, **PAGE)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "SyntaxError" in answer.text
    assert ">app.py:2<" in answer.text
    state = ask(server, **{"x-fenrir-dev": "state"}).headers["x-fenrir-dev"]
    assert f'data-state="{state}"' in answer.text
    assert state != before
    assert ask(server).text == "first"
    assert ask(server, "HEAD", **PAGE).status_code == 200
    project.write("app.py", good)
    server.until_answers("mended")
    assert ask(server, **PAGE).text == "mended"
    assert ask(server, **{"x-fenrir-dev": "state"}).headers["x-fenrir-dev"] != state


def test_the_terminal_shows_the_code_around_the_error(project: Any, serve: Any) -> None:
    server = serve("app:app", "--dev")
    project.write("app.py", "one = 1\ntwo = 2\nthree = 3 3\nfour = 4\nfive = 5\nsix = 6\n")
    server.until_printed("The last version that worked is still served")
    shown = server.output[server.output.index("Error:") :].splitlines()
    assert shown[0].startswith("Error: Importing app failed: app.py:3: SyntaxError: invalid syntax")
    assert [line for line in shown if " | " in line and "^" not in line] == [
        "       1 | one = 1",
        "       2 | two = 2",
        "  >    3 | three = 3 3",
        "       4 | four = 4",
        "       5 | five = 5",
    ]


def test_nobody_is_left_waiting_while_nothing_can_be_served(project: Any, serve: Any) -> None:
    good = write_broken(project)
    server = serve("app:app", "--dev", until="Nothing is served; waiting for a change.")
    answer = ask(server)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert answer.text.startswith("Importing app failed: app.py:2: SyntaxError: ")
    assert "  >    2 | y = = 2\n" in answer.text
    assert answer.headers["connection"] == "close"
    assert ask(server, "HEAD").content == b""
    page = ask(server, **PAGE)
    assert (page.status_code, "SyntaxError" in page.text) == (503, True)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    state = ask(server, **{"x-fenrir-dev": "state"}).headers["x-fenrir-dev"]
    assert f'data-state="{state}"' in page.text
    project.write("app.py", good)
    server.until_answers("mended")


def test_an_app_whose_start_up_fails_is_told_of_too(project: Any, serve: Any) -> None:
    project.write("app.py", NO_START)
    server = serve("app:app", "--dev", until="Nothing is served; waiting for a change.")
    answer = ask(server)
    assert answer.status_code == 503
    assert "OSError: no database" in answer.text


def test_a_process_that_ends_without_a_word_is_told_of(project: Any, serve: Any) -> None:
    project.write("app.py", "import os\n\nos._exit(7)\n")
    server = serve("app:app", "--dev", until="Nothing is served; waiting for a change.")
    assert ask(server).text == "The app's process ended with code 7.\n"
    assert "ended with code 7" in ask(server, **PAGE).text


def test_outside_of_dev_a_browser_is_given_the_bare_500(project: Any, serve: Any) -> None:
    text = (project.directory / "app.py").read_text(encoding="utf-8")
    project.write("app.py", text.replace('return "first"', "return 1 / 0"))
    answer = ask(serve("app:app", FENRIR_DEBUG="1"), **PAGE)
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal Server Error"})


def test_in_dev_a_browser_is_shown_the_error_of_a_request_and_a_program_is_not(project: Any, serve: Any) -> None:
    text = (project.directory / "app.py").read_text(encoding="utf-8")
    project.write("app.py", text.replace('return "first"', "return 1 / 0"))
    server = serve("app:app", "--dev")
    answer = ask(server, **PAGE)
    assert (answer.status_code, "ZeroDivisionError" in answer.text) == (500, True)
    assert ask(server).json() == {"detail": "Internal Server Error"}
    assert server.output.count("ZeroDivisionError: division by zero") == 2
    server.until_printed("GET / 500", 2)


def failure(project: Any, text: str) -> Tuple[Failure, CliError]:
    """Return the failure of a module that can't be served."""
    project.write("tried.py", text)
    target = parse_target("tried.py", str(project.directory))
    with pytest.raises(CliError) as caught:
        built(load_app(target))
    return failure_of(caught.value), caught.value


@pytest.fixture
def inside(project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    import sys

    monkeypatch.chdir(project.directory)
    monkeypatch.setattr(sys, "path", [str(project.directory), *sys.path])
    yield project
    sys.modules.pop("tried", None)


def test_a_mistake_of_the_build_shows_the_route_that_it_names(inside: Any) -> None:
    found, error = failure(inside, NO_BUILD)
    assert "tried.py:6: " in error.message
    assert "home" in found.html
    assert ">tried.py:6<" in found.html
    assert "  >    6 | @app.get('/')" in found.text


def test_an_error_of_an_import_shows_how_it_came_there(inside: Any) -> None:
    inside.write("deep.py", "def load():\n    return {}['missing']\n\n\nload()\n")
    found, _ = failure(inside, "import deep\n\napp = None\n")
    assert "KeyError" in found.html
    places = [f">{place}<" in found.html for place in ("tried.py:1", "deep.py:5", "deep.py:2")]
    assert places == [True] * 3
    assert "importlib" not in found.html


def test_a_mistake_without_a_place_is_told_in_words(inside: Any) -> None:
    found, error = failure(inside, "x = 1\n")
    assert found.text == str(error)
    assert "has no app" in found.html


def test_everything_in_the_page_is_escaped(inside: Any) -> None:
    found, _ = failure(inside, "raise RuntimeError('<script>alert(1)</script>')\n")
    assert found.html.count("<script") == 1
