"""Redis for Fenrir apps: sessions on the server, shared rate limits, one client."""

from __future__ import annotations

from fenrir_security import RateLimit, TooManyRequests, rate_limit

from ._version import __version__
from .client import redis
from .interface import RedisSessionInterface
from .sessions import Session, loaded_session, open_session

__all__ = [
    "RateLimit",
    "RedisSessionInterface",
    "Session",
    "TooManyRequests",
    "__version__",
    "loaded_session",
    "open_session",
    "rate_limit",
    "redis",
]
