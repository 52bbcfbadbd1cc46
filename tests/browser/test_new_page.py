"""The start page of a project that `fenrir new` makes, wide and narrow."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import wait_until_ready

#: Returns whether something is wider than the screen.
OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module", params=["hybrid", "bottle"])
def start_page(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a new project's start page."""
    directory = tmp_path_factory.mktemp("new")
    fenrir = [sys.executable, "-m", "fenrir_cli"]
    subprocess.run([*fenrir, "new", "my_website", "--paradigm", request.param], cwd=str(directory), check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log: Path = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*fenrir, "run", "app:app", "--port", str(port)],
            cwd=str(directory / "my_website"),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_until_ready(process, url, log)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture
def tab(chromium: Chromium) -> Iterator[Tab]:
    """Return an empty tab."""
    yield chromium.open_tab()
    chromium.close_tabs()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_new_page_fits_the_screen_and_asks_nobody_else(tab: Tab, start_page: str, width: int) -> None:
    tab.resize(width, 800)
    tab.navigate(start_page)
    assert tab.evaluate(OVERFLOWS) is False
    assert tab.text("h1") == "My Website"
    assert all(url.startswith(start_page) for url in tab.requested)
    assert tab.complaints == []


def test_a_new_page_asks_its_api(tab: Tab, start_page: str) -> None:
    tab.navigate(start_page)
    tab.fill("#name", "Grace")
    tab.click(".greeter button")
    assert tab.wait_for("document.querySelector('.greeter output').textContent") == "Hello, Grace."
