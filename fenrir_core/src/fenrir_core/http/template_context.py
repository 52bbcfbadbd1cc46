"""The names that the templates of all engines see."""

from __future__ import annotations

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
            names.update(shared.names(connection))
    return names
