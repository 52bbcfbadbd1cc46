"""The typed façade: the stub says what the installed paradigms give."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sources

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "make_stub.py"

USER_CODE = """
from fenrir import Depends, Fenrir, Header, g, redirect, render_template, request
from fenrir_core import Response

app = Fenrir()

@app.listener("before_server_start")
async def start(app_inst: Fenrir) -> None: ...

async def token(x_api_key: str = Header(default=None)) -> str:
    return x_api_key

@app.get("/")
async def home(token: str = Depends(token)) -> Response:
    name: str = request.args.get("name", "Guest")
    g.name = name
    return redirect(render_template("home.html"))
"""


def test_the_stub_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_stub", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.STUB.read_text(encoding="utf-8") == module.stub(), "run scripts/make_stub.py"


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is only where the code is linted")
def test_an_app_of_the_documentation_passes_the_strict_type_check(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(USER_CODE)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout
