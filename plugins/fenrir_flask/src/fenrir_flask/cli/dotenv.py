"""Environment variables from `.env` and `.flaskenv`."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

import click


def load_dotenv(path: Optional[Any] = None, load_defaults: bool = True) -> bool:
    """Set environment variables from files; those that are set already stay as they are.

    Args:
        path: A file that is read first.
        load_defaults: Whether `.env` and then `.flaskenv` are read, from the nearest directory that has one.

    Returns:
        Whether there was a variable in them.
    """
    try:
        import dotenv
    except ImportError:
        if path or os.path.isfile(".env") or os.path.isfile(".flaskenv"):
            click.secho(
                " * Tip: There are .env files present. Install python-dotenv to use them.", fg="yellow", err=True
            )
        return False
    found: Dict[str, Any] = {}
    files = []
    if load_defaults:
        files += [file for file in (dotenv.find_dotenv(name, usecwd=True) for name in (".flaskenv", ".env")) if file]
    if path is not None and os.path.isfile(path):
        files.append(str(path))
    for file in files:
        found.update(dotenv.dotenv_values(file, encoding="utf-8"))
    for name, value in found.items():
        if value is not None:
            os.environ.setdefault(name, value)
    return bool(found)
