"""`fenrir new`: start a project."""

from __future__ import annotations

from pathlib import Path

import click

from ..scaffold import create


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Make the directory NAME with a small web project: pages, an API, templates, style, tests."""
    written = create(name, Path.cwd())
    click.echo(f"Made {name}:")
    for path in written:
        click.echo(f"  {path}")
    click.echo(f"\nNext:\n  cd {name}\n  fenrir run app:app --port 8088 --dev\n\nThen open http://127.0.0.1:8088")
