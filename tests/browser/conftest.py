"""Fixtures with the hybrid example, served by `fenrir run`, and tabs of a headless Chromium."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, List, Sequence

import httpx
import pytest
from tests.browser.chromium import Chromium, Tab, find_chromium

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """Mark the tests of this directory; without Chromium they are skipped."""
    reason = "" if find_chromium() else "there is no Chromium here (apt-get install chromium)"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(url, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"fenrir run does not serve {url}:\n{log.read_text('utf-8', 'replace')}")


@contextmanager
def served(log: Path, directory: Path, arguments: Sequence[str], **variables: str) -> Iterator[str]:
    """Serve an app with `fenrir run` in a process of its own, and return its base URL.

    Args:
        log: The file for its output.
        directory: Where it runs.
        arguments: Those of `fenrir run`.
        **variables: Environment variables.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fenrir_cli", "run", *arguments, "--port", str(port)],
            cwd=str(directory),
            env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process, url, log)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    assert code == 0, log.read_text("utf-8", "replace")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the base URL of the hybrid example."""
    with served(tmp_path_factory.mktemp("site") / "log", EXAMPLES / "hybrid", ["app:app"]) as url:
        yield url


@pytest.fixture(scope="session")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the base URL of the blog that is written for Flask."""
    place = tmp_path_factory.mktemp("blog")
    arguments = ["--as", "flask", "flask_blog:create_app()"]
    variables = {"DATABASE": str(place / "blog.db"), "PICTURES": str(place / "pictures")}
    with served(place / "log", EXAMPLES, arguments, **variables) as url:
        yield url


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Return the browser that all tests share."""
    browser = Chromium(find_chromium() or "", tmp_path_factory.mktemp("chromium") / "profile")
    try:
        yield browser
    finally:
        browser.stop()


@pytest.fixture
def open_tab(chromium: Chromium, site: str) -> Iterator[Callable[[str], Tab]]:
    """Return a function that opens a page of the example in a new tab."""

    def open_page(path: str) -> Tab:
        tab = chromium.open_tab()
        tab.navigate(site + path)
        return tab

    yield open_page
    chromium.close_tabs()
