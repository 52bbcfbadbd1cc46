"""Rate limits that are counted in Redis: a backend for those of `fenrir-security`."""

from __future__ import annotations

import time
from typing import Any, List, Mapping, Optional, Sequence

from fenrir_core import Build, HTTPError, Route, RouteHook
from fenrir_security import Backend, backend_of, limiter_hook

from .bucket import take
from .client import State
from .settings import check

#: Seconds after a failure during which Redis is not tried again, so that a hanging one does not delay every request.
_PAUSE = 1.0


class RedisBackend:
    """A backend that counts in Redis, for all processes and machines that share it.

    Args:
        state: The plugin's state, which has the client.
        settings: The app's settings.
    """

    def __init__(self, state: State, settings: Mapping[str, Any]) -> None:
        self._state, self._prefix = state, settings["redis_prefix"]
        self._refuses = settings["rate_limit_when_down"] == "refuse"

    async def take(self, keys: Sequence[str], arguments: Sequence[int]) -> Optional[List[int]]:
        """Take from the buckets, see `fenrir_security.Backend`; None if Redis does not respond.

        Raises:
            HTTPError: Redis does not respond, and the app refuses requests in that case (503).
        """
        state = self._state
        if time.monotonic() >= state.asleep_until:
            try:
                return await take(state, [self._prefix + key for key in keys], arguments)
            except state.errors as error:
                state.asleep_until = time.monotonic() + _PAUSE
                state.complain(f"Rate limits (requests are {'refused' if self._refuses else 'let through'})", error)
        if self._refuses:
            raise HTTPError(503, "The rate limit can't be checked. Try again later.", {"retry-after": "1"})
        return None


def route_hook(route: Route, build: Build) -> Optional[RouteHook]:
    """Return the hook that limits a route; None if it has no limit, or another backend counts.

    Raises:
        BuildError: The limit is wrong, or there is no Redis to count in.
    """
    settings = build.settings
    if "rate_limit_backend" not in settings or backend_of(settings) != "redis":
        return None

    def backend(_: Route) -> Backend:
        check(settings)
        return RedisBackend(build.app.store(State), settings)

    return limiter_hook(route, build, backend)
