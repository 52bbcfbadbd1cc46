"""The option `--debug`, and types of the parameters of `run`."""

from __future__ import annotations

import os
import ssl
from typing import Any, Optional

import click
from werkzeug.utils import import_string


class CertParamType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4
    """The type of `--cert`: the path of a file, ``adhoc``, or the import name of an `ssl.SSLContext`."""

    name = "path"

    def __init__(self) -> None:
        self.path_type = click.Path(exists=True, dir_okay=False, resolve_path=True)

    def convert(self, value: Any, param: Optional[click.Parameter], ctx: Optional[click.Context]) -> Any:
        """Return the path, the text ``adhoc``, or the context.

        Raises:
            click.BadParameter: It is none of these, or ``adhoc`` lacks the package `cryptography`.
        """
        try:
            return self.path_type(value, param, ctx)
        except click.BadParameter:
            text = click.STRING(value, param, ctx).lower()
            if text == "adhoc":
                try:
                    import_string("cryptography")
                except ImportError:
                    raise click.BadParameter(
                        "Using ad-hoc certificates needs: pip install cryptography", ctx, param
                    ) from None
                return text
            found = import_string(value, silent=True)
            if isinstance(found, ssl.SSLContext):
                return found
            raise


def set_debug(ctx: click.Context, param: click.Parameter, value: Optional[bool]) -> Optional[bool]:
    """Store the option `--debug` in the environment, where the app and a reloaded process find it."""
    source = ctx.get_parameter_source(param.name or "debug")
    if source is None or source in (click.core.ParameterSource.DEFAULT, click.core.ParameterSource.DEFAULT_MAP):
        return None
    os.environ["FLASK_DEBUG"] = "1" if value else "0"
    return value


def debug_option(*, is_eager: bool = False) -> click.Option:
    """Return the option `--debug`."""
    return click.Option(
        ["--debug/--no-debug"],
        expose_value=False,
        is_eager=is_eager,
        default=None,
        help="Set debug mode.",
        callback=set_debug,
    )


def validate_key(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Check `--key`, which goes with a certificate's file, and join it to `--cert`.

    Raises:
        click.BadParameter: One of the two is missing or there is one too much.
    """
    cert = ctx.params.get("cert")
    if value is not None:
        if cert is None:
            raise click.BadParameter('"--cert" must also be specified.', ctx, param)
        if cert == "adhoc" or isinstance(cert, ssl.SSLContext):
            kind = "ad-hoc" if cert == "adhoc" else "an SSLContext object"
            raise click.BadParameter(f'When "--cert" is {kind}, "--key" is not used.', ctx, param)
        ctx.params["cert"] = cert, value
    elif cert and not (cert == "adhoc" or isinstance(cert, ssl.SSLContext)):
        raise click.BadParameter('Required when using "--cert".', ctx, param)
    return value


class SeparatedPathType(click.Path):
    """The type of several paths in one value, with the system's separator between."""

    def convert(self, value: Any, param: Optional[click.Parameter], ctx: Optional[click.Context]) -> Any:
        """Return the list of paths."""
        return [super(SeparatedPathType, self).convert(item, param, ctx) for item in value.split(os.pathsep) if item]
