"""The names that the templates of all engines see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Dict

from .connection import Connection


def template_context(connection: Connection) -> Dict[str, Any]:
    """Return the names that plugins share with the templates of all engines, for one request.

    Template engines of plugins call it when they render; what is passed to the template comes before these names.
    """
    names: Dict[str, Any] = {}
    for given in connection.app.built.template_context:
        shared = given.value
        if shared.applies is None or shared.applies(connection.route):
            found = shared.names(connection)
            if not isinstance(found, Mapping):
                raise TypeError(
                    f"The template context {shared.name!r} of the plugin {given.by} returned {type(found).__name__}; "
                    "it must return a mapping from names to values."
                )
            names.update(found)
    return names
