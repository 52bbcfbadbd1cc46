"""The pages of `fenrir run --dev` in a real browser: they are shown, whole, and go away by themselves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Callable, Iterator

import pytest
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import wait_until_ready

APP = """\
from fenrir_core import App, Response

app = App(paradigms=[])


@app.get("/")
async def home():
    return Response("<h1>it works</h1>", media_type="text/html")


@app.get("/fail")
async def fail():
    amount = "<b>ten</b>"
    return int(amount)
"""


class Site:
    """A directory with an app, served for development."""

    def __init__(self, directory: Path, url: str) -> None:
        self._app, self.url = directory / "app.py", url

    def write(self, text: str) -> None:
        """Change the app, all at once."""
        fresh = self._app.with_name("app.py~")
        fresh.write_text(text, encoding="utf-8")
        os.replace(str(fresh), str(self._app))


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Site]:
    """Return a running site whose app works at first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    site = Site(tmp_path, f"http://127.0.0.1:{port}")
    site.write(APP)
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fenrir_cli", "run", "app:app", "--dev", "--port", str(port)],
            cwd=str(tmp_path),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_ready(process, site.url, log)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)
    assert code == 0, log.read_text("utf-8", "replace")


@pytest.fixture
def open_dev(chromium: Chromium, dev: Site) -> Iterator[Callable[[str], Tab]]:
    """Return a function that opens a path in a new tab."""

    def open_page(path: str) -> Tab:
        tab = chromium.open_tab()
        tab.navigate(dev.url + path)
        return tab

    yield open_page
    chromium.close_tabs()


def complaints(tab: Tab) -> str:
    """Return what the console shows besides the status of the page itself."""
    return "\n".join(item for item in tab.complaints if "Failed to load resource" not in item)


def test_a_syntax_error_is_shown_and_goes_away_when_it_is_mended(dev: Site, open_dev: Callable[[str], Tab]) -> None:
    dev.write(APP.replace("return Response(", "return = Response("))
    tab = open_dev("/")
    tab.wait_for("document.title === 'SyntaxError' || (location.reload(), false)")
    assert "return = Response" in tab.text(".source .current")
    assert tab.text(".source mark") == "="
    dev.write(APP.replace("it works", "it works again"))
    tab.wait_for("document.querySelector('h1').innerText === 'it works again'")
    assert complaints(tab) == ""
    assert {url.split("/")[2] for url in tab.requested} == {dev.url.split("/")[2]}


def test_another_error_takes_the_place_of_the_one_that_is_shown(dev: Site, open_dev: Callable[[str], Tab]) -> None:
    dev.write("x = = 1\n")
    tab = open_dev("/")
    tab.wait_for("document.title === 'SyntaxError' || (location.reload(), false)")
    dev.write("import nothere\n")
    tab.wait_for("document.title === 'ModuleNotFoundError'")


def test_the_error_of_a_request_is_shown_and_goes_away_when_it_is_mended(
    dev: Site, open_dev: Callable[[str], Tab]
) -> None:
    tab = open_dev("/fail")
    assert tab.status == 500
    assert tab.text("h1") == "ValueError"
    assert "<b>ten</b>" in tab.text(".message")
    assert tab.text("details.own[open] .source .current .text").strip() == "return int(amount)"
    assert tab.evaluate("getComputedStyle(document.querySelector('header')).borderTopStyle") == "solid"
    tab.resize(360, 740)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    dev.write(APP.replace("return int(amount)", 'return "mended"'))
    tab.wait_for("document.body.innerText.includes('mended')")
    assert complaints(tab) == ""
