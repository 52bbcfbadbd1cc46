"""A pool that lives as long as the app, and a session of it for each request."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Iterable, List, Optional

from fenrir_core import App, Build, Lifespan, Param, PluginInfo, Provide, Setting, hookimpl
from fenrir_core.authoring import flag

fenrir_plugin = PluginInfo(api="1")


@dataclass
class Pool:
    """The connections of one app."""

    is_open: bool = False
    log: List[str] = field(default_factory=list)


class Session:
    """A transaction."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def add(self, item: str) -> str:
        """Add an item."""
        assert self.pool.is_open
        self.pool.log.append(f"add {item}")
        return item


@asynccontextmanager
async def connected(app: App) -> AsyncIterator[None]:
    pool = app.store(Pool)
    pool.is_open = True
    yield
    pool.is_open = False


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Declare the settings."""
    yield Setting("acme_commit", flag, True, env="ACME_COMMIT", help="Whether sessions are committed.")


@hookimpl
def fenrir_lifespans() -> Iterable[Lifespan]:
    """Open the pool at the start."""
    yield Lifespan("acme pool", connected)


@hookimpl
def fenrir_make_resolver(param: Param, build: Build) -> Optional[Provide]:
    """Fill parameters that are annotated with `Session`."""
    if param.annotation is not Session:
        return None
    pool, commits = build.app.store(Pool), build.settings["acme_commit"]

    async def session() -> Any:
        try:
            yield Session(pool)
        except Exception:
            pool.log.append("roll back")
            raise
        pool.log.append("commit" if commits else "keep")

    return Provide(session, scope="function", key=Session)
