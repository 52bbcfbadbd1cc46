"""The path converters of Fenrir's plugins, as filters of Bottle's rules."""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import Dict, NoReturn, Optional

from fenrir_core import App, Build, BuildError, PathConverter

from .exceptions import RouteSyntaxError
from .router import Filter, FilterParts, flatten


def filters_of(app: App) -> Dict[str, Filter]:
    """Return a filter for each path converter of an app's plugins, by its name.

    Bottle reads rules when they are registered, so that the hook is called before there is anything else to see.
    """
    view = Build(app, MappingProxyType(app.settings), MappingProxyType({}), (), _too_early, _too_early)
    given = app.plugins.ask_all("fenrir_path_converters", build=view)
    return {item.value.name: functools.partial(_parts, item.value) for item in given}


def _parts(converter: PathConverter, config: Optional[str]) -> FilterParts:
    """Return what a rule needs of a converter; the configuration is its argument.

    Raises:
        RouteSyntaxError: The converter takes no argument, or not this one.
    """
    if config is not None:
        if converter.factory is None:
            raise RouteSyntaxError(f"The path converter {converter.name!r} takes no argument, but got {config!r}.")
        try:
            converter = converter.factory(config)
        except ValueError as error:
            raise RouteSyntaxError(f"The path converter {converter.name!r} can't take {config!r}: {error}") from error
    return flatten(converter.regex), converter.parse, converter.format


def _too_early(*arguments: object, **keywords: object) -> NoReturn:
    raise BuildError("fenrir_path_converters of an app of Bottle's can't use build.inject or build.step.")
