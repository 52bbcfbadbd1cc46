"""The command `fenrir takeover`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Optional

import click

from . import metrics, tokens
from .files import write_json
from .switches import LEGACY, NEW, WrongSwitches, loads, parse


@click.group()
def takeover() -> None:
    """Follow and steer the takeover of a legacy application."""


@takeover.command("report")
@click.argument("directory", envvar="FENRIR_TAKEOVER_REPORT", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def report(directory: Path, as_json: bool) -> None:
    """Print what each side has served.

    DIRECTORY is that of the setting takeover_report (FENRIR_TAKEOVER_REPORT).
    """
    if not directory.is_dir():
        raise click.ClickException(
            f"{directory} is no directory. Set takeover_report, or FENRIR_TAKEOVER_REPORT, where the app runs."
        )
    found = metrics.report(metrics.read(directory))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    rows = [("route", "new %", "new", "legacy", "errors", "errors", "p95 ms", "p95 ms")]
    rows += [
        (
            f"{row['method']} {row['template']}", f"{row['new_percent']:g}", str(row["new"]["hits"]),
            str(row["legacy"]["hits"]), str(row["new"]["errors"]), str(row["legacy"]["errors"]),
            _number(row["new"]["p95_ms"]), _number(row["legacy"]["p95_ms"]),
        )
        for row in found["routes"]
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
        click.echo("  ".join(cells))
    for route, counts in sorted(found["shadows"].items()):
        click.echo(f"shadow of {route}: {counts['compared']} compared, {counts['differed']} differed")


@takeover.command("switch")
@click.argument("file", envvar="FENRIR_TAKEOVER_FILE", type=click.Path(path_type=Path))
@click.argument("route")
@click.argument("new", metavar="new|legacy|PERCENT")
@click.option("--shadow", type=click.FloatRange(0, 100), help="Percent of requests that the other side gets, too.")
def switch(file: Path, route: str, new: str, shadow: Optional[float]) -> None:
    """Set the switch of a route in a file of switches: fenrir takeover switch switches.json "GET /items/{id}" 10."""
    document: Dict[str, Any] = {"routes": {}}
    if file.exists():
        text = file.read_text(encoding="utf-8")
        try:
            loads(text)
        except WrongSwitches as error:
            raise click.ClickException(f"{file}: {error}") from None
        document = json.loads(text)
    value: Any = new
    if new not in (NEW, LEGACY):
        try:
            value = {"new": float(new)}
        except ValueError:
            raise click.ClickException(f"{new!r} is neither 'new' nor 'legacy' nor a percentage.") from None
    if shadow is not None:
        percent = value if isinstance(value, dict) else {"new": 100.0 if new == NEW else 0.0}
        value = {**percent, "shadow": shadow}
    document["routes"][route] = value
    try:
        parse(document)
    except WrongSwitches as error:
        raise click.ClickException(str(error)) from None
    write_json(file, document, indent=2)
    click.echo(f"{route}: {json.dumps(value)}")


@takeover.command("sign")
@click.argument("side", type=click.Choice([NEW, LEGACY]))
@click.option("--secret", envvar="FENRIR_TAKEOVER_SECRET", required=True, help="The setting takeover_secret.")
@click.option("--lifetime", type=int, default=86400, show_default=True, help="Seconds.")
def sign(side: str, secret: str, lifetime: int) -> None:
    """Print a token with which one client chooses its side: in the header X-Takeover, or the cookie takeover."""
    click.echo(tokens.sign(side, secret, lifetime))


def _number(value: Optional[float]) -> str:
    return "-" if value is None else f"{value:g}"
