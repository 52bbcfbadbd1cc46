"""The names of apps and blueprints."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Iterable

from fenrir_core import Route

from .exceptions import SanicException, ServerError

_is_name = re.compile(r"[a-zA-Z_][a-zA-Z0-9_\-]*").fullmatch


def check_name(kind: type, name: Any) -> None:
    """Refuse what can't be a name.

    Raises:
        SanicException: It is None, or has other characters than letters, digits, ``_`` and ``-``.
    """
    if name is None:
        raise SanicException(
            f"{kind.__name__} instance cannot be unnamed. Please use Sanic(name='your_application_name') instead."
        )
    if not isinstance(name, str) or _is_name(name) is None:
        raise SanicException(
            f"{kind.__name__} instance named '{name}' uses an invalid format. Names must begin with a character and "
            "may only contain alphanumeric characters, _, or -."
        )


def check_names(registered: Iterable[Any]) -> None:
    """Refuse routes of one name: `url_for` could not tell them apart.

    Raises:
        ServerError: There are such.
    """
    routes = [item for item in registered if isinstance(item, Route) and item.name and item.paradigm == "sanic"]
    counted = Counter((item.name, item.option("hosts")) for item in routes if not item.option("unrouted"))
    twice = sorted({name for (name, _), count in counted.items() if count > 1})
    if twice:
        raise ServerError(f"Duplicate route names detected: {', '.join(twice)}. You should rename one or more of them.")
