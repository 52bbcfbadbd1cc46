"""Capture the screenshots of the documentation into docs/images/: terminals as SVG, pages as PNG.

Each command is run in a pseudo-terminal in `examples/hybrid`; the pages are those of a project that `fenrir new`
makes, in a headless Chromium. Check the result before committing it: `make screens`.
"""

from __future__ import annotations

import base64
import fcntl
import io
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import List, NamedTuple

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
EXAMPLE = ROOT / "examples" / "hybrid"
FENRIR = [sys.executable, "-m", "fenrir_cli"]
#: The plugins that the example does not use are off, so that the screens show the same wherever they are taken.
PLUGINS = "-otel,-problems,-redis,-security,-takeover"


class Screen(NamedTuple):
    """A command to capture: the file's name, what is typed after `fenrir`, and the terminal's width."""

    name: str
    arguments: str
    columns: int


SCREENS = (
    Screen("info", "info app:app", 92),
    Screen("routes", "routes app:app", 92),
    Screen("routes-explain", "routes app:app --explain --path /api/register", 108),
    Screen("why", "why DELETE /items/7 app:app", 92),
    Screen("bench", "bench app:app -i 2000 -p / -p /status", 92),
)
#: Sizes of the pages' screens, in CSS pixels.
PAGES = {"new-wide": (1280, 800), "new-narrow": (390, 844)}

THEME = TerminalTheme(
    (22, 27, 34),
    (220, 225, 232),
    [
        (40, 46, 56),
        (240, 113, 120),
        (135, 196, 110),
        (232, 193, 105),
        (110, 165, 235),
        (198, 140, 230),
        (96, 200, 205),
        (220, 225, 232),
    ],
)
#: An SVG without web fonts, so that it loads nothing from other hosts; `{styles}` and the rest are rich's.
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="fenrir {label}">
<style>
text {{ font: {char_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
.title {{ font: bold 16px system-ui, sans-serif; fill: #9aa4b1; text-anchor: middle; }}
{styles}
</style>
<defs>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g>{matrix}</g>
</g>
</svg>
"""


def shown(arguments: List[str], columns: int) -> str:
    """Run `fenrir` in a pseudo-terminal and return its output, with escape sequences."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [*FENRIR, *arguments],
        cwd=EXAMPLE,
        env={**environment, "TERM": "xterm-256color", "FENRIR_PLUGINS": PLUGINS},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    found = io.BytesIO()
    try:
        while True:
            found.write(os.read(ours, 65536))
    except OSError:  # Linux raises it when the other side is closed
        pass
    os.close(ours)
    if process.wait():
        raise SystemExit(f"fenrir {' '.join(arguments)} ended with {process.returncode}:\n{found.getvalue().decode()}")
    return found.getvalue().decode("utf-8").replace("\r\n", "\n")


def svg_of(screen: Screen) -> str:
    """Return the SVG of a command's output."""
    text = shown(screen.arguments.split(), screen.columns)
    out = Console(record=True, width=screen.columns, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    out.print(
        Text.from_ansi(f"\x1b[2m$\x1b[0m \x1b[1mfenrir {screen.arguments}\x1b[0m\n{text.rstrip()}"), soft_wrap=False
    )
    template = SVG.replace("{label}", screen.arguments.replace('"', ""))
    drawn = out.export_svg(title="", theme=THEME, code_format=template, unique_id=screen.name)
    drawn = re.sub(r' clip-path="url\(#[\w-]+\)"', "", drawn)
    return re.sub(r"<defs>.*?</defs>\n", "", drawn, flags=re.S)


def take_pages(directory: Path) -> None:
    """Make a project, serve it, and take screenshots of its start page."""
    sys.path.insert(0, str(ROOT))
    from tests.browser.chromium import Chromium, find_chromium

    program = find_chromium()
    if program is None:
        raise SystemExit("There is no Chromium here: apt-get install chromium.")
    subprocess.run([*FENRIR, "new", "my_website"], cwd=directory, check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen(
        [*FENRIR, "run", "app:app", "--port", url.rpartition(":")[2]], cwd=directory / "my_website"
    )
    browser = Chromium(program, directory / "profile")
    try:
        wait_for(url)
        for name, (width, height) in PAGES.items():
            tab = browser.open_tab()
            # a scale factor of 1 keeps the files small
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
            tab.call("Emulation.setDeviceMetricsOverride", **size)
            tab.navigate(url)
            tab.click(".greeter button")
            tab.wait_for("document.querySelector('.greeter output').textContent")
            data = tab.call("Page.captureScreenshot", format="png")["data"]
            (IMAGES / f"{name}.png").write_bytes(base64.b64decode(data))
    finally:
        browser.stop()
        server.send_signal(signal.SIGTERM)
        server.wait()


def wait_for(url: str) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main() -> None:
    """Write all screenshots, or those that are named."""
    IMAGES.mkdir(exist_ok=True)
    wanted = sys.argv[1:]
    for screen in SCREENS:
        if not wanted or screen.name in wanted:
            (IMAGES / f"{screen.name}.svg").write_text(svg_of(screen), encoding="utf-8")
    if not wanted or "new" in wanted:
        with tempfile.TemporaryDirectory() as directory:
            take_pages(Path(directory))


if __name__ == "__main__":
    main()
