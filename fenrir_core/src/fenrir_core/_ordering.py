"""Topological order of names."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, Mapping, Protocol, Set

from .exceptions import BuildError


class Layered(Protocol):
    """What has a place in a layer, such as a middleware: the names that it goes before and after there."""

    @property
    def layer(self) -> str:
        """The layer."""

    @property
    def before(self) -> Iterable[str]:
        """The names that come after it."""

    @property
    def after(self) -> Iterable[str]:
        """The names that come before it."""


def in_layers(items: Mapping[str, Layered], layers: Iterable[str], what: str) -> Iterator[str]:
    """Iterate names layer by layer, in each by what its items go before and after, and else in the order of `items`.

    Args:
        items: The items by name.
        layers: The layers, outermost first.
        what: What the names stand for, for the message of an error.

    Raises:
        BuildError: The order has a cycle.
    """
    for layer in layers:
        follows = {name: {*item.after} for name, item in items.items() if item.layer == layer}
        for name in follows:
            for other in items[name].before:
                follows.get(other, set()).add(name)
        yield from topological(follows, what)


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
