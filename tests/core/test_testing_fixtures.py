"""The fixtures of `fenrir_core.testing.fixtures`, in a pytest process of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Callable

import pytest

from fenrir_core.testing import CONFORMANCE

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that writes a test file and runs pytest on it, with no plugin of pytest but its own."""

    def run(source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *arguments],
            cwd=str(tmp_path),
            env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run


def test_app_and_client_are_there_for_plain_functions_and_new_for_each_test(run: Run) -> None:
    done = run(
        """
        import threading

        import pytest

        from fenrir_core import Call, PluginInfo, RouteHook, hookimpl

        pytest_plugins = ["fenrir_core.testing.fixtures"]


        class Stamp:
            fenrir_plugin = PluginInfo(api="1")

            @hookimpl
            def fenrir_route_hooks(self):
                async def stamp(request, response):
                    response.headers["x-stamp"] = "acme"

                yield RouteHook("stamp", after=Call.of(stamp))


        @pytest.fixture
        def fenrir_plugins():
            return [Stamp()]


        @pytest.mark.parametrize("name", ["ada", "bob"])
        def test_it(fenrir_app, fenrir_client, name):
            @fenrir_app.get("/")
            async def index():
                return name

            answer = fenrir_client.get("/")
            assert (answer.text, answer.headers["x-stamp"]) == (name, "acme")


        def test_nothing_is_left_running(fenrir_client):
            assert threading.active_count() == 1
        """
    )
    assert (done.returncode, done.stdout.splitlines()[-1].split(" in ")[0]) == (0, "3 passed"), done.stdout


def test_an_app_of_the_authors_own_takes_the_place_of_the_fixture(run: Run) -> None:
    done = run(
        """
        import pytest

        from fenrir_core import App

        pytest_plugins = ["fenrir_core.testing.fixtures"]


        @pytest.fixture
        def fenrir_app():
            app = App(paradigms=(), autoload=False)
            app.get("/")(lambda: "mine")
            return app


        def test_it(fenrir_client):
            assert fenrir_client.get("/").text == "mine"
        """
    )
    assert done.returncode == 0, done.stdout


KIT = """
from fenrir_core import App, Request
from fenrir_core.testing import ParadigmKit

pytest_plugins = ["fenrir_core.testing.fixtures"]


def echo(app, path, name):
    @app.get(path)
    async def give(request: Request):
        return {{"value": request.path_params[name]}}


def receive(app, path):
    @app.post(path)
    async def give(request: Request):
        return await request.body()


KIT = ParadigmKit(
    "acme",
    lambda **options: App(paradigms=(), **options),
    lambda app, path, text: app.get(path)(lambda: {text}),
    echo,
    receive,
    lambda app, path, function: app.get(path)(lambda: function()),
)


def test_conforms(conformance_check):
    conformance_check(KIT)
"""


def test_a_paradigm_is_checked_by_one_test_which_leaves_out_what_the_kit_has_not(run: Run) -> None:
    done = run(KIT.format(text="text"), "-rA")
    skipped = sum(1 for check in CONFORMANCE if check.needs)
    assert f"{len(CONFORMANCE) - skipped} passed, {skipped} skipped" in done.stdout, done.stdout
    assert "The kit of acme has no stream." in done.stdout
    assert "test_conforms[answers_what_a_handler_gives]" in done.stdout


def test_a_paradigm_that_does_not_conform_fails_by_the_name_of_the_check(run: Run) -> None:
    done = run(KIT.format(text="text + '!'"))
    assert done.returncode == 1
    assert "test_conforms[answers_what_a_handler_gives]" in done.stdout


def test_the_fixtures_are_no_entry_point_of_pytest(run: Run) -> None:
    done = run("def test_it(fenrir_app):\n    pass")
    assert "fixture 'fenrir_app' not found" in done.stdout
