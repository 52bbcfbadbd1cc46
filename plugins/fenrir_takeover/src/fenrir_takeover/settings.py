"""The settings of this plugin."""

from __future__ import annotations

from typing import Any, Iterator, Optional

from fenrir_core import Setting

from .clients import ADDRESS, parse_client, parse_networks


def _text(value: Any) -> Optional[str]:
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise ValueError("it must be text")
    return value


def _seconds(value: Any) -> float:
    number = float(value)
    if not number > 0:
        raise ValueError("it must be more than 0 seconds")
    return number


def _secret(value: Any) -> Optional[str]:
    text = _text(value)
    if text is not None and len(text) < 16:
        raise ValueError("it must have at least 16 characters")
    return text


def settings() -> Iterator[Setting]:
    """Return the settings."""
    yield Setting("takeover_file", _text, None, "FENRIR_TAKEOVER_FILE", "The file with the switches (JSON).")
    yield Setting("takeover_redis_url", _text, None, "FENRIR_TAKEOVER_REDIS_URL", "The Redis that has the switches.")
    yield Setting("takeover_redis_key", _text, "fenrir:takeover", None, "The key that has them.")
    yield Setting("takeover_interval", _seconds, 1.0, None, "Seconds between two looks at the switches.")
    yield Setting(
        "takeover_secret", _secret, None, "FENRIR_TAKEOVER_SECRET", "Signs tokens with which a client chooses its side."
    )
    yield Setting(
        "takeover_client",
        parse_client,
        ADDRESS,
        "FENRIR_TAKEOVER_CLIENT",
        'What a client is known by while a share is moved: "address", "cookie", or "header X-Name" of a trusted proxy.',
    )
    yield Setting(
        "takeover_proxies",
        parse_networks,
        (),
        "FENRIR_TAKEOVER_PROXIES",
        "The networks of proxies whose header counts.",
    )
    yield Setting(
        "takeover_report",
        _text,
        None,
        "FENRIR_TAKEOVER_REPORT",
        "The directory that each process writes its report to.",
    )
