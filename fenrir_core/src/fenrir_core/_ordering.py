"""Topological order of names."""

from __future__ import annotations

from typing import Dict, Iterator, Set

from .exceptions import BuildError


def topological(follows: Dict[str, Set[str]], what: str) -> Iterator[str]:
    """Iterate names so that each comes after those it follows, and else in the order of `follows`.

    Args:
        follows: The names that each name follows.
        what: What the names stand for, for the message of an error.

    Raises:
        BuildError: The order has a cycle.
    """
    left = {name: set(others) for name, others in follows.items()}
    while left:
        free = next((name for name, others in left.items() if not others & left.keys()), None)
        if free is None:
            raise BuildError(f"The order of {what} goes in a circle: {_circle(left)}")
        yield free
        del left[free]


def _circle(left: Dict[str, Set[str]]) -> str:
    """Return which names follow one another, where each follows another one that is left."""
    path = [next(iter(left))]
    while path.count(path[-1]) == 1:
        path.append(min(left[path[-1]] & left.keys()))
    names = sorted(path[path.index(path[-1]) + 1 :])
    if len(names) == 1:
        return f"{names[0]} waits for itself. Take its own name out of its `before` or `after`."
    return f"{', '.join(names)} wait for one another. Take a name out of `before` or `after` of one of them."
