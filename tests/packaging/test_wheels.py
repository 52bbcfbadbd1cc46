"""The files and the metadata of the wheels."""

from __future__ import annotations

import re
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Dict, List

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PACKAGES = {
    "fenrir-framework": [],
    "fenrir-core": ["fenrir", "fenrir_core"],
    "fenrir-fastapi": ["fenrir_fastapi"],
    "fenrir-flask": ["fenrir_flask"],
    "fenrir-falcon": ["fenrir_falcon"],
    "fenrir-sanic": ["fenrir_sanic"],
    "fenrir-bottle": ["fenrir_bottle"],
    "fenrir-wsgi": ["fenrir_wsgi"],
    "fenrir-problems": ["fenrir_problems"],
    "fenrir-redis": ["fenrir_redis"],
    "fenrir-security": ["fenrir_security"],
    "fenrir-takeover": ["fenrir_takeover"],
    "fenrir-otel": ["fenrir_otel"],
    "fenrir-cli": ["fenrir_cli"],
}
PARADIGMS = ["fastapi", "flask", "falcon", "sanic", "bottle"]
#: The bridge between ASGI and WSGI, a plugin that the framework has too.
BRIDGE = ["wsgi"]
#: The other plugins, which nothing installs by default.
FURTHER = ["otel", "problems", "redis", "security", "takeover"]
each_distribution = pytest.mark.parametrize("distribution", sorted(PACKAGES))


def names(wheel: Path) -> List[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def read(wheel: Path, ending: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(ending)]
        return archive.read(name).decode("utf-8")


def metadata(wheel: Path) -> Message:
    return Parser().parsestr(read(wheel, ".dist-info/METADATA"))


def requirements(wheel: Path) -> List[Requirement]:
    return [Requirement(text) for text in metadata(wheel).get_all("Requires-Dist") or []]


@each_distribution
def test_a_wheel_holds_its_packages_and_nothing_else(distribution: str, own_wheels: Dict[str, Path]) -> None:
    roots = {name.split("/")[0] for name in names(own_wheels[distribution])}
    assert sorted(root for root in roots if not root.endswith(".dist-info")) == PACKAGES[distribution]


@each_distribution
def test_a_wheel_tells_type_checkers_that_its_packages_are_typed(
    distribution: str, own_wheels: Dict[str, Path]
) -> None:
    held = names(own_wheels[distribution])
    assert [package for package in PACKAGES[distribution] if f"{package}/py.typed" not in held] == []


@each_distribution
def test_a_wheel_holds_no_tests(distribution: str, own_wheels: Dict[str, Path]) -> None:
    found = [name for name in names(own_wheels[distribution]) if re.search(r"(^|/)(tests?/|test_|conftest)", name)]
    # the templates of `fenrir new` are no tests of this project, and Falcon's module of `TestCase` is none either
    public = "fenrir_falcon/testing/test_case.py"
    assert [name for name in found if not name.endswith(".tmpl") and name != public] == []


@each_distribution
def test_a_wheel_carries_its_licence(distribution: str, own_wheels: Dict[str, Path]) -> None:
    assert "MIT License" in read(own_wheels[distribution], "LICENSE")


@each_distribution
def test_a_wheel_says_which_pythons_it_runs_on(distribution: str, own_wheels: Dict[str, Path]) -> None:
    assert metadata(own_wheels[distribution])["Requires-Python"] == ">=3.8"


@each_distribution
def test_dependencies_have_ranges_and_are_never_pinned(distribution: str, own_wheels: Dict[str, Path]) -> None:
    for requirement in requirements(own_wheels[distribution]):
        operators = {specifier.operator for specifier in requirement.specifier}
        own_extras = requirement.name == distribution
        assert own_extras or (">=" in operators and not operators & {"==", "===", "~="}), str(requirement)


@each_distribution
def test_the_version_stands_in_one_place(distribution: str, own_wheels: Dict[str, Path]) -> None:
    version = metadata(own_wheels[distribution])["Version"]
    for package in PACKAGES[distribution][-1:]:
        with zipfile.ZipFile(own_wheels[distribution]) as archive:
            source = archive.read(f"{package}/_version.py").decode("utf-8")
        assert f'__version__ = "{version}"' in source


@pytest.mark.parametrize(
    ("plugin", "group"),
    [*((name, "fenrir.paradigms") for name in PARADIGMS), *((name, "fenrir.plugins") for name in [*BRIDGE, *FURTHER])],
)
def test_a_plugin_accepts_a_range_of_kernels_and_names_its_entry_point(
    plugin: str, group: str, own_wheels: Dict[str, Path]
) -> None:
    wheel = own_wheels[f"fenrir-{plugin}"]
    (kernel,) = [requirement for requirement in requirements(wheel) if requirement.name == "fenrir-core"]
    assert kernel.specifier == SpecifierSet(">=5.0,<6")
    assert f"[{group}]\n{plugin} = fenrir_{plugin}.plugin" in read(wheel, "entry_points.txt")


def test_the_command_comes_with_the_command_line(own_wheels: Dict[str, Path]) -> None:
    assert "[console_scripts]\nfenrir = fenrir_cli.main:main" in read(own_wheels["fenrir-cli"], "entry_points.txt")


def test_the_framework_depends_on_every_part_and_has_an_extra_for_each_further_plugin(
    own_wheels: Dict[str, Path],
) -> None:
    asked = requirements(own_wheels["fenrir-framework"])
    further = {f"fenrir-{plugin}" for plugin in FURTHER}
    assert {item.name for item in asked if item.marker is None} == set(PACKAGES) - {"fenrir-framework"} - further
    assert {item.name for item in asked if item.marker is not None} == further


def test_the_kernel_has_an_extra_for_each_part(own_wheels: Dict[str, Path]) -> None:
    extras = metadata(own_wheels["fenrir-core"]).get_all("Provides-Extra")
    assert sorted(extras or []) == sorted([*PARADIGMS, *BRIDGE, *FURTHER, "cli", "forms", "json", "all"])
