"""Install the outside distributions for the tests here, and for no others."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Iterator

import pytest
from tests.conformance.guide import install_metadata

import fenrir

HERE = Path(__file__).resolve().parent
PROJECTS = ("acme-specs", "acme-urlconf", "acme-plugins")


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which the distributions are as an installer leaves them."""
    site = tmp_path_factory.mktemp("outside") / "src"
    for name in PROJECTS:
        shutil.copytree(str(HERE / name / "src" / name.replace("-", "_")), str(site / name.replace("-", "_")))
        shutil.copy(str(HERE / name / "pyproject.toml"), str(site.parent))
        install_metadata(site.parent)
    return site


@pytest.fixture
def installed(sources: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have the distributions installed for one test."""
    monkeypatch.syspath_prepend(str(sources))
    yield sources
    for name in ("RequestHandler", "URLSpecs", "urlpath", "Http404"):
        vars(fenrir).pop(name, None)
    for name in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[name]
