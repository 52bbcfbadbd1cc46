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
            raise BuildError(
                f"The order of {what} goes in a circle: {', '.join(sorted(left))} wait for one another. "
                "Take a name out of `before` or `after` of one of them."
            )
        yield free
        del left[free]
