"""How much of the code a type checker can't look into, and the script that counts it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.sources

ROOT = Path(__file__).resolve().parents[2]
#: The most occurrences of `Any` per 100 code lines of the kernel, all of its layers together.
KERNEL_LIMIT = 4.0


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from typing import Any", 0),
        ("x: Any = 1", 1),
        ("def f(a: Any, *b: Any, **c: Any) -> Any: ...", 4),
        ("x = cast(Any, y)", 1),
        ("Alias = Callable[[Any], Any]", 2),
        ('T = TypeVar("T", bound=Any)', 1),
        ("import typing\nx: typing.Any = 1", 1),
        ('x: "Dict[str, Any]" = {}', 1),
        ("from typing import Any as Whatever\nx: Whatever = 1", 1),
        ("Whatever = Any\nx: Whatever = 1", 2),
        ("def f(a: object) -> object: ...", 2),
        ("x: object = 1", 1),
        ("def f(a: List[object]) -> None: ...", 0),
        ("def __eq__(self, other: object) -> bool: ...", 0),
        ('"""Any."""\n# Any', 0),
    ],
)
def test_any_and_object_in_its_place_are_counted(count_any: ModuleType, source: str, found: int) -> None:
    assert count_any.count_source(source).found == found


def test_lines_without_code_are_not_counted(count_any: ModuleType) -> None:
    source = (
        '"""A module."""\n\n# a comment\nx = 1  # one\n\n\n'
        'def f() -> None:\n    """A function."""\n    return (\n        None\n    )\n'
    )
    assert count_any.count_source(source).lines == 5


def test_every_package_is_in_the_table(count_any: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert count_any.main([]) == 0
    rows = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows[:2] == ["fenrir_core", "fenrir"]
    assert {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir()} <= set(rows)


def test_a_package_above_its_limit_fails_the_script(count_any: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert count_any.main(["--limit", "fenrir_core=0.1"]) == 1
    assert "fenrir_core has " in capsys.readouterr().err
    assert count_any.main(["--limit", "fenrir_core=100"]) == 0


def test_the_kernel_is_typed(count_any: ModuleType) -> None:
    count = count_any.count_package(count_any.packages()["fenrir_core"])
    assert count.density < KERNEL_LIMIT, f"{count.density:.2f} per 100 code lines; see scripts/count_any.py --files"
