"""Files that other processes read while they are written."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Optional


def write_json(path: Path, document: object, indent: Optional[int] = None) -> None:
    """Write a file at once: what reads it sees the old document or the new one."""
    handle, made = tempfile.mkstemp(dir=str(path.parent), suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=indent)
        file.write("\n")
    os.replace(made, str(path))
