from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fenrir_core.http.files import safe_join

PARTS = st.sampled_from(
    [
        "..",
        ".",
        "",
        "a",
        "sub",
        "escape",
        "inside",
        "loop",
        "%2e%2e",
        "..%2f",
        "\\",
        "..\\",
        "\0",
        "C:",
        "/",
        "//",
        "...",
        "é",
    ]
)
PATHS = st.one_of(st.lists(PARTS, max_size=8).map("/".join), st.lists(PARTS, max_size=8).map("".join), st.text())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with files and links, beside a secret and a sibling whose name it begins."""
    top = tmp_path_factory.mktemp("top").resolve()
    base = top / "site"
    (base / "sub").mkdir(parents=True)
    (base / "a").write_text("a")
    (base / "sub" / "b").write_text("b")
    (top / "secret").write_text("secret")
    (top / "site-private").mkdir()
    (top / "site-private" / "key").write_text("key")
    (base / "escape").symlink_to(top)
    (base / "inside").symlink_to(base / "sub")
    (base / "loop").symlink_to(base / "loop")
    return base


def test_a_path_inside_is_joined(site: Path) -> None:
    assert safe_join(site, "a") == str(site / "a")
    assert safe_join(str(site), "sub/b") == str(site / "sub" / "b")
    assert safe_join(site, "sub/../a") == str(site / "a")
    assert safe_join(site, "") == str(site)


def test_a_file_that_does_not_exist_is_joined_too(site: Path) -> None:
    assert safe_join(site, "new/file") == str(site / "new" / "file")


def test_a_link_that_stays_inside_is_followed(site: Path) -> None:
    assert safe_join(site, "inside/b") == str(site / "sub" / "b")


def test_a_directory_that_is_itself_a_link_is_followed(site: Path) -> None:
    assert safe_join(site / "inside", "b") == str(site / "sub" / "b")


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../secret",
        "sub/../../secret",
        "../site-private/key",
        "/etc/passwd",
        "//etc/passwd",
        "///etc/passwd",
        "escape",
        "escape/secret",
        "inside/../../secret",
        "a\0",
        "..\\secret",
        "sub\\b",
        "C:/x",
        "C:x",
        "c:",
    ],
)
def test_a_path_that_leaves_or_attacks_is_refused(site: Path, path: str) -> None:
    assert safe_join(site, path) is None


@pytest.mark.parametrize(
    "path", ["%2e%2e/secret", "..%2fsecret", "%2e%2e%2fsecret", "%252e%252e/secret", "....//secret"]
)
def test_a_path_that_is_still_encoded_is_a_plain_name_inside(site: Path, path: str) -> None:
    joined = safe_join(site, path)
    assert joined is not None
    assert joined.startswith(f"{site}{os.sep}")


def test_a_path_that_comes_back_is_judged_by_where_it_ends(site: Path) -> None:
    assert safe_join(site, "escape/site/a") == str(site / "a")


def test_the_root_directory_can_be_served(site: Path) -> None:
    assert safe_join("/", str(site / "a").lstrip("/")) == str(site / "a")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=PATHS)
@example(path="loop/../escape")
def test_no_path_reaches_anything_outside(site: Path, path: str) -> None:
    for attempt in (path, quote(path, errors="replace"), f"/{path}", f"sub/{path}", f"escape/{path}"):
        joined = safe_join(site, attempt)
        if joined is not None:
            real = os.path.realpath(joined)
            assert real == joined
            assert real == str(site) or real.startswith(f"{site}{os.sep}")
            assert "\\" not in attempt
            assert "\0" not in attempt
