"""Distributions for one test, modules with metadata on `sys.path`; apps of two classes; the script that counts."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator, Protocol

import pytest

from fenrir_core import App
from fenrir_core.testing import make_app

ROOT = Path(__file__).resolve().parents[2]


class Install(Protocol):
    """Put a distribution with one entry point on `sys.path`; give the module's name."""

    def __call__(
        self,
        name: str,
        source: str = "",
        *,
        group: str = "fenrir.plugins",
        distribution: str = "",
        version: str = "1.2",
        attribute: str = "",
    ) -> str: ...


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a plugin; its module is forgotten after the test."""
    modules = []

    def install(
        name: str,
        source: str = "",
        *,
        group: str = "fenrir.plugins",
        distribution: str = "",
        version: str = "1.2",
        attribute: str = "",
    ) -> str:
        distribution = distribution or f"acme-{name}"
        place = tmp_path / distribution
        module = distribution.replace("-", "_").replace(".", "_") + "_module"
        info = place / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        target = f"{module}:{attribute}" if attribute else module
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n", encoding="utf-8")
        head = "from fenrir_core import *\n"
        (place / f"{module}.py").write_text(head + textwrap.dedent(source), encoding="utf-8")
        monkeypatch.syspath_prepend(str(place))
        modules.append(module)
        return module

    yield install
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture(scope="session")
def count_any() -> ModuleType:
    """Import the script, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("count_any", ROOT / "scripts" / "count_any.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["hybrid", "plain"])
def make(request: Any) -> Callable[..., Any]:
    """Return what makes an app: of the hybrid class, or of the kernel's own."""

    def plain(plugins: Any = (), **settings: Any) -> App:
        return App(paradigms=(), plugins=plugins, autoload=False, **settings)

    return make_app if request.param == "hybrid" else plain
