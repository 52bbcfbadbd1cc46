"""Order by names: what must come before or after what."""

from __future__ import annotations

from typing import Dict, Iterator, Set

from .exceptions import BuildError


def topological(follows: Dict[str, Set[str]], what: str) -> Iterator[str]:
    """Order names so that each comes after those it follows, else as they are in `follows`.

    Raises:
        BuildError: They go in a circle.
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
