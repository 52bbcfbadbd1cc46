"""Files of environment variables, in the format of `.env` files."""

from __future__ import annotations

import os
import re
from typing import Dict, Optional

from .errors import MISUSED, CliError

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*$")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def load_env_file(path: str) -> None:
    """Set the variables of a file that are not yet in the environment.

    Raises:
        CliError: It can't be read, or a line is neither blank, a comment nor NAME=VALUE.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CliError(f"Can't read --env-file {path}: {reason}.", exit_code=MISUSED) from None
    for name, value in parse_env(text, path).items():
        os.environ.setdefault(name, value)


def parse_env(text: str, path: str) -> Dict[str, str]:
    """Parse NAME=VALUE lines; of several with one name the last counts.

    Values may stand in single quotes (as they are) or double quotes (with escapes); without quotes
    a comment may follow after a blank. References to variables are not expanded.

    Args:
        text: The file's content.
        path: For messages.

    Raises:
        CliError: A line has another form.
    """
    found: Dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        value = None if match is None else _value(match.group(2))
        if match is None or value is None:
            raise CliError(f"{path}:{number}: write NAME=VALUE, not {line.strip()!r:.60}.", exit_code=MISUSED)
        found[match.group(1)] = value
    return found


def _value(text: str) -> Optional[str]:
    if text[:1] == "'":
        found = re.fullmatch(r"'([^']*)'\s*(?:#.*)?", text)
        return None if found is None else found.group(1)
    if text[:1] == '"':
        found = re.fullmatch(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?', text)
        if found is None:
            return None
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape.group(1), escape.group(1)), found.group(1))
    return re.sub(r"(?:^|\s+)#.*", "", text)
