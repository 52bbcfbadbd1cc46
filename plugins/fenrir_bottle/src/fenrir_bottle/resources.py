"""Files of an application, found on a list of search paths."""

from __future__ import annotations

import os
from typing import IO, Any, Callable, Dict, Iterator, List, Optional

from ._flags import flags


class ResourceManager:
    """A list of search paths.

    Args:
        base: What relative search paths start from.
        opener: Opens a file, as `open` does.
        cachemode: Which look-ups are kept: ``all``, ``found`` or ``none``.
    """

    def __init__(self, base: str = "./", opener: Callable[..., IO[Any]] = open, cachemode: str = "all") -> None:
        self.opener, self.base, self.cachemode = opener, base, cachemode
        #: The directories, with a separator at their end.
        self.path: List[str] = []
        self.cache: Dict[str, Optional[str]] = {}

    def add_path(
        self, path: str, base: Optional[str] = None, index: Optional[int] = None, create: bool = False
    ) -> bool:
        """Add a directory, and return whether it exists.

        Args:
            path: The directory, with a slash at its end; without one its last part is taken for a file.
            base: What it starts from, in the same form.
            index: Its place in the list; the end by default.
            create: Whether to make it.
        """
        start = os.path.abspath(os.path.dirname(base or self.base))
        directory = os.path.abspath(os.path.join(start, os.path.dirname(path))) + os.sep
        if directory in self.path:
            self.path.remove(directory)
        if create:
            os.makedirs(directory, exist_ok=True)
        self.path.insert(len(self.path) if index is None else index, directory)
        self.cache.clear()
        return os.path.exists(directory)

    def __iter__(self) -> Iterator[str]:
        for root in reversed(self.path):
            for directory, _, names in os.walk(root):
                yield from (os.path.join(directory, name) for name in names)

    def lookup(self, name: str) -> Optional[str]:
        """Return the path of a file, or None."""
        if name in self.cache and not flags.debug:
            return self.cache[name]
        candidates = (os.path.join(directory, name) for directory in self.path)
        found = next((path for path in candidates if os.path.isfile(path)), None)
        if self.cachemode == "all" or (found and self.cachemode == "found"):
            self.cache[name] = found
        return found

    def open(self, name: str, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        """Return a file, opened.

        Raises:
            OSError: It does not exist.
        """
        path = self.lookup(name)
        if not path:
            raise OSError(f"There is no resource {name!r} in {', '.join(self.path)}.")
        return self.opener(path, mode, *args, **kwargs)
