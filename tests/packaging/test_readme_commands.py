"""The shell blocks of README.md, run as by a newcomer: in a fresh clone, with only python3 and make."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Iterator, List

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
HREF = re.compile(r"""href=["']([^"'#]+)["']""")


def shell_lines() -> List[str]:
    """Return the commands of the shell blocks of README.md, without their comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    return [line.split("#")[0].strip() for block in found for line in block.splitlines()]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh clone of what is committed."""
    directory = tmp_path_factory.mktemp("clone") / "fenrir"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(directory)], check=True)
    return directory


@pytest.fixture
def demo(clone: Path, free_port: int) -> Iterator[str]:
    """Run `make demo` on a free port and yield the address of its start page when it responds."""
    base = f"http://127.0.0.1:{free_port}"
    log = clone / "demo.log"
    command = ["make", "demo", f"PORT={free_port}", f"PYTHON={sys.executable}"]
    with log.open("w") as output:
        # In a new session, so that make, the shell and the server are stopped together.
        server = subprocess.Popen(
            command, cwd=str(clone), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            end = time.monotonic() + 300
            while True:
                try:
                    urllib.request.urlopen(base, timeout=10).close()
                    break
                except OSError:
                    if server.poll() is not None or time.monotonic() > end:
                        pytest.fail(log.read_text())
                    time.sleep(0.3)
            yield base
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def test_the_readme_has_two_commands_that_the_makefile_knows() -> None:
    assert shell_lines() == ["make demo", "make test"]
    for line in shell_lines():
        subprocess.run([*line.split(), "--dry-run"], cwd=str(ROOT), check=True, stdout=subprocess.DEVNULL)


def test_make_demo_serves_a_start_page_whose_links_answer(demo: str) -> None:
    with urllib.request.urlopen(demo, timeout=10) as answer:
        page = answer.read().decode("utf-8")
    local = sorted({link for link in HREF.findall(page) if not urllib.parse.urlsplit(link).netloc})
    assert "/docs" in local
    statuses = {}
    for link in local:
        try:
            with urllib.request.urlopen(urllib.parse.urljoin(demo, link), timeout=10) as answer:
                statuses[link] = answer.status if answer.read(1) else 0
        except urllib.error.HTTPError as error:
            statuses[link] = error.code
            error.close()
    # two links show what a refused parameter and a missing item look like
    assert sorted(status for status in statuses.values() if status != 200) == [404, 422], statuses
