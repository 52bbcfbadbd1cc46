"""Loading of the examples that are written in another framework's idiom, on Fenrir or on that framework."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
#: The requirements of each example besides the framework.
NEEDS = {"fastapi_shop": ("sqlalchemy", "jwt"), "fastapi_chat": ("pydantic_settings", "jinja2")}


def require(name: str, framework: str) -> None:
    """Skip the test if a requirement of the example is not installed."""
    for module in NEEDS[name]:
        pytest.importorskip(module, reason=f"examples/{name} needs {module}")
    if framework != "fenrir_fastapi":
        pytest.importorskip(framework, reason=f"{framework} is not installed, so there is nothing to compare with")


@contextmanager
def loaded(name: str, framework: str, directory: Path) -> Iterator[ModuleType]:
    """Return the module `app` of a copy of an example whose imports name `framework` where they named Fenrir.

    The copy is a package of its own, so that an example can be loaded on both, and anew for each test.
    """
    require(name, framework)
    package = f"{name}_on_{framework}"
    copy = directory / package
    shutil.copytree(EXAMPLES / name, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for file in copy.glob("*.py"):
        source = file.read_text("utf-8")
        file.write_text(re.sub(r"(?m)^from fenrir_fastapi\b", f"from {framework}", source), "utf-8")
    sys.path.insert(0, str(directory))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(f"{package}.app")
    finally:
        sys.path.remove(str(directory))
        for module in [module for module in sys.modules if module.partition(".")[0] == package]:
            del sys.modules[module]


def new_client(framework: str, app: Any, **options: Any) -> Any:
    """Return the framework's own `TestClient` of an app."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Starlette requires another httpx than the installed one
        module = importlib.import_module(f"{framework}.testclient")
    return module.TestClient(app, **options)
