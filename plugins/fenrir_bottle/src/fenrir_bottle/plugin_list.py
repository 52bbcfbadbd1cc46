"""The list of an app's plugins."""

from __future__ import annotations

from typing import Any, Iterator, List


class PluginList(List[Any]):
    """Bottle's plugins of an app; what lists don't have is that of the kernel's plugin manager.

    COMPAT: both are `app.plugins`, in Bottle and in the kernel.

    Args:
        items: The list that it changes with itself.
        manager: The kernel's plugin manager of the app.
    """

    def __init__(self, items: List[Any], manager: Any) -> None:
        super().__init__(items)
        self._items, self._manager = items, manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)

    def append(self, item: Any) -> None:
        """Add a plugin at the end."""
        super().append(item)
        self._items.append(item)

    def remove(self, item: Any) -> None:
        """Remove a plugin."""
        super().remove(item)
        self._items.remove(item)

    def __iter__(self) -> Iterator[Any]:
        return super().__iter__()
