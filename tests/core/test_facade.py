"""The façade `fenrir`: which names it has, where they come from, and what it says of missing ones."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from typing import Any, Callable, Optional

import pytest

import fenrir
import fenrir_core
from fenrir._hints import first_party
from fenrir_core.exports import KERNEL_NAMES, export_problem, exported, install_hint, missing_name
from fenrir_core.testing import make_app

Install = Callable[..., str]  # see conftest.py

#: Makes every first-party plugin look uninstalled: to imports, and to the look-up of entry points.
UNINSTALLED = """
import sys
from fenrir_core import _compat
FIRST_PARTY = {"fenrir_" + name for name in ("fastapi", "flask", "falcon", "sanic", "bottle", "wsgi")}
class Uninstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in FIRST_PARTY:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
sys.meta_path.insert(0, Uninstalled())
real = _compat._installed
_compat._installed = lambda path: tuple(
    (group, point) for group, point in real(path) if point.distribution.replace("-", "_") not in FIRST_PARTY
)
"""


def run(code: str) -> str:
    """Run code in an interpreter of its own, without any paradigm, and give what it prints."""
    source = textwrap.dedent(UNINSTALLED) + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def handed_on(name: str) -> Any:
    """Return a name of the façade that its typed stub need not know."""
    return getattr(fenrir, name)


@pytest.mark.parametrize("name", KERNEL_NAMES)
def test_a_name_of_the_kernel_is_the_kernels_own(name: str) -> None:
    assert getattr(fenrir, name) is getattr(fenrir_core, name)


def test_a_name_that_nobody_exports_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'fenrir' has no attribute 'nothing_of_the_kind'"):
        handed_on("nothing_of_the_kind")
    with pytest.raises(ImportError, match="cannot import name 'nothing_of_the_kind'"):
        exec("from fenrir import nothing_of_the_kind")


def test_private_names_are_not_looked_for() -> None:
    with pytest.raises(AttributeError, match="no attribute '_private'"):
        handed_on("_private")


def test_every_public_name_is_listed() -> None:
    assert {*KERNEL_NAMES, *exported()} <= set(dir(fenrir))


@pytest.mark.parametrize("name", sorted(first_party.names))
def test_a_name_whose_plugin_is_not_installed_says_how_to_install_it(name: str) -> None:
    plugin = first_party.names[name]
    hint = f'{name!r} comes with the fenrir-{plugin} plugin: pip install "fenrir-core[{plugin}]"'
    assert missing_name(name) == hint


def test_the_hints_name_what_the_first_party_plugins_export() -> None:
    owners = {name: points[0].distribution for name, points in exported().items()}
    assert {name: f"fenrir-{plugin}" for name, plugin in first_party.names.items()} == owners


def test_a_plugin_that_gives_hints_has_its_own_requirement_named(install: Install) -> None:
    source = (
        'from fenrir_core.exports import Hints\nhints = Hints({"Tornado": "tornado"}, {}, {"tornado": "acme-web[t]"})\n'
    )
    install("acme", source, group="fenrir.hints", attribute="hints")
    assert missing_name("Tornado") == "'Tornado' comes with the fenrir-tornado plugin: pip install \"acme-web[t]\""
    assert install_hint("tornado") == 'pip install "acme-web[t]"'


def test_importing_a_name_without_its_plugin_fails_with_the_hint() -> None:
    printed = run(
        """
        try:
            from fenrir import Depends
        except ImportError as error:
            print(error)
        try:
            from fenrir import render_template
        except ImportError as error:
            print(error)
        """
    )
    assert printed.splitlines() == [
        "'Depends' comes with the fenrir-fastapi plugin: pip install \"fenrir-core[fastapi]\"",
        "'render_template' comes with the fenrir-flask plugin: pip install \"fenrir-core[flask]\"",
    ]


def test_a_method_without_its_plugin_says_how_to_install_it() -> None:
    app = make_app()
    for name, plugin in first_party.methods.items():
        with pytest.raises(AttributeError) as caught:
            getattr(app, name)
        hint = f"'Fenrir.{name}' comes with the fenrir-{plugin} plugin: pip install \"fenrir-core[{plugin}]\""
        assert str(caught.value) == hint


def test_an_unknown_method_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'Fenrir' object has no attribute 'nothing_of_the_kind'"):
        make_app().nothing_of_the_kind  # noqa: B018


def test_the_hybrid_app_runs_without_any_paradigm() -> None:
    printed = run(
        """
        import asyncio
        from fenrir import Fenrir
        from fenrir_core.testing import Client
        app = Fenrir()
        @app.get("/")
        async def index():
            return "up"
        paradigms = [record.name for record in app.plugins.records if record.is_paradigm]
        print(asyncio.run(Client(app).get("/")).text, paradigms)
        """
    )
    assert printed == "up []"


def test_importing_the_facade_imports_no_plugin() -> None:
    code = """
        import fenrir, sys
        print(sorted(name for name in sys.modules if name.startswith("fenrir_") and sys.modules[name]
              and name.partition(".")[0] != "fenrir_core"))
        """
    assert run(code) == "[]"


def test_a_third_party_adds_a_name_by_an_entry_point(install: Install) -> None:
    install("color_of_acme", "color_of_acme = 'red'", group="fenrir.exports")
    install("acme_colour", "shade = 'blue'", group="fenrir.exports", attribute="shade", distribution="acme-shades")
    try:
        assert handed_on("color_of_acme") == "red"
        assert handed_on("acme_colour") == "blue"
    finally:
        vars(fenrir).pop("color_of_acme", None)
        vars(fenrir).pop("acme_colour", None)


def test_a_name_that_two_distributions_export_names_both(install: Install) -> None:
    for distribution in ("acme-one", "acme-two"):
        install("twice_exported", "twice_exported = 1", group="fenrir.exports", distribution=distribution)
    with pytest.raises(ImportError, match="'twice_exported' is exported by acme-(one|two) and acme-(one|two): uninst"):
        handed_on("twice_exported")


def test_a_name_that_a_third_party_adds_is_listed(install: Install) -> None:
    install("color_of_acme", "color_of_acme = 'red'", group="fenrir.exports")
    assert "color_of_acme" in dir(fenrir)


def test_a_star_import_has_the_names_of_kernel_and_plugins() -> None:
    code = "from fenrir import *\nassert Fenrir and Depends and render_template and redirect"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def problem(name: str) -> Optional[str]:
    points = [point for points in exported().values() for point in points]
    return export_problem(exported()[name][0], points)


def test_an_entry_that_leads_nowhere_says_who_wrote_it_and_how_it_is_written(install: Install) -> None:
    module = install("Xylophone", "", group="fenrir.exports", distribution="acme-tornado")
    fault = f"{module} has no attribute 'Xylophone'. Correct the entry point: Xylophone = \"{module}:ATTRIBUTE\"."
    with pytest.raises(ImportError) as caught:
        handed_on("Xylophone")
    assert str(caught.value) == f"'Xylophone' is exported by acme-tornado, but {fault}"
    assert problem("Xylophone") == fault


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("Response", "the kernel exports that name. Give the entry point another name."),
        ("_hidden", "it is no public Python name. The entry point's name is the exported name: give it another."),
        ("two words", "it is no public Python name. The entry point's name is the exported name: give it another."),
    ],
)
def test_a_name_that_can_not_be_handed_on_is_told(install: Install, name: str, fault: str) -> None:
    install(name, "", group="fenrir.exports", distribution="acme-names")
    assert problem(name) == fault


def test_a_name_that_leads_to_something_has_no_problem(install: Install) -> None:
    install("color_of_acme", "color_of_acme = 'red'", group="fenrir.exports")
    assert problem("color_of_acme") is None


def test_a_plugin_that_is_installed_but_broken_shows_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(iter(first_party.names))
    module = exported()[name][0].value.partition(":")[0]
    monkeypatch.setitem(sys.modules, module, None)
    vars(fenrir).pop(name, None)
    with pytest.raises(ImportError) as caught:
        getattr(fenrir, name)
    assert "pip install" not in str(caught.value)


@pytest.mark.parametrize(("name", "statement"), sorted(first_party.places.items()))
def test_a_name_that_is_elsewhere_says_what_to_write(name: str, statement: str) -> None:
    with pytest.raises(ImportError) as caught:
        exec(f"from fenrir import {name}")
    assert str(caught.value) == f"{name!r} is not a name of fenrir. Write `{statement}`."
    for written in statement.split("` or `"):
        exec(written)


@pytest.mark.parametrize(
    ("name", "package"),
    [("Bottle", "fenrir_bottle"), ("FalconApp", "fenrir_falcon"), ("FastAPI", "fenrir_fastapi")]
    + [("Flask", "fenrir_flask"), ("Sanic", "fenrir_sanic")],
)
def test_the_application_classes_are_at_the_facade(name: str, package: str) -> None:
    assert handed_on(name) is getattr(importlib.import_module(package), "App" if name == "FalconApp" else name)


def test_importing_one_application_class_imports_no_other_paradigm() -> None:
    code = "import sys; from fenrir import Sanic; print(sorted(n for n in sys.modules if n in %r))"
    names = ("fenrir_bottle", "fenrir_falcon", "fenrir_fastapi", "fenrir_flask")
    done = subprocess.run([sys.executable, "-c", code % (names,)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
