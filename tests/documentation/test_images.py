"""The pictures of the documentation: each is shown, asks no other host, and tells nothing of a machine."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMAGES = sorted((ROOT / "docs" / "images").iterdir())
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_an_image_is_shown_on_a_page_and_small(image: Path) -> None:
    assert [page for page in PAGES if f"images/{image.name})" in page.read_text(encoding="utf-8")]
    assert image.stat().st_size < 150_000


@pytest.mark.parametrize("image", [image for image in IMAGES if image.suffix == ".svg"], ids=lambda image: image.name)
def test_a_drawing_asks_no_host_and_names_no_machine(image: Path) -> None:
    text = image.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert re.findall(r"https?://[^\s\"<]+", text) == ["http://www.w3.org/2000/svg"]
    shown = text.replace("&#160;", " ")
    assert "@font-face" not in shown
    assert not re.search(r"(?<![\w./])/(?:home|root|usr|tmp|work|Users)/", shown)
