"""Where callables are in the source, as messages name them."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
from tests.profiling import profiled

from fenrir_core.authoring import where_is


def tagged(kind: Any) -> Any:
    return kind


class Plain:
    text = "class Other:"

    def method(self) -> None: ...


class Bare: ...


@tagged
class Decorated:
    def method(self) -> None: ...


def first() -> type:
    class Local:
        def method(self) -> None: ...

    return Local


def second() -> type:
    class Local:
        method = Plain.method

        def other(self) -> None: ...

    return Local


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Plain, "class Plain:"),
        (Bare, "class Bare: ..."),
        (first(), "    class Local:"),
        (second(), "    class Local:"),
    ],
)
def test_a_class_is_at_its_statement(kind: type, text: str) -> None:
    file, _, line = where_is(kind).rpartition(":")
    assert (file, Path(file).read_text().splitlines()[int(line) - 1]) == (__file__, text)


def test_classes_of_one_name_are_told_apart() -> None:
    lines = [int(where_is(kind).rpartition(":")[2]) for kind in (first(), second())]
    beginnings = [inspect.getsourcelines(function)[1] for function in (first, second)]
    assert lines == [line + 1 for line in beginnings]


def test_a_decorated_class_is_at_its_statement_or_decorator() -> None:
    file, _, line = where_is(Decorated).rpartition(":")
    lines = Path(file).read_text().splitlines()
    assert "class Decorated:" in lines[int(line) - 1 : int(line) + 1]


@pytest.mark.parametrize("made", [int, type("Made", (), {}), Plain()], ids=["builtin", "made", "object"])
def test_what_has_no_source_is_nowhere(made: Any) -> None:
    assert where_is(made) == ""


def test_a_class_in_a_long_file_is_found_without_reading_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes = (
        f"class Class{number}:\n    def method(self):\n        return [number for number in 'x']\n"
        for number in range(500)
    )
    (tmp_path / "long_file.py").write_text("".join(classes))
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("long_file")
    calls = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    where_is(module.Class0)  # reads the file
    with profiled(note):
        found = where_is(module.Class499)
    assert found.endswith("long_file.py:1498")
    assert calls < 50
