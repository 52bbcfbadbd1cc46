"""The settings of this plugin."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Optional, Tuple, Union

from fenrir_core import Setting
from fenrir_core.authoring import flag

from .csrf import read_origin
from .headers import SecurityHeaders
from .rates import parse_rates


def _origins(value: Any) -> Tuple[str, ...]:
    return tuple(read_origin(origin) for origin in _listed(value))


def _paths(value: Any) -> Tuple[str, ...]:
    found = tuple(str(path) for path in _listed(value))
    for path in found:
        if not path.startswith("/"):
            raise ValueError(f"{path!r} is not a path: it must begin with '/'")
    return found


def _listed(value: Any) -> Any:
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _key(value: Any) -> Union[str, bytes, None]:
    if value in (None, "", b""):
        return None
    if not isinstance(value, (str, bytes)) or len(value) < 16:
        raise ValueError("it must be at least 16 characters that nobody can guess")
    return value


def _headers(value: Any) -> Union[SecurityHeaders, bool]:
    if isinstance(value, SecurityHeaders):
        return value
    if isinstance(value, Mapping):
        return SecurityHeaders(**value)
    return flag(value)


def _name(value: Any) -> Optional[str]:
    return str(value) if value else None


def _count(value: Any) -> int:
    number = int(value)
    if number < 1:
        raise ValueError("it must be at least 1")
    return number


def _rate(value: Any) -> Optional[str]:
    if value in (None, ""):
        return None
    parse_rates(value)
    return str(value)


def _backend(value: Any) -> Optional[str]:
    if value in (None, ""):
        return None
    if value not in ("memory", "redis"):
        raise ValueError("it must be 'memory' or 'redis'")
    return str(value)


def settings() -> Iterator[Setting]:
    """Return the settings."""
    yield Setting(
        "secure",
        flag,
        False,
        "FENRIR_SECURE",
        "Whether csrf, security_headers and secure_cookies are on where they are not set themselves.",
    )
    yield Setting("csrf", flag, None, "FENRIR_CSRF", "Whether unsafe requests that may be forged are refused.")
    yield Setting(
        "csrf_trusted_origins", _origins, (), "FENRIR_CSRF_TRUSTED_ORIGINS", "Other origins that may send them."
    )
    yield Setting("csrf_same_site", flag, False, None, "Whether other hosts of the same site may send them.")
    yield Setting("csrf_exempt", _paths, (), None, "Paths of routes and prefixes of mounts that anyone may send to.")
    yield Setting(
        "csrf_session_cookie", _name, None, None, "The cookie with the session's id that tokens are bound to."
    )
    yield Setting(
        "security_key", _key, None, "FENRIR_SECURITY_KEY", "Signs CSRF tokens; None for the app's secret_key."
    )
    yield Setting(
        "security_headers", _headers, None, "FENRIR_SECURITY_HEADERS", "SecurityHeaders; True for the preset."
    )
    yield Setting(
        "secure_cookies", flag, None, "FENRIR_SECURE_COOKIES", "Whether cookies under TLS get the attribute Secure."
    )
    yield Setting(
        "rate_limit", _rate, None, "FENRIR_RATE_LIMIT", "The rate limit of a client over the whole app: 100/minute."
    )
    yield Setting(
        "rate_limit_backend",
        _backend,
        None,
        "FENRIR_RATE_LIMIT_BACKEND",
        "What counts: memory or redis; None for Redis if the app has one.",
    )
    yield Setting("rate_limit_clients", _count, 100_000, None, "The most counts that are kept in memory.")
    yield Setting("session_idle", _count, None, "FENRIR_SESSION_IDLE", "Seconds without a request that end a session.")
    yield Setting(
        "session_lifetime", _count, None, "FENRIR_SESSION_LIFETIME", "Seconds from the log-in that end a session."
    )


def is_on(settings: Mapping[str, Any], part: str) -> bool:
    """Return whether a part is on: by its own setting, else by `secure`."""
    own = settings[part]
    return bool(settings["secure"] if own is None else own)
