"""`fenrir openapi`: the document that describes an app's API."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional

import click

from ..complete import complete_app
from ..errors import FAILED, MISUSED, CliError
from ..loader import load_app, require_fenrir, user_error
from ..target import parse_target

#: How many differences are listed.
MOST = 20


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file instead of the terminal.")
@click.option("--check", type=click.Path(dir_okay=False), metavar="FILE", help="Compare with FILE; 1 if they differ.")
@click.option("--indent", default=2, show_default=True, type=click.IntRange(0), help="0 writes one line.")
def openapi(app: Optional[str], factory: bool, output: Optional[str], check: Optional[str], indent: int) -> None:
    """Write the OpenAPI document of APP as JSON, or check a stored one."""
    if output is not None and check is not None:
        raise CliError("--output and --check exclude each other.", exit_code=MISUSED)
    target = parse_target(app, os.getcwd())
    document = _document(require_fenrir(load_app(target, factory), target), str(target))
    if check is not None:
        _check(document, check, str(target))
        return
    text = json.dumps(document, indent=indent or None, ensure_ascii=False)
    if output is None:
        click.echo(text)
        return
    try:
        Path(output).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CliError(f"Can't write {output}: {error.strerror}.") from None


def _document(app: Any, label: str) -> Any:
    make = getattr(app, "openapi", None) or _maker_for(app)
    if not callable(make):
        raise CliError(
            f"{label} describes no API: OpenAPI comes with the FastAPI paradigm.",
            ['pip install "fenrir-core[fastapi]"'],
        )
    try:
        document = make()
    except Exception as error:
        raise user_error(error, "Making the OpenAPI document failed") from error
    return json.loads(json.dumps(document))  # as a client sees it: keys are strings, tuples are lists


def _maker_for(app: Any) -> Optional[Callable[[], object]]:
    """Return what makes the document of an app whose class has no `openapi`: the hybrid app's method, if there is one.

    That is every class but FastAPI's: those of the other paradigms, and those of third parties.
    """
    from fenrir_core import Fenrir

    for given in Fenrir(autoload=False).plugins.ask_all("fenrir_app_methods"):
        if given.value.name == "openapi":
            return partial(given.value.function, app)
    return None


def _check(document: Any, path: str, label: str) -> None:
    try:
        stored = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise CliError(f"Can't read {path}: {error.strerror}.", exit_code=MISUSED) from None
    except ValueError as error:
        raise CliError(f"{path} is no JSON: {error}.", exit_code=MISUSED) from None
    differences = list(_differences(stored, document, ""))
    if differences:
        more = [f"... and {len(differences) - MOST} more"] if len(differences) > MOST else []
        raise CliError(
            f"{path} is not what {label} answers; to renew it: fenrir openapi {label} -o {path}",
            [*differences[:MOST], *more],
            FAILED,
        )
    click.echo(f"{path} is what {label} answers.")


def _differences(old: Any, new: Any, place: str) -> Iterator[str]:
    """List where two documents differ, in the order of the new one."""
    if isinstance(old, dict) and isinstance(new, dict):
        names: List[str] = [*new, *(name for name in old if name not in new)]
        for name in names:
            inner = f"{place} > {name}" if place else name
            if name not in old:
                yield f"added: {inner}"
            elif name not in new:
                yield f"removed: {inner}"
            else:
                yield from _differences(old[name], new[name], inner)
    elif old != new:
        yield f"changed: {place}: {json.dumps(old)[:60]} is now {json.dumps(new)[:60]}"
