"""Values by name, several for each."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Tuple


class RequestParameters(Dict[str, List[Any]]):
    """Values by name, several for each; `get` returns the first."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the first value of a name, or `default`."""
        return super().get(name, [default])[0]

    def getlist(self, name: str, default: Any = None) -> Any:
        """Return all values of a name, or `default` (an empty list)."""
        return super().get(name, [] if default is None else default)


def parameters_of_pairs(pairs: Iterable[Tuple[str, Any]]) -> RequestParameters:
    """Return the values of pairs by name, in order."""
    found = RequestParameters()
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
