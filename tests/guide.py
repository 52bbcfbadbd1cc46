"""Read pages of the guide: the files that they show, and the commands with what these print."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Dict, List, NamedTuple, Union

PLUGIN_PAGES = Path(__file__).resolve().parents[1] / "docs" / "plugins"
_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.M | re.S)
#: A path in code that ends a text right before a block, with or without words after it: ``…. `app.py`, whole:``
_NAMED = re.compile(r"`(?P<name>[\w./-]+\.(?:py|toml))`[^`\n]*:\n\n\Z")


class File(NamedTuple):
    """A block that a path stands before."""

    name: str
    code: str


class Command(NamedTuple):
    """A line of a console block with what it prints, ``...`` for anything; empty where nothing is shown."""

    line: str
    output: str


def steps(page: Path) -> List[Union[File, Command]]:
    """Return the files and commands of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found: List[Union[File, Command]] = []
    for fence in _FENCE.finditer(text):
        named = _NAMED.search(text, 0, fence.start())
        if fence["language"] == "console":
            for part in re.split(r"^\$ ", fence["code"], flags=re.M)[1:]:
                line, _, output = part.partition("\n")
                found.append(Command(line, output))
        elif named is not None:
            found.append(File(named["name"], fence["code"]))
    return found


def files(page: Path) -> Dict[str, str]:
    """Return the files that a page shows, by path."""
    return {step.name: step.code for step in steps(page) if isinstance(step, File)}


def run(page: Path, directory: Path, environment: Dict[str, str], preamble: str = "", seconds: float = 60) -> None:
    """Do what a page says: write its files, type its commands into one shell, compare what they print.

    Commands whose output is not shown must end well; those that show one that starts with
    ``Error:`` must fail.
    """
    script = ["set -o pipefail", preamble]
    commands = []
    for step in steps(page):
        if isinstance(step, File):
            mark = "END-OF-THE-FILE"
            script.append(f"cat > {step.name} <<'{mark}'\n{step.code}{mark}")
            continue
        commands.append(step)
        wanted = "!=" if step.output.startswith("Error:") else "=="
        script.append(f"echo; echo '=== {len(commands)}'; {step.line}")
        script.append(f'code=$?; (( code {wanted} 0 )) || {{ echo "exit code $code"; exit 1; }}')
    done = subprocess.run(
        ["bash", "-c", "exec 2>&1\n" + "\n".join(script)],
        cwd=str(directory),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
    printed = re.split(r"^=== \d+\n", done.stdout, flags=re.M)[1:]
    assert done.returncode == 0 and len(printed) == len(commands), done.stdout
    for command, text in zip(commands, printed):
        if command.output:
            assert_alike(command, text)


def assert_alike(command: Command, printed: str) -> None:
    """Compare by lines: a line ``...`` stands for any lines or none, ``...`` in a line for any text or none."""
    lines = [line.rstrip() for line in command.output.splitlines()]
    pattern = "".join(
        "(?:.*\n)*?" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + "\n" for line in lines
    )
    text = "".join(f"{line.rstrip()}\n" for line in printed.splitlines() if line.strip())
    assert re.fullmatch(pattern, text), f"$ {command.line}\nwanted:\n{command.output}\nprinted:\n{text}"
