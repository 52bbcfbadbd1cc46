"""Snapshots: what containers held, to take back registrations that turn out to be wrong."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Tuple


def snapshot(items: Iterable[object]) -> Callable[[], None]:
    """Return a function that gives containers the contents that they have now.

    Args:
        items: Lists, dicts and sets, and objects whose attributes are such; those in the values of these dicts count
            too. A container stays the object that it is, and one that has not changed is not touched.
    """
    kept: Dict[int, Tuple[Any, Any]] = {}
    for item in items:
        for value in [item] if isinstance(item, (list, dict, set)) else [*getattr(item, "__dict__", {}).values()]:
            _keep(value, kept)
            for inner in [*value.values()] if isinstance(value, dict) else ():
                _keep(inner, kept)

    def restore() -> None:
        for container, contents in kept.values():
            if not _is_same(container, contents):
                _refill(container, contents)

    return restore


def _keep(value: object, kept: Dict[int, Tuple[Any, Any]]) -> None:
    if isinstance(value, (list, dict, set)):
        kept.setdefault(id(value), (value, value.copy()))


def _is_same(container: Any, contents: Any) -> bool:
    """Return whether a container holds the very objects that it held."""
    if len(container) != len(contents):
        return False
    if isinstance(container, dict):
        return all(key in contents and contents[key] is value for key, value in container.items())
    if isinstance(container, list):
        return all(one is other for one, other in zip(container, contents))
    return bool(container == contents)


def _refill(container: Any, contents: Any) -> None:
    """Restore the contents of a container; what stays in it is there all the time for threads that read it."""
    if isinstance(container, list):
        container[:] = contents
        return
    for item in [*container]:
        if item not in contents:
            container.pop(item) if isinstance(container, dict) else container.discard(item)
    container.update(contents)
