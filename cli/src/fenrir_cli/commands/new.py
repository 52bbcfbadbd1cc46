"""`fenrir new`: start a project, or a plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import click

from ..complete import complete_template
from ..errors import MISUSED, CliError
from ..scaffold import create
from ..templates import find_template, plugin_template, template_names

DEFAULT = "hybrid"
_SITE = (
    "fenrir run app:app --port 8088 --dev\n\nThen open http://127.0.0.1:8088\n\n"
    "Its tests: python -m pytest\nAnywhere else it needs first: pip install -r requirements.txt"
)
_PLUGIN = (
    "pip install -r requirements.txt\n  python -m pytest\n  fenrir plugins\n\n"
    "Every app of an environment that has it installed loads it."
)


class New(click.Command):
    """A command whose help lists the installed templates."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list."""
        with formatter.section("Paradigms"):
            formatter.write_text(", ".join(template_names()))


@click.command(cls=New)
@click.argument("name")
@click.option(
    "--paradigm",
    metavar="NAME",
    shell_complete=complete_template,
    help=f"How the app is written, see the list below.  [default: {DEFAULT}]",
)
@click.option("--plugin", is_flag=True, help="Make a distribution with a plugin instead of a site.")
def new(name: str, paradigm: Optional[str], plugin: bool) -> None:
    """Make the directory NAME with a small web project: pages, an API, templates, style, tests, a Dockerfile.

    With --plugin NAME is the name of a distribution: a plugin with its entry point, tests and CI.
    """
    if plugin and paradigm is not None:
        raise CliError("--plugin and --paradigm exclude each other: a plugin has no paradigm.", exit_code=MISUSED)
    written = create(name, Path.cwd(), plugin_template() if plugin else find_template(paradigm or DEFAULT))
    click.echo(f"Made {name}:")
    for path in written:
        click.echo(f"  {path}")
    click.echo(f"\nNext:\n  cd {name}\n  {_PLUGIN if plugin else _SITE}")
