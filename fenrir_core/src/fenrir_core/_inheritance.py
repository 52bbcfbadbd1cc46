"""What a late build takes over from the builds before it: the work is that of what is new, not of all that is there."""

from __future__ import annotations

from types import MappingProxyType
from typing import (
    Dict,
    Generic,
    Hashable,
    Iterable,
    List,
    Mapping,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
    TypeVar,
    cast,
)

from ._late import NOTHING


class HasPath(Protocol):
    """What is known of a route: it is a `fenrir_core.Route`."""

    @property
    def path(self) -> str:
        """The template."""


class HasRoute(Protocol):
    """What is known of a compiled route."""

    @property
    def route(self) -> HasPath:
        """What was compiled."""


S = TypeVar("S")
T = TypeVar("T", bound=HasRoute)
#: A method, and what templates have alike that match the same paths.
Place = Tuple[str, Hashable]


class Known(Generic[T]):
    """The routes of a finished build, kept for the next one.

    Args:
        targets: The compiled routes.
        places: Those that have a place in the table, by the place.

    Attributes:
        by_route: The compiled routes, by the identity of their route.
        by_path: The routes, by their path.
    """

    def __init__(self, targets: Iterable[T] = (), places: Mapping[Place, T] = MappingProxyType({})) -> None:
        self.places = places
        self.by_route: Dict[int, T] = {}
        self.by_path: Dict[str, List[HasPath]] = {}
        for target in targets:
            self.by_route[id(target.route)] = target
            self.by_path.setdefault(target.route.path, []).append(target.route)


class Before(Protocol[T]):
    """A build that another one takes the place of."""

    known: Known[T]
    inherited: Inheritance[T]
    targets: Dict[int, T]
    is_finished: bool


class Inheritance(Generic[T]):
    """What one build takes over.

    Args:
        before: The build in whose place it is made, which a thread may be busy with; None for the first one.
        changes: What this build changes of the routes of that one, from `NOTHING` to `ALL` of `fenrir_core._late`.

    Attributes:
        changes: What has changed since the last finished build.
        new: The routes and mounts that no build before has.
    """

    def __init__(self, before: Optional[Before[T]] = None, changes: int = NOTHING) -> None:
        self.changes = changes
        self.new: List[object] = []
        self._known: Known[T] = Known()
        self._early_known: Known[T] = self._known
        #: The places that no finished build has.
        self._new_places: Dict[Place, T] = {}
        #: What unfinished builds have compiled, with what has changed since.
        self._early: Dict[int, Tuple[T, int]] = {}
        self._present: Set[int] = set()
        if before is None:
            return
        inherited, targets = before.inherited, before.targets  # first of all: a thread may finish that build meanwhile
        if before.is_finished:
            self._known = before.known
            return
        self.changes = max(changes, inherited.changes)
        self._known = inherited._known
        self._new_places = inherited._new_places.copy()
        for key, (target, since) in inherited._early.items():
            self._early[key] = target, max(changes, since)
        for key, target in targets.copy().items():
            self._early[key] = target, changes
        known = self._known.by_route
        self._early_known = Known(target for key, (target, _) in self._early.items() if key not in known)

    def find(self, items: Sequence[S]) -> List[S]:
        """Return routes and mounts, with the known route in the place of each that equals it; the others are new."""
        found, known, early = [*items], self._known.by_route, self._early
        self._present = {id(item) for item in items}
        for index, item in enumerate(items):
            if id(item) in known or id(item) in early:
                continue
            same = self._equal_to(item)
            if same is None:
                self.new.append(item)
            else:
                self._present.add(id(same))
                found[index] = cast("S", same)
        return found

    def _equal_to(self, item: S) -> Optional[HasPath]:
        """Return the known route that is served like another one; collecting a router's routes may make new ones."""
        path: str = getattr(item, "path", "")  # a mount has none
        for known in (self._known, self._early_known):
            for route in known.by_path.get(path, ()):
                if id(route) not in self._present and _is_equal(route, item):
                    return route
        return None

    def place(self, place: Place, target: T) -> T:
        """Return the compiled route that has a place in the table; from now on that is `target`, if there is none."""
        found = self._new_places.get(place) or self._known.places.get(place)
        if found is None or id(found.route) not in self._present:
            found = self._new_places[place] = target
        return found

    def take(self, route: HasPath) -> Tuple[Optional[T], int]:
        """Return what a route was compiled to, None if it is new, and what has changed since."""
        return self._early.get(id(route)) or (self._known.by_route.get(id(route)), self.changes)


def _is_equal(one: object, other: object) -> bool:
    try:
        return vars(one) == vars(other)
    except Exception:  # what options hold may not be comparable
        return False
