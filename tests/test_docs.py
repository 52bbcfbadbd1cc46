"""Run every Python block of README.md and docs/ as it stands, and start and stop the application it makes."""

from __future__ import annotations

import asyncio
import doctest
import importlib.util
import re
import sys
import textwrap
from pathlib import Path
from typing import Any, List, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(
    r"^(?P<indent>[ ]*)```(?P<language>\w*)(?P<info>[^\n]*)\n(?P<code>.*?)^(?P=indent)```[ ]*$", re.M | re.S
)
_FRAMEWORKS = ("bottle", "falcon", "fastapi", "flask", "sanic", "starlette")
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


class Block(NamedTuple):
    """One fenced block and where it is."""

    where: str
    language: str
    code: str


def pages() -> List[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(*languages: str) -> List[Any]:
    found_blocks = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            # A block with a title is one file of a distribution, which the test of that page builds and runs.
            if found["language"] in languages and "title=" not in found["info"]:
                line = text.count("\n", 0, found.start()) + 1
                where = f"{page.relative_to(ROOT).as_posix()}:{line}"
                # Blank lines first, so that a traceback shows the line of the page.
                code = "\n" * line + textwrap.dedent(found["code"])
                found_blocks.append(pytest.param(Block(where, found["language"], code), id=where))
    return found_blocks


async def start_and_stop(app: Any) -> List[str]:
    """Run the lifespan of an ASGI application and return the types of the messages that it sent."""
    sent: List[str] = []
    started = asyncio.Event()
    asked = 0

    async def receive() -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            return {"type": "lifespan.startup"}
        await started.wait()
        return {"type": "lifespan.shutdown"}

    async def send(message: Any) -> None:
        sent.append(message["type"])
        assert not message["type"].endswith(".failed"), message.get("message")
        started.set()

    await app({"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}, receive, send)
    return sent


@pytest.mark.parametrize("block", blocks("python", "py"))
def test_a_python_block_of_the_documentation_runs_and_its_app_starts(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "alias" in block.code:  # which refuses a framework that is imported already, as by another test
        for name in [name for name in sys.modules if name.partition(".")[0] in _FRAMEWORKS]:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "documented.py"
    file.write_text(block.code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("documented", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "documented", module)

    spec.loader.exec_module(module)

    app = getattr(module, "app", None)
    if any(base.__module__.split(".")[0] == "fenrir_core" for base in type(app).__mro__):
        assert asyncio.run(start_and_stop(app)) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_the_interactive_blocks_of_the_documentation_print_what_they_show() -> None:
    for parameter in blocks("pycon"):
        (block,) = parameter.values
        test = doctest.DocTestParser().get_doctest(block.code, {}, block.where, block.where, 0)
        report: List[str] = []
        assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in pages()])
def test_the_links_of_a_page_lead_to_files_that_exist(page: Path) -> None:
    # Code is left out: `app["x"](y)` is no link.
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))
    local = [found["target"].split("#")[0] for found in LINK.finditer(text) if "://" not in found["target"]]
    assert [target for target in local if target and not (page.parent / target).exists()] == []


def anchors(page: Path) -> List[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.M)
    texts = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return [re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-") for text in texts]


def test_the_links_of_the_pages_lead_to_headings_that_exist() -> None:
    lost = []
    for page in pages():
        text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))
        for found in LINK.finditer(text):
            target, _, anchor = found["target"].partition("#")
            if anchor and "://" not in found["target"] and (target.endswith(".md") or not target):
                if anchor not in anchors(page.parent / target if target else page):
                    lost.append((page.relative_to(ROOT).as_posix(), found["target"]))
    assert lost == []


def sources_on_the_page_on_performance() -> List[Any]:
    """Return each program that prints the source of a route, with that source as the page shows it."""
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    section = text[text.index("## What a route becomes") : text.index("## What costs what")]
    shown = [found["code"] for found in FENCE.finditer(section)]
    return [
        pytest.param(*pair, id=name) for pair, name in zip(zip(shown[::2], shown[1::2]), ("kernel", "fastapi", "flask"))
    ]


@pytest.mark.parametrize(("program", "source"), sources_on_the_page_on_performance())
def test_the_page_on_performance_shows_the_source_that_routes_are_compiled_to(
    program: str, source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "documented.py"  # its functions are inspected, so they need a file
    file.write_text(program, encoding="utf-8")
    exec(compile(program, str(file), "exec"), {"__name__": "documented"})
    printed = capsys.readouterr().out
    # an ellipsis stands for lines that the page shows elsewhere; all others are as they are printed
    parts = re.split(r"^ *…\n", source, flags=re.M)
    assert re.search("(?:.*\n)*?".join(map(re.escape, parts)), printed), printed


def test_the_files_that_contributing_names_exist() -> None:
    text = FENCE.sub("", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    named = set(re.findall(r"`([\w./-]+/(?:[\w.-]+\.(?:py|md|toml|yml))?)`", text))
    places = [ROOT, ROOT / "fenrir_core" / "src" / "fenrir_core", ROOT / "cli" / "src", *ROOT.glob("plugins/*/src")]
    assert len(named) > 40
    absent = sorted(name for name in named if not any((place / name).exists() for place in places))
    assert absent == ["changes/"]  # made with the first fragment
