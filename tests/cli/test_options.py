"""Every command and option is tested in a process, and is in the documentation."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set, Tuple

import click
import pytest

from fenrir_cli.main import COMMANDS, commands

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parents[1] / "docs" / "cli.md"


def of_command(name: str) -> click.Command:
    module, _, attribute = COMMANDS[name][0].partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
    return command


def options() -> Iterator[Tuple[str, List[str]]]:
    """Return each command's options, each by all of its names; the two sides of a flag are two options."""
    for name in COMMANDS:
        for param in of_command(name).params:
            if isinstance(param, click.Option):
                yield name, list(param.opts)
                if param.secondary_opts:
                    yield name, list(param.secondary_opts)
    yield "", ["--traceback"]
    yield "", ["--version"]
    yield "", ["--help", "-h"]


def literals() -> Dict[str, Set[str]]:
    """Return the string literals of each test module of this directory, except this one."""
    found = {}
    for path in [*HERE.glob("test_*.py"), *(HERE.parent / "browser").glob("*.py")]:
        if path.name != Path(__file__).name:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            found[path.name] = {value for value in constants if isinstance(value, str)}
            if any(isinstance(node, ast.arg) and node.arg == "serve" for node in ast.walk(tree)):
                found[path.name].add("run")  # what the fixture types
    return found


EVERY_OPTION = [pytest.param(name, names, id=f"{name} {names[0]}".strip()) for name, names in options()]


@pytest.fixture(scope="module")
def tried() -> Dict[str, Set[str]]:
    return literals()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_test_runs_the_command(tried: Any, name: str) -> None:
    assert [file for file, texts in tried.items() if name in texts]


@pytest.mark.parametrize(("name", "names"), EVERY_OPTION)
def test_a_test_runs_the_command_with_the_option(tried: Any, name: str, names: List[str]) -> None:
    assert [file for file, texts in tried.items() if (not name or name in texts) and texts & set(names)]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_guide_has_a_section_for_the_command(name: str) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert f"## `fenrir {name}`" in text
    assert f"| `fenrir {name} " in text


@pytest.mark.parametrize(("name", "names"), EVERY_OPTION)
def test_the_guide_names_the_option(name: str, names: List[str]) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    if name:
        (section,) = re.findall(rf"^## `fenrir {name}`\n(.*?)(?=^## |\Z)", text, re.M | re.S)
        # options of all commands are documented once
        text = section if not {"--factory", "--json"} & set(names) else text
    assert any(re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) for option in names)


def test_every_command_and_option_has_a_line_of_help() -> None:
    for name in COMMANDS:
        command = of_command(name)
        assert command.help
        assert [param.name for param in command.params if isinstance(param, click.Option) and not param.help] == []


def test_the_commands_of_the_help_are_these() -> None:
    assert set(commands.list_commands(click.Context(commands))) >= set(COMMANDS)
