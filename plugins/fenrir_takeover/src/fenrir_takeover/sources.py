"""Where switches come from while the app runs: a file or a key in Redis, read again and again."""

from __future__ import annotations

import asyncio
import importlib
import os
from abc import ABC, abstractmethod
from typing import Any, Callable, Dict, Optional, Tuple

from fenrir_core.authoring import get_logger, printable

from .switches import Rule, Switches, WrongSwitches, loads

logger = get_logger("fenrir.takeover")


class Source(ABC):
    """A place that switches are read from."""

    #: What it is, for messages.
    name: str

    @abstractmethod
    async def read(self) -> Optional[str]:
        """Return the text; None if there is none, or it has not changed."""

    async def close(self) -> None:  # noqa: B027 - a file is open only while it is read
        """Close what it has open."""


class FileSource(Source):
    """A file; what replaces it should do so at once (`os.replace`).

    Args:
        path: The file.
        run: What runs a function in a thread.
    """

    def __init__(self, path: str, run: Callable[..., Any]) -> None:
        self.path, self.name, self._run = path, f"the file {path}", run
        self._seen: Optional[Tuple[int, int, int]] = None

    async def read(self) -> Optional[str]:
        """Return the text if the file has changed."""
        found: Optional[str] = await self._run(self._read)
        return found

    def _read(self) -> Optional[str]:
        try:
            with open(self.path, encoding="utf-8") as file:
                stat = os.fstat(file.fileno())
                seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if seen == self._seen:
                    return None
                text = file.read()
        except FileNotFoundError:
            return None
        self._seen = seen
        return text


class RedisSource(Source):
    """A key in Redis.

    Args:
        url: The URL of Redis.
        key: The key.
    """

    def __init__(self, url: str, key: str) -> None:
        self.key, self.name = key, f"the key {key!r} in Redis"
        try:
            module: Any = importlib.import_module("redis.asyncio")
        except ImportError:
            raise WrongSwitches(
                'takeover_redis_url needs the redis package: pip install "fenrir-takeover[redis]".'
            ) from None
        self._client = module.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0)
        self._seen: Optional[str] = None

    async def read(self) -> Optional[str]:
        """Return the value if it has changed."""
        found = await self._client.get(self.key)
        text = None if found is None else found.decode("utf-8", "replace")
        if text == self._seen:
            return None
        self._seen = text
        return text

    async def close(self) -> None:
        """Close the connections."""
        # COMPAT: redis-py 5.0.1 renamed close() to aclose()
        await getattr(self._client, "aclose", self._client.close)()


class Watcher:
    """What reads the sources again and again, and keeps the last good switches of each.

    Args:
        switches: What is switched.
        sources: The sources; of one route the last that names it counts.
        seconds: The time between two looks.
    """

    def __init__(self, switches: Switches, sources: Tuple[Source, ...], seconds: float) -> None:
        self._switches, self._sources, self._seconds = switches, sources, seconds
        self._read: Dict[Source, Dict[str, Rule]] = {}
        self._failing: Dict[Source, str] = {}

    async def look(self, must_be_right: bool = False) -> None:
        """Read what has changed.

        Args:
            must_be_right: Whether a mistake is an error, as at the start, when there are no good ones yet.

        Raises:
            WrongSwitches: Switches can't be read.
        """
        changed = False
        for source in self._sources:
            try:
                text = await source.read()
                if text is not None:
                    self._read[source] = loads(text)
                    changed = True
                    self._failing.pop(source, None)
                    logger.info("The switches of %s were read.", source.name)
            except Exception as error:
                if must_be_right and isinstance(error, WrongSwitches):
                    raise WrongSwitches(f"{source.name}: {error}") from None
                self._complain(source, error)
        if changed:
            rules: Dict[str, Rule] = {}
            for source in self._sources:
                rules.update(self._read.get(source, {}))
            self._switches.replace(rules)

    @property
    def has_sources(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self._sources)

    async def close(self) -> None:
        """Close the sources."""
        for source in self._sources:
            await source.close()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.look()

    def _complain(self, source: Source, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if self._failing.get(source) != text:  # once, not at each look
            self._failing[source] = text
            logger.error("The switches of %s stay as they were: %s", source.name, printable(text))
