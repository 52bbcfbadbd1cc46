"""Try packages made for FastAPI and Starlette: each script of scripts/packages on the real framework and on Fenrir.

    python scripts/try_packages.py [NAME ...]

A script has an application, `app`, and ten requests to it, `REQUESTS`: method, path and what `httpx` takes besides. It
runs once with `fastapi` and `starlette` as they are installed and once with the alias of `fenrir_fastapi`. Status,
type, body and the headers that the script names in `HEADERS` must be alike, and so must what its function `seen`
returns: spans, messages, calls. What is random is masked. The exit status is 1 if an answer differs.

`make ecosystem` makes an environment with the packages (scripts/packages/requirements.txt) and runs this there.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import re
import runpy
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, List, Tuple

FOLDER = Path(__file__).resolve().parent / "packages"
#: What differs from run to run: ids, tokens, times, addresses.
RANDOM = (
    r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}",
    r"eyJ[\w-]+\.[\w-]+(\.[\w-]+)?",
    r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    r"0x[0-9a-f]+",
)


def masked(text: str, more: Tuple[str, ...]) -> str:
    """Return a text without what is random."""
    for pattern in (*more, *RANDOM):
        text = re.sub(pattern, "*", text)
    return text


def answers(name: str) -> List[Any]:
    """Return what a script's application answers in this process."""
    warnings.simplefilter("ignore")
    script = runpy.run_path(str(FOLDER / f"{name}.py"))
    from fastapi.testclient import TestClient

    more, found = tuple(script.get("MASKED", ())), []
    if "answers" in script:
        found = [masked(json.dumps(answer, sort_keys=True, default=str), more) for answer in script["answers"]()]
    else:
        with TestClient(script["app"], raise_server_exceptions=False, follow_redirects=False) as client:
            for method, path, *options in script["REQUESTS"]:
                given = dict(*options)
                if callable(given.get("headers")):  # made of earlier answers
                    given["headers"] = given["headers"](client, found)
                answer = client.request(method, path, **given)
                headers = {
                    key: masked(answer.headers.get(key, ""), more)
                    for key in ("content-type", *script.get("HEADERS", ()))
                }
                text = masked(answer.text, more)
                is_json = headers["content-type"] == "application/json"
                found.append([answer.status_code, headers, json.loads(text) if is_json and text else text])
    if "seen" in script:
        found.append(json.loads(masked(json.dumps(script["seen"](), default=str), more)))
    return found


def run(name: str, *options: str) -> Any:
    """Return what a script's application answers in a process of its own; the error as text if it can't."""
    command = [sys.executable, __file__, "--answer", name, *options]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # the order of columns comes from sets
    done = subprocess.run(command, capture_output=True, text=True, cwd=FOLDER, env=environment)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no output"])[-1]
    return json.loads(done.stdout.splitlines()[-1])


def compare(name: str) -> Tuple[int, int, str]:
    """Return how many answers are alike, of how many, and the first difference."""
    real, ours = run(name), run(name, "--alias")
    if not isinstance(real, list):
        raise SystemExit(f"{name}: the script fails on the real framework: {real}")
    if not isinstance(ours, list):
        return 0, len(real), ours
    unequal = [
        f"{index + 1}: {one!r} and {other!r}" for index, (one, other) in enumerate(zip(real, ours)) if one != other
    ]
    return len(real) - len(unequal), len(real), unequal[0] if unequal else ""


def main() -> int:
    """Run the scripts and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help="scripts of scripts/packages without .py; all by default")
    parser.add_argument("--answer", action="store_true", help="only print the answers of one script, as JSON")
    parser.add_argument("--alias", action="store_true", help="with fastapi and starlette as names of fenrir_fastapi")
    given = parser.parse_args()
    if given.answer:
        if given.alias:
            from fenrir_core import alias

            alias.install("fastapi")
        print(json.dumps(answers(given.names[0])))
        return 0
    worst = 0
    for name in given.names or sorted(path.stem for path in FOLDER.glob("[!_]*.py")):
        package = re.search(r'^PACKAGE = "(.*)"$', (FOLDER / f"{name}.py").read_text(), re.M)
        assert package is not None, f"{name}.py has no PACKAGE"
        alike, total, difference = compare(name)
        print(f"{package[1]:36} {importlib.metadata.version(package[1]):10} {alike} of {total} alike", flush=True)
        if difference:
            worst = 1
            print(f"    {difference[:1000]}")
    return worst


if __name__ == "__main__":
    sys.exit(main())
