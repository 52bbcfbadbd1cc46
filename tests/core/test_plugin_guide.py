"""Hold the guide for authors to the hooks that there are."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Dict, List

import pytest

from fenrir_cli import hookspecs as cli_hookspecs
from fenrir_core import hookspecs

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"
SECTION = re.compile(r"^### `(?P<heading>(?P<hook>fenrir_\w+)\([^`]*\))`\n(?P<text>.*?)(?=^##|\Z)", re.M | re.S)

SPECS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("fenrir_")}
SECTIONS: Dict[str, re.Match[str]] = {
    found["hook"]: found for found in SECTION.finditer(GUIDE.read_text(encoding="utf-8"))
}


CLI_SPECS = {name: spec for name, spec in vars(cli_hookspecs).items() if name.startswith("fenrir_cli_")}


def test_the_guide_has_the_hooks_in_the_order_of_the_specs() -> None:
    assert [hook for hook in SECTIONS if hook not in CLI_SPECS] == list(SPECS)


def test_the_guide_has_the_hooks_of_the_command_line() -> None:
    assert {hook for hook in SECTIONS if hook not in SPECS} == set(CLI_SPECS)


@pytest.mark.parametrize("hook", SPECS)
def test_the_heading_of_a_hook_is_its_signature(hook: str) -> None:
    arguments: List[str] = list(inspect.signature(SPECS[hook]).parameters)
    assert SECTIONS[hook]["heading"] == f"{hook}({', '.join(arguments)})"


@pytest.mark.parametrize("hook", SPECS)
def test_a_hook_has_an_example_that_implements_it(hook: str) -> None:
    # tests/test_docs.py runs it
    assert re.search(rf"^    @hookimpl\n    def {hook}\(self", SECTIONS[hook]["text"], re.M)


@pytest.mark.parametrize("hook", SPECS)
def test_the_docstring_of_a_hook_tells_when_it_is_called_and_shows_an_example(hook: str) -> None:
    text = inspect.getdoc(SPECS[hook]) or ""
    assert "Called once" in text and "Example:" in text and f"def {hook}(" in text
