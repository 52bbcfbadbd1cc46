"""Take the files of a distribution from a page of the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "paradigm.md"
FILE = re.compile(r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.M | re.S)


def files_of(page: Path = PAGE) -> Dict[str, str]:
    """Return the files that a page shows whole, by their path."""
    return {found["name"]: found["text"] for found in FILE.finditer(page.read_text(encoding="utf-8"))}


def write_files(directory: Path) -> Path:
    """Write the files of the page, and give the directory."""
    for name, text in files_of().items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def install_metadata(directory: Path) -> None:
    """Write what an installer makes of pyproject.toml: name, version and entry points."""
    declared = (directory / "pyproject.toml").read_text(encoding="utf-8")
    name, version = (re.findall(rf'^{key} = "(.+)"$', declared, re.M)[0] for key in ("name", "version"))
    points = re.findall(r'^\[project\.entry-points\."([\w.]+)"\]\n((?:\w+ = ".+"\n)+)', declared, re.M)
    info = directory / "src" / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    sections = [f"[{group}]\n" + lines.replace('"', "") for group, lines in points]
    (info / "entry_points.txt").write_text("\n".join(sections), encoding="utf-8")
