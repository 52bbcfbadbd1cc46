"""The pages for authors of command-line plugins: their files are installed and their commands run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Dict

import pytest
from tests.guide import PLUGIN_PAGES, files, run

pytestmark = pytest.mark.once

PAGES = (
    "cli-command",
    "server-adapter",
    "reference/fenrir_cli_commands",
    "reference/fenrir_cli_servers",
    "reference/fenrir_cli_shell_names",
)


def install(project: Any, page: Path) -> None:
    """Install what the page's `pyproject.toml` declares, as an installer would write it."""
    entry_points = files(page)["pyproject.toml"].replace('[project.entry-points."', "[").replace('"]', "]")
    project.write("acme-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\nSummary: Acme\n")
    project.write("acme-1.0.dist-info/entry_points.txt", entry_points.replace('"', ""))


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page_print_what_it_shows(project: Any, name: str) -> None:
    page = PLUGIN_PAGES / f"{name}.md"
    install(project, page)
    environment: Dict[str, str] = project.environment(COLUMNS="200")
    run(page, project.directory, environment, f'fenrir() {{ "{sys.executable}" -m fenrir_cli "$@"; }}')


def test_the_server_adapter_of_its_page_serves_and_stops(project: Any, serve: Any) -> None:
    page = PLUGIN_PAGES / "server-adapter.md"
    install(project, page)
    project.write("acme_swift.py", files(page)["acme_swift.py"])
    server = serve("app:app", "--server", "swift")
    assert server.get() == "first"
    assert "(swift " in server.output
    assert server.stop() == 0
