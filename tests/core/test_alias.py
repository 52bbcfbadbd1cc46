"""The alias: another framework's name gives our package, in a process of its own for each test."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Callable

import pytest

Python = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Return a function that runs Python in a directory where a real `flask` and an extension of it are installed."""
    flask = tmp_path / "flask"
    flask.mkdir()
    (flask / "__init__.py").write_text("import sys\nprint('the real flask', file=sys.stderr)\n__version__ = '1.0'\n")
    (flask / "cli.py").write_text("")
    metadata = tmp_path / "flask-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: flask\nVersion: 1.0\n")
    (tmp_path / "flask_extension.py").write_text("from flask import request\nimport flask.views as views\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=str(tmp_path),
            env={"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run


def code(python: Python, source: str) -> str:
    """Return what a program prints, which must succeed and never import the real flask."""
    done = python("-c", "from fenrir_core import alias\n" + textwrap.dedent(source))
    assert done.returncode == 0, done.stderr
    assert "the real flask" not in done.stderr
    return done.stdout.strip()


def test_both_names_are_the_same_module(python: Python) -> None:
    printed = code(
        python,
        """
        alias.install("flask")
        import flask.views, fenrir_flask.views, sys
        print(sys.modules["flask"] is fenrir_flask, flask.views is fenrir_flask.views)
        print(fenrir_flask.__spec__.name, flask.views.__name__)
        """,
    )
    assert printed.splitlines() == ["True True", "fenrir_flask fenrir_flask.views"]


def test_a_third_partys_import_gets_our_module(python: Python) -> None:
    printed = code(
        python,
        """
        alias.install("flask")
        import flask_extension, fenrir_flask
        print(flask_extension.request is fenrir_flask.request, flask_extension.views.__name__)
        """,
    )
    assert printed == "True fenrir_flask.views"


@pytest.mark.parametrize("statement", ["import flask.wsgi", "from flask.wsgi import Bridge"])
def test_a_module_that_we_lack_is_an_import_error_that_names_our_package(python: Python, statement: str) -> None:
    printed = code(
        python,
        f"""
        alias.install("flask")
        try:
            {statement}
        except ModuleNotFoundError as error:
            print(error.name, error, sep="|")
        """,
    )
    assert printed.startswith("flask.wsgi|No module named 'flask.wsgi': ")
    assert "fenrir_flask, which has no fenrir_flask.wsgi" in printed


def test_a_name_that_our_module_lacks_is_an_import_error(python: Python) -> None:
    printed = code(
        python,
        """
        alias.install("flask")
        try:
            from flask import nonsense
        except ImportError as error:
            print(error)
        """,
    )
    assert printed.startswith("cannot import name 'nonsense' from 'fenrir_flask'")


def test_metadata_and_the_module_have_the_version_that_is_followed(python: Python) -> None:
    printed = code(
        python,
        """
        import importlib.metadata
        alias.install("flask")
        import flask
        level = alias.aliases()["flask"].version
        print(importlib.metadata.version("flask") == importlib.metadata.version("Flask") == flask.__version__ == level)
        print(level > "3", [item.metadata["Name"] for item in importlib.metadata.distributions()].count("flask"))
        """,
    )
    assert printed.splitlines()[0] == "True"
    assert printed.splitlines()[1].startswith("True")


def test_without_the_alias_our_package_has_its_own_version(python: Python) -> None:
    assert code(python, "import fenrir_flask, fenrir_core; print(fenrir_flask.__version__ == fenrir_core.__version__)")


def test_the_real_package_imported_before_is_an_error_with_the_remedy(python: Python) -> None:
    done = python("-c", "import flask\nfrom fenrir_core import alias\nalias.install('flask')")
    assert done.returncode == 1
    assert "AliasError: 'flask' was imported before its alias was installed, from " in done.stderr
    assert "python -m fenrir_core.alias flask -- -m MODULE" in done.stderr


def test_our_package_may_be_imported_before(python: Python) -> None:
    printed = code(
        python,
        "import fenrir_flask\nalias.install('flask')\nalias.install('flask')\n"
        "import flask\nprint(flask is fenrir_flask, alias.active())",
    )
    assert printed == "True ('flask',)"


def test_an_unknown_name_is_an_error_with_a_suggestion(python: Python) -> None:
    done = python("-c", "from fenrir_core import alias\nalias.install('flsk')")
    assert "AliasError: There is no alias 'flsk'. Did you mean flask?" in done.stderr


def test_fastapi_brings_starlette(python: Python) -> None:
    printed = code(
        python,
        """
        import importlib.metadata, sys
        alias.install("fastapi")
        import fastapi, starlette.requests, starlette.middleware.base, starlette.types
        print(fastapi.Request is starlette.requests.Request, fastapi.__name__, starlette.__name__)
        print(starlette.__version__ == importlib.metadata.version("starlette") == alias.aliases()["starlette"].version)
        files = [str(getattr(module, "__file__", "")) for module in sys.modules.values()]
        print([file for file in files if "site-packages/fastapi" in file])
        """,
    )
    assert printed.splitlines() == ["True fenrir_fastapi fenrir_fastapi.starlette", "True", "[]"]


@pytest.mark.parametrize("name", ["bottle", "falcon", "fastapi", "flask", "sanic", "starlette"])
def test_each_paradigm_answers_for_its_framework(python: Python, name: str) -> None:
    printed = code(
        python,
        f"""
        import importlib.metadata
        alias.install("{name}")
        import {name}
        print({name}.__name__.partition("_")[0], importlib.metadata.version("{name}") == {name}.__version__)
        """,
    )
    assert printed == "fenrir True"


@pytest.mark.parametrize(
    "program",
    [
        ["-m", "flask_program", "one"],
        ["flask_program.py", "one"],
        ["-c", "import sys, flask; print(flask.__name__, __name__, sys.argv[1:])", "one"],
    ],
    ids=["module", "file", "code"],
)
def test_a_program_runs_under_the_alias(python: Python, tmp_path: Path, program: list) -> None:  # type: ignore[type-arg]
    (tmp_path / "flask_program.py").write_text("import sys, flask\nprint(flask.__name__, __name__, sys.argv[1:])\n")
    done = python("-m", "fenrir_core.alias", "flask", "--", *program)
    assert (done.stdout.strip(), done.stderr) == ("fenrir_flask __main__ ['one']", "")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["flask"], "usage: python -m fenrir_core.alias NAME"),
        (["--", "-m", "pytest"], "usage: python -m fenrir_core.alias NAME"),
        (["flask", "--", "-X", "dev"], "'-X' is not known here"),
        (["flsk", "--", "-c", "pass"], "There is no alias 'flsk'. Did you mean flask?"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(python: Python, arguments: list, line: str) -> None:  # type: ignore[type-arg]
    done = python("-m", "fenrir_core.alias", *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(line)


def test_pytest_installs_an_alias_before_it_imports_a_conftest(python: Python, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import flask\n")
    (tmp_path / "test_it.py").write_text("import flask\ndef test_it(): assert flask.__name__ == 'fenrir_flask'\n")
    option = ["-p", "fenrir_core.testing.alias", "--fenrir-alias", "flask"]
    done = python("-m", "pytest", "-p", "no:cacheprovider", *option, "test_it.py")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "fenrir: flask by alias" in done.stdout


def test_pytest_tells_an_alias_that_can_not_be_installed(python: Python, tmp_path: Path) -> None:
    done = python("-m", "pytest", "-p", "fenrir_core.testing.alias", "--fenrir-alias", "flsk")
    assert done.returncode == 4
    assert "There is no alias 'flsk'. Did you mean flask?" in done.stderr


def test_an_entry_point_that_leads_to_no_alias_says_what_to_write(python: Python, tmp_path: Path) -> None:
    metadata = tmp_path / "acme-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[fenrir.aliases]\ntornado = acme:answer\n")
    (tmp_path / "acme.py").write_text("answer = 'acme'\n")
    done = python("-c", "from fenrir_core import alias\nalias.install('tornado')")
    assert "AliasError: The alias 'tornado' of acme leads to 'acme', which is no Alias: write tornado = Alias(" in (
        done.stderr
    )
