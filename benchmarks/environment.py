"""The virtual environments of the peers, apart from that in which Fenrir is developed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from .contestants import APART, PEERS

_ROOT = Path(__file__).resolve().parent.parent
#: The plugins that are measured, and what they require of one another.
PLUGINS = ("fastapi", "flask", "falcon", "sanic", "bottle", "wsgi")
#: Relative to the directory of the benchmarks' package; ignored by git.
DEFAULT = str(Path(__file__).resolve().parent / ".venv")
#: What is measured over sockets, besides the peers: the command, and the servers.
SERVERS: Dict[str, List[str]] = {
    "servers": ["-e", f"{_ROOT / 'cli'}[uvicorn,granian,asteri]"],
    "robyn": ["robyn"],
}
#: What is installed besides the peers: the models' library, and the codecs that frameworks use if they are installed.
_COMMON = ("pydantic>=2.5", "orjson", "jinja2")


def python_of(directory: str) -> Path:
    """Return the interpreter of a virtual environment, whether it exists or not."""
    return Path(directory) / ("Scripts" if os.name == "nt" else "bin") / "python"


def apart(directory: str, name: str) -> str:
    """Return the directory of a peer that has an environment of its own, beside that of the others."""
    return f"{directory}-{name}"


def installed(directory: str, name: str) -> bool:
    """Return whether a peer was installed in a virtual environment."""
    return _stamp(directory, name).exists() and python_of(directory).exists()


def run_there(
    directory: str, peers: Sequence[str], arguments: List[str], further: Optional[Dict[str, List[str]]] = None
) -> int:
    """Install Fenrir and the peers in virtual environments and run the benchmarks there.

    A peer that can't be installed is reported, and missing in the results.

    Args:
        directory: Of the virtual environment.
        peers: Their names.
        arguments: Of the benchmarks.
        further: What is installed besides: the arguments of pip, by a name for it.

    Returns:
        The exit status.
    """
    fenrir = [f"{_ROOT / 'fenrir_core'}[forms]", *(str(_ROOT / "plugins" / f"fenrir_{name}") for name in PLUGINS)]
    wanted: Dict[str, List[str]] = {
        "fenrir": [part for name in fenrir for part in ("-e", name)],
        "the common parts": list(_COMMON),
        **{name: list(PEERS[name]) for name in peers if name in PEERS},
        **(further or {}),
    }
    _install(directory, wanted)
    for name in peers:
        if name in APART:
            _install(apart(directory, name), {"the common parts": list(_COMMON), name: [APART[name][1]]})
    command = [str(python_of(directory)), "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=_ROOT, check=False).returncode


def _install(directory: str, wanted: Dict[str, List[str]]) -> None:
    python = python_of(directory)
    if not python.exists():
        print(f"Making {Path(directory).name} with Python {sys.version.split()[0]}", file=sys.stderr)
        venv.create(directory, with_pip=True)
    for name, packages in wanted.items():
        if _stamp(directory, name).exists():
            continue
        print(f"Installing {name}", file=sys.stderr)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode == 0:
            _stamp(directory, name).touch()
        else:
            print(f"{name} can't be installed: {_last_line(done.stderr)}", file=sys.stderr)


def _stamp(directory: str, name: str) -> Path:
    return Path(directory) / f".installed-{name.replace(' ', '-')}"


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.startswith("ERROR")]
    return lines[-1] if lines else "pip gave no reason"
