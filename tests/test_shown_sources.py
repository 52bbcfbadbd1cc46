"""The compiled sources that the guide shows are those that its examples print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Iterator, List, Tuple

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


def examples() -> Iterator[Tuple[str, str]]:
    """Find the examples that print a source, each with the text that follows it."""
    for page in ("performance.md", "threads.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        yield from re.findall(r"```python\n((?:(?!```).)*\.source(?:(?!```).)*)```.*?```text\n(.*?)```", text, re.S)


def parts(shown: str) -> List[List[str]]:
    """Return the lines of a text, divided where lines are left out."""
    found: List[List[str]] = [[]]
    for line in shown.splitlines():
        if line.strip() == "…":
            found.append([])
        else:
            found[-1].append(line.strip())
    return found


@pytest.mark.parametrize("example, shown", [*examples()])
def test_the_source_is_printed_as_shown(example: str, shown: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "<example>", "exec"), {"__name__": "example"})
    lines = "\n".join(line.strip() for line in printed.getvalue().splitlines())
    place = 0
    for part in parts(shown):
        text = "\n".join(part)
        assert text in lines[place:]
        place = lines.index(text, place) + len(text)


def test_four_sources_are_shown() -> None:
    assert len([*examples()]) == 4
