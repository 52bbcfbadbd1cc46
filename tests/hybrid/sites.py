"""The documentation's snippets, served in process and by the command line, with the same interface."""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, NamedTuple, Optional

import httpx

from fenrir_core.testing import Client

SNIPPETS = Path(__file__).resolve().parent.parent / "documentation"
#: Seconds that a process may take for anything; the machine may be busy.
PATIENCE = 60.0


class Reply(NamedTuple):
    """A response."""

    status: int
    headers: Any
    text: str
    json: Any


class InProcess:
    """A snippet's app in this process; its lifespan is run around each request."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def ask(self, method: str, path: str, json: Any = None, headers: Optional[Dict[str, str]] = None) -> Reply:
        """Send a request."""

        async def go() -> Reply:
            async with Client(self.app, raise_errors=False) as client:
                answer = await client.request(method, path, json=json, headers=headers or {})
                return Reply(answer.status, answer.headers, answer.body.decode("utf-8", "replace"), answer.json)

        return asyncio.run(go())


class Served:
    """A snippet that `fenrir run` serves."""

    def __init__(self, url: str, process: subprocess.Popen[str], log: Path) -> None:
        self.url, self.process, self._log = url, process, log
        # no connection is kept: the server would end one that was idle between two tests just as it is used again
        limits = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE, limits=limits)

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(encoding="utf-8")

    def ask(self, method: str, path: str, json: Any = None, headers: Optional[Dict[str, str]] = None) -> Reply:
        """Send a request."""
        answer = self.client.request(method, path, json=json, headers=headers)
        return Reply(answer.status_code, answer.headers, answer.text, answer.json)

    def until(self, text: str) -> None:
        """Wait until it has printed `text`."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.printed:
            assert self.process.poll() is None and time.monotonic() < deadline, self.printed
            time.sleep(0.05)


def import_snippet(module: str) -> Any:
    """Import a snippet again, with its directory on the path; return the module."""
    for name in (module, "legacy_app"):
        sys.modules.pop(name, None)
    sys.path.insert(0, str(SNIPPETS))
    try:
        return importlib.import_module(module)
    finally:
        sys.path.remove(str(SNIPPETS))


def environment() -> Dict[str, str]:
    """Return the environment of commands, without variables of the test run."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FENRIR_", "PYTEST_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}


@contextmanager
def serve(module: str, directory: Path, port: int, *options: str) -> Iterator[Served]:
    """Run `fenrir run module:app` in a copy of the snippets, and stop it with SIGINT."""
    project = directory / "snippets"
    shutil.copytree(str(SNIPPETS), str(project), ignore=shutil.ignore_patterns("__pycache__"))
    log = directory / "printed.txt"
    command = [sys.executable, "-m", "fenrir.cli", "run", f"{module}:app", "--port", str(port), *options]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=str(project), env=environment(), stdout=output, stderr=subprocess.STDOUT, text=True
        )
    served = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        served.until(f"serves {module}:app")
        yield served
    finally:
        served.client.close()
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
