"""Signed cookie values, which the client can read, but not change."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any, Optional, Tuple, Union

from fenrir_core import InvalidJSON
from fenrir_core.authoring import dumps, loads

Secret = Union[str, bytes]


def sign(name: str, value: Any, secret: Secret, digestmod: Any = hashlib.sha256) -> str:
    """Return the text of a signed cookie.

    COMPAT: bottle pickles the value; a pickle runs code if the secret leaks, so it is JSON here.

    Raises:
        TypeError: The value can't be written as JSON.
    """
    message = base64.b64encode(dumps([name, value]))
    return f"!{_signature(message, secret, digestmod)}?{message.decode('ascii')}"


def unsign(name: str, text: str, secret: Secret, digestmod: Any = hashlib.sha256) -> Optional[Tuple[Any]]:
    """Return the value of a signed cookie in a tuple; None if it is not signed, forged, or that of another cookie."""
    signature, _, message = text[1:].partition("?")
    raw = message.encode("ascii", "replace")
    if not text.startswith("!") or not _equal(signature, _signature(raw, secret, digestmod)):
        return None
    try:
        owner, value = loads(base64.b64decode(raw))
    except (InvalidJSON, ValueError, TypeError):
        return None
    return (value,) if owner == name else None


def _signature(message: bytes, secret: Secret, digestmod: Any) -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return base64.b64encode(hmac.new(key, message, digestmod).digest()).decode("ascii")


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("ascii"))
