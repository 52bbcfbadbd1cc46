"""Which changes of files cause a reload: suffixes, ignore files, patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict

import pytest
from watchfiles import Change

from fenrir_cli.watcher import SourceFilter

Counts = Callable[[str], bool]


@pytest.fixture
def counts(tmp_path: Path) -> Callable[..., Counts]:
    """Return a function that writes files into a repository, and returns which changes count."""
    (tmp_path / ".git").mkdir()

    def write(files: Dict[str, str], **patterns: Any) -> Counts:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        source = SourceFilter(f"{tmp_path}/", **patterns)
        return lambda name: source(Change.modified, str(tmp_path / name))

    return write


def test_source_templates_and_configuration_count_and_data_does_not(counts: Any) -> None:
    is_counted = counts({})
    names = ("a.py", "b/c.html", "d.toml", ".env", ".env.local")
    assert [name for name in (*names, "e.json", "f.db") if is_counted(name)] == list(names)


def test_what_gitignore_names_does_not_count(counts: Any) -> None:
    is_counted = counts({".gitignore": "# made by tools\nbuild/\n/top.py\n*_pb2.py\n"})
    ignored = ("build/a.py", "x/build/b.py", "top.py", "x/a_pb2.py")
    assert [is_counted(name) for name in ignored] == [False] * 4
    assert [is_counted(name) for name in ("a.py", "x/top.py", "builder.py")] == [True] * 3


def test_an_exception_in_gitignore_counts(counts: Any) -> None:
    is_counted = counts({".gitignore": "gen_*.py\n!gen_kept.py\n"})
    assert (is_counted("gen_a.py"), is_counted("gen_kept.py")) == (False, True)


def test_the_nearest_ignore_file_decides(counts: Any) -> None:
    is_counted = counts({".gitignore": "local.py\n", "shop/.gitignore": "!local.py\nown.py\n"})
    assert [is_counted(name) for name in ("local.py", "shop/local.py", "shop/own.py", "own.py")] == [
        False, True, False, True,
    ]  # fmt: skip


def test_nothing_in_an_ignored_directory_can_be_taken_back(counts: Any) -> None:
    is_counted = counts({".gitignore": "out/\n", "out/.gitignore": "!a.py\n"})
    assert not is_counted("out/a.py")


def test_what_ignores_the_project_itself_is_passed_over(counts: Any, tmp_path: Path) -> None:
    counts({".gitignore": "*\n", "project/.gitignore": "build/\n"})
    source = SourceFilter(f"{tmp_path}/project/")
    assert source(Change.modified, str(tmp_path / "project/a.py"))
    assert not source(Change.modified, str(tmp_path / "project/build/a.py"))


def test_an_ignore_file_goes_before_gitignore(counts: Any) -> None:
    is_counted = counts({".gitignore": "a.py\n", ".ignore": "!a.py\nb.py\n"})
    assert (is_counted("a.py"), is_counted("b.py")) == (True, False)


def test_a_change_of_an_ignore_file_counts_at_once(counts: Any, tmp_path: Path) -> None:
    is_counted = counts({".gitignore": "a.py\n"})
    assert not is_counted("a.py")
    (tmp_path / ".gitignore").write_text("other.py\n", encoding="utf-8")
    assert is_counted("a.py")


def test_ignored_env_files_count_all_the_same(counts: Any) -> None:
    assert counts({".gitignore": ".env*\n"})(".env")


def test_a_pattern_includes_what_is_ignored(counts: Any) -> None:
    is_counted = counts({".gitignore": "*.sql\nbuild/\n"}, include=["*.sql", "build/*.py"])
    assert (is_counted("a.sql"), is_counted("build/a.py"), is_counted("build/a.html")) == (True, True, False)


def test_an_excluding_pattern_goes_before_an_including_one(counts: Any) -> None:
    assert not counts({}, include=["*.sql"], exclude=["old"])("old/a.sql")


def test_repositories_end_at_their_top(counts: Any) -> None:
    is_counted = counts({".gitignore": "*.py\n", "inner/.git/HEAD": ""})
    assert (is_counted("a.py"), is_counted("inner/a.py")) == (False, True)
