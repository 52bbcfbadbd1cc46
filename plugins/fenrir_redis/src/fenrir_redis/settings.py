"""The settings of this plugin, and what must be set together."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Optional

from fenrir_core import BuildError, Setting
from fenrir_core.authoring import flag

_SCHEMES = ("redis://", "rediss://", "unix://")
FORTNIGHT = 14 * 24 * 60 * 60


def _url(value: Any) -> Optional[str]:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not value.startswith(_SCHEMES):
        raise ValueError("it must begin with redis://, rediss:// (TLS) or unix://")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("it must be text")
    return value


def _seconds(value: Any) -> float:
    number = float(value)
    if number <= 0:
        raise ValueError("it must be more than 0 seconds")
    return number


def _count(value: Any) -> int:
    number = int(value)
    if number < 1:
        raise ValueError("it must be at least 1")
    return number


def _samesite(value: Any) -> str:
    if str(value).lower() not in ("lax", "strict", "none"):
        raise ValueError("it must be 'Lax', 'Strict' or 'None'")
    return str(value).capitalize()


def _policy(value: Any) -> str:
    if value not in ("allow", "refuse"):
        raise ValueError("it must be 'allow' or 'refuse'")
    return str(value)


def settings() -> Iterator[Setting]:
    """Return the settings."""
    yield Setting("redis_url", _url, None, "FENRIR_REDIS_URL", "The URL of Redis: redis://user:password@host:6379/0.")
    yield Setting("redis_prefix", _text, "fenrir:", "FENRIR_REDIS_PREFIX", "The prefix of the plugin's keys.")
    yield Setting("redis_timeout", _seconds, 1.0, "FENRIR_REDIS_TIMEOUT", "Seconds for a command, and to connect.")
    yield Setting("redis_start_timeout", _seconds, 5.0, None, "Seconds in which Redis must respond at start-up.")
    yield Setting("redis_connections", _count, 50, None, "The most connections of one process.")
    yield Setting("redis_sessions", flag, False, "FENRIR_REDIS_SESSIONS", "Whether sessions are stored in Redis.")
    yield Setting(
        "redis_session_cookie",
        _text,
        None,
        None,
        "The cookie's name; None for __Host-session, or session_id unsecured.",
    )
    yield Setting("redis_session_lifetime", _count, FORTNIGHT, None, "How long a session lasts, in seconds.")
    yield Setting(
        "redis_session_rolling", flag, True, None, "Whether use renews it; else it ends that long after its start."
    )
    yield Setting(
        "redis_session_secure",
        flag,
        True,
        "FENRIR_REDIS_SESSION_SECURE",
        "Whether its cookie is sent over https only.",
    )
    yield Setting("redis_session_samesite", _samesite, "Lax", None, "Whether other sites' requests carry its cookie.")
    yield Setting("redis_session_preload", flag, False, None, "Whether it is loaded before every handler.")
    yield Setting(
        "rate_limit_when_down",
        _policy,
        "allow",
        None,
        "What limits do when Redis does not respond: allow, or refuse (503).",
    )


def check(settings: Mapping[str, Any]) -> None:
    """Raise an error for settings that need a Redis if none is set.

    Raises:
        BuildError: The message names the setting and the remedy.
    """
    if settings["redis_url"] is not None:
        return
    if settings["redis_sessions"]:
        raise BuildError(f"The setting 'redis_sessions' is True, but no Redis is set for it. {REMEDY}")
    if settings.get("rate_limit_backend") == "redis":
        raise BuildError(f"The setting 'rate_limit_backend' is 'redis', but there is none. {REMEDY}")


REMEDY = "Set `redis_url`, or the environment variable FENRIR_REDIS_URL, to something like redis://localhost:6379/0."
