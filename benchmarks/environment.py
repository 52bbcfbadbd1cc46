"""Make the virtual environment of the peers, so that they never meet the one that Fenrir is made in."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Dict, List, Sequence

from .contestants import PEERS

_ROOT = Path(__file__).resolve().parent.parent
_PLUGINS = ("fastapi", "flask", "falcon", "sanic", "bottle")
#: Relative to the directory of the benchmarks' package; ignored by git.
DEFAULT = str(Path(__file__).resolve().parent / ".venv")
#: What is installed besides the peers: the models' library, and the codecs that frameworks pick up by themselves.
_COMMON = ("pydantic>=2.5", "orjson", "jinja2")


def run_there(directory: str, peers: Sequence[str], arguments: List[str]) -> int:
    """Install Fenrir and the peers in a virtual environment and run the benchmarks in it.

    A peer that can't be installed is reported and left to show as missing.

    Returns:
        The exit status.
    """
    target = Path(directory)
    python = target / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        print(f"Making the peers' environment with Python {sys.version.split()[0]}", file=sys.stderr)
        venv.create(target, with_pip=True)
    fenrir = [f"{_ROOT / 'fenrir_core'}[forms]", *(str(_ROOT / "plugins" / f"fenrir_{name}") for name in _PLUGINS)]
    wanted: Dict[str, List[str]] = {
        "fenrir": [part for name in fenrir for part in ("-e", name)],
        "the common parts": list(_COMMON),
        **{name: list(PEERS[name]) for name in peers},
    }
    for name, packages in wanted.items():
        stamp = target / f".installed-{name.replace(' ', '-')}"
        if stamp.exists():
            continue
        print(f"Installing {name}", file=sys.stderr)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode == 0:
            stamp.touch()
        else:
            print(f"{name} can't be installed: {_last_line(done.stderr)}", file=sys.stderr)
    return subprocess.run([str(python), "-m", "benchmarks", *arguments], cwd=_ROOT, check=False).returncode


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.startswith("ERROR")]
    return lines[-1] if lines else "pip gave no reason"
