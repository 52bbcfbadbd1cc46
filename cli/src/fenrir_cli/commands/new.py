"""`fenrir new`: start a project, or a plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import click

from ..errors import MISUSED, CliError
from ..scaffold import PARADIGMS, PLUGIN, create

_SITE = (
    "fenrir run app:app --port 8088 --dev\n\nThen open http://127.0.0.1:8088\n\n"
    "Its tests: python -m pytest\nAnywhere else it needs first: pip install -r requirements.txt"
)
_PLUGIN = (
    'pip install -e ".[test]"\n  python -m pytest\n  fenrir plugins\n\n'
    "Every app of an environment that has it installed loads it."
)


@click.command()
@click.argument("name")
@click.option("--paradigm", type=click.Choice(list(PARADIGMS)), help="How the app is written.  [default: hybrid]")
@click.option("--plugin", is_flag=True, help="Make a distribution with a plugin instead of a site.")
def new(name: str, paradigm: Optional[str], plugin: bool) -> None:
    """Make the directory NAME with a small web project: pages, an API, templates, style, tests, a Dockerfile.

    With --plugin NAME is the name of a distribution: a plugin with its entry point, tests and CI.
    """
    if plugin and paradigm is not None:
        raise CliError("--plugin and --paradigm exclude each other: a plugin has no paradigm.", exit_code=MISUSED)
    kind = paradigm or "hybrid"
    written = create(name, Path.cwd(), PLUGIN if plugin else PARADIGMS[kind], kind)
    click.echo(f"Made {name}:")
    for path in written:
        click.echo(f"  {path}")
    click.echo(f"\nNext:\n  cd {name}\n  {_PLUGIN if plugin else _SITE}")
