"""Names of operations in the OpenAPI document: ids, summaries, descriptions."""

from __future__ import annotations

import inspect
import re
from typing import Optional

from fenrir_core import Route


def unique_id(route: Route, path: str, method: Optional[str] = None) -> str:
    """Return an operation's id: name, path and method, with ``_`` for other than word characters."""
    text = re.sub(r"\W", "_", f"{route.name}{path}")
    return f"{text}_{(method or route.methods[0]).lower()}"


def summary_of(route: Route) -> str:
    """Return the summary of an operation."""
    name = route.name.replace("_", " ")
    if route.paradigm != "fastapi":  # the endpoints of other paradigms have the names of their blueprints
        name = name.replace(".", " ")
    return route.option("summary") or name.title()


def description_of(route: Route) -> str:
    """Return the description of an operation: the option, or the docstring, up to a form feed."""
    text = route.option("description")
    if text is None:
        text = inspect.cleandoc(getattr(route.endpoint, "__doc__", None) or "")
    return str(text).split("\f")[0].strip()
