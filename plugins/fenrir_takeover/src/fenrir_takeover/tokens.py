"""Signed tokens: one chooses a client's side, in the header `X-Takeover` or the cookie `takeover`; one is its name."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Optional

from fenrir_core import Connection

from .switches import LEGACY, NEW

HEADER, COOKIE = "x-takeover", "takeover"


def sign(side: str, secret: str, lifetime: int = 86400) -> str:
    """Return a token for a side.

    Args:
        side: ``"new"`` or ``"legacy"``.
        secret: The setting `takeover_secret`.
        lifetime: Seconds for which it is valid.

    Raises:
        ValueError: There is no such side, or the secret is empty.
    """
    if side not in (NEW, LEGACY) or not secret:
        raise ValueError(f"A token is for 'new' or 'legacy', not {side!r}, and needs a secret.")
    text = f"{side}.{int(time.time()) + lifetime}"
    return f"{text}.{_signature(text, secret)}"


def side_of(token: str, secret: str) -> Optional[str]:
    """Return the side that a token is for; None if it was not signed with the secret, or is too old."""
    text, _, signature = token.rpartition(".")
    side, _, expires = text.partition(".")
    # as bytes: characters beyond ASCII would be an error in `compare_digest`
    if not secret or not hmac.compare_digest(signature.encode(), _signature(text, secret).encode()):
        return None
    return side if side in (NEW, LEGACY) and expires.isdigit() and int(expires) > time.time() else None


def sign_client(name: str, secret: str) -> str:
    """Return the signed name of a client."""
    return f"{name}.{_signature(f'client.{name}', secret)}"


def client_of(token: str, secret: str) -> Optional[str]:
    """Return the name of a client; None if it was not signed with the secret."""
    name, _, signature = token.rpartition(".")
    signed = _signature(f"client.{name}", secret)
    return name if name and hmac.compare_digest(signature.encode(), signed.encode()) else None


def chosen_side(connection: Connection, secret: Optional[str]) -> Optional[str]:
    """Return the side that the client of a request chooses by a signed header or cookie; None if it chooses none."""
    if not secret:
        return None
    for token in (connection.headers.get(HEADER), connection.cookies.get(COOKIE)):
        side = side_of(token, secret) if token else None
        if side is not None:
            return side
    return None


def _signature(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"fenrir-takeover {text}".encode(), hashlib.sha256).hexdigest()
