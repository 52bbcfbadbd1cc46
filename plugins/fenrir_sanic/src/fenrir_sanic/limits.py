"""Limits in the configuration of Sanic: those that hold here, and those of its server, which is not here."""

from __future__ import annotations

from typing import Any, Mapping

from fenrir_core import BuildError

from .config import DEFAULT_CONFIG
from .values import Values

#: The settings of the kernel.
_HONOURED = {
    "REQUEST_MAX_SIZE": "max_body",
    "REQUEST_MAX_HEADER_SIZE": "max_header_size",
    "WEBSOCKET_MAX_SIZE": "max_websocket_message",
}
#: What is the server's, with what to do instead.
_REFUSED = {
    "REQUEST_TIMEOUT": "`fenrir run --read-timeout` limits the time of a head, and pauses in a body",
    "REQUEST_BUFFER_SIZE": "the server chooses its buffers",
    "KEEP_ALIVE": "the server decides how long connections are kept",
    "KEEP_ALIVE_TIMEOUT": "the server decides how long connections are kept",
    "WEBSOCKET_PING_INTERVAL": "the server sends pings by its own settings",
    "WEBSOCKET_PING_TIMEOUT": "the server sends pings by its own settings",
}


def limits_of_config(config: Mapping[str, Any]) -> Values:
    """Return the settings that a configuration stands for."""
    found: Values = {name: config.get(key) for key, name in _HONOURED.items()}
    if config.get("RESPONSE_TIMEOUT") != DEFAULT_CONFIG["RESPONSE_TIMEOUT"]:
        found["request_timeout"] = config.get("RESPONSE_TIMEOUT")
    return found


def check_config(config: Mapping[str, Any], where: str) -> None:
    """Refuse values that have no effect here.

    Raises:
        BuildError: A setting of Sanic's server has another value than its default.
    """
    for key, remedy in _REFUSED.items():
        value = config.get(key, DEFAULT_CONFIG[key])
        if value != DEFAULT_CONFIG[key]:
            raise BuildError(f"{where}: {key}={value!r} belongs to Sanic's own server: {remedy}. Leave it out.")
