"""Fixtures that run the command line as users do: as real processes, in a directory of the test."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional, Sequence

import pytest

#: Seconds that a process may take for anything; the machine may be busy.
PATIENCE = 40.0
APP = """\
from fenrir_core import App

app = App(paradigms=[])


@app.get("/")
async def home():
    return "first"
"""


class Project:
    """A directory with an app, in which commands are run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # As editors do: the new file is there all at once, so that a reload never sees half of it.
        fresh = path.with_name(path.name + "~")
        fresh.write_text(text, encoding="utf-8")
        os.replace(str(fresh), str(path))
        return path

    def environment(self, **extra: str) -> Any:
        """Return the environment of commands: no colour, no width, no variables of the test run."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("FENRIR_", "PYTEST_")) and key not in ("COLUMNS", "PYTHONPATH", "FORCE_COLOR")
        }
        return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", **extra}

    def command(self, *arguments: str, script: str = "") -> List[str]:
        """Return the command line of `fenrir`, or of a script of the project that runs it."""
        return [sys.executable, *([script] if script else ["-m", "fenrir_cli"]), *arguments]

    def run(self, *arguments: str, stdin: str = "", script: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments, script=script),
            cwd=str(self.directory),
            env=self.environment(**extra),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )


class Terminal:
    """A command in a terminal, whose output can be read and into which text can be typed."""

    def __init__(self, command: List[str], directory: Path, environment: Any, columns: int) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=str(directory),
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            # in the background of a script, where tests may run, Ctrl+C is ignored; at a terminal it is not
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(theirs)
        self._shown: List[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        try:
            while True:
                self._shown.append(os.read(self._ours, 65536))
        except OSError:  # Linux raises it when the other side is closed
            pass

    @property
    def raw(self) -> str:
        """All that it showed, with its escape sequences."""
        return b"".join(self._shown).decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def text(self) -> str:
        """All that it showed, without them."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw)

    def until(self, text: str) -> None:
        """Wait until it has shown a text."""
        end = time.monotonic() + PATIENCE
        while text not in self.text:
            if time.monotonic() > end or (self.process.poll() is not None and not self._reader.is_alive()):
                pytest.fail(f"{text!r} was not shown; it showed:\n{self.text}")
            time.sleep(0.02)

    def type(self, text: str) -> None:
        """Type a text; a line ends with a newline."""
        os.write(self._ours, text.encode("utf-8"))

    def interrupt(self) -> None:
        """Send SIGINT, as Ctrl+C does."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Wait for its end and return the exit code."""
        code = self.process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        return code

    def close(self) -> None:
        """End it, if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(timeout=PATIENCE)
        os.close(self._ours)


class Server:
    """A running `fenrir run`."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process, self.url, self._log = process, url, log

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self._log.read_text(encoding="utf-8")

    def get(self, path: str = "/") -> str:
        """Send a request on a new connection and return the body."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
            return str(answer.read().decode("utf-8"))

    def until(self, fact: Callable[[], Any], what: str) -> None:
        """Wait for a condition; fail with the output if it does not become true."""
        end = time.monotonic() + PATIENCE
        while not fact():
            if time.monotonic() > end:
                pytest.fail(f"{what} did not happen; the output:\n{self.output}")
            time.sleep(0.02)

    def until_printed(self, text: str, count: int = 1) -> None:
        """Wait until a text was printed."""
        self.until(lambda: self.output.count(text) >= count, f"the output {text!r}")

    def until_answers(self, body: str, path: str = "/") -> None:
        """Wait until a path answers with this body."""
        self.until(lambda: self._answer(path) == body, f"the answer {body!r}")

    def _answer(self, path: str) -> Optional[str]:
        try:
            return self.get(path)
        except (OSError, urllib.error.HTTPError):
            return None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def end(self) -> None:
        """End it, if it has not ended."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


Serve = Callable[..., Server]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a directory with app.py, whose `app` answers `/` with ``first``."""
    made = Project(tmp_path / "project")
    made.write("app.py", APP)
    return made


def start_server(
    project: Project,
    log: Path,
    port: int,
    *arguments: str,
    until: str = "stop with Ctrl+C",
    script: str = "",
    stderr: Any = subprocess.STDOUT,
    **extra: str,
) -> Server:
    """Start `fenrir run`, which prints to a file, and wait until it serves or has ended."""
    place = () if {"--uds", "--fd"}.intersection(arguments) else ("--port", str(port))
    with log.open("wb") as output:
        process = subprocess.Popen(
            project.command("run", *arguments, *place, script=script),
            cwd=str(project.directory),
            env=project.environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=stderr,
        )
    server = Server(process, f"http://127.0.0.1:{port}", log)
    try:
        server.until(lambda: until in server.output or process.poll() is not None, f"the output {until!r}")
    except BaseException:
        server.end()
        raise
    return server


@pytest.fixture
def serve(project: Project, tmp_path: Path, free_port: int) -> Iterator[Serve]:
    """Return a function that starts `fenrir run` on a free port and waits until it serves."""
    started: List[Server] = []

    def start(*arguments: str, **options: Any) -> Server:
        started.append(start_server(project, tmp_path / "output.txt", free_port, *arguments, **options))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture
def terminal(project: Project) -> Iterator[Callable[..., Terminal]]:
    """Return a function that runs a command in a pseudo-terminal with a number of columns."""
    opened: List[Terminal] = []

    def start(*arguments: str, columns: int = 100, command: Sequence[str] = (), **extra: str) -> Terminal:
        words = list(command) or project.command(*arguments)
        environment = project.environment(**{"TERM": "xterm", "HOME": str(project.directory), **extra})
        opened.append(Terminal(words, project.directory, environment, columns))
        return opened[-1]

    yield start
    for item in opened:
        item.close()


@pytest.fixture
def busy_port() -> Iterator[int]:
    """Return a port that is in use."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        yield int(listener.getsockname()[1])
