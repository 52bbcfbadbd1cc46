"""Signed cookie values, which the client can read, but not change."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any, Callable, Optional, Tuple, Union

from .texts import tob

Secret = Union[str, bytes]
#: A hash function of `hashlib`, or its name.
Digest = Union[str, Callable[..., Any]]
DEFAULT_DIGEST: Digest = hashlib.sha256
_BYTES = "__bytes__"


def sign(name: str, value: Any, secret: Secret, digestmod: Digest = DEFAULT_DIGEST) -> str:
    """Return the text of a signed cookie.

    COMPAT: bottle pickles the value; a pickle runs code if the secret leaks, so it is JSON here.

    Raises:
        TypeError: The value can't be written as JSON (bytes can).
    """
    return cookie_encode([name, value], secret, digestmod).decode("ascii")


def unsign(name: str, text: str, secret: Secret, digestmod: Digest = DEFAULT_DIGEST) -> Optional[Tuple[Any]]:
    """Return the value of a signed cookie in a tuple; None if it is not signed, forged, or that of another cookie."""
    found = cookie_decode(text, secret, digestmod)
    if isinstance(found, list) and len(found) == 2 and found[0] == name:
        return (found[1],)
    return None


def cookie_encode(data: Any, key: Secret, digestmod: Optional[Digest] = None) -> bytes:
    """Return a JSON value (or bytes in one) as signed bytes."""
    message = base64.b64encode(json.dumps(data, default=_to_json, separators=(",", ":")).encode())
    return b"!" + _signature(message, key, digestmod) + b"?" + message


def cookie_decode(data: Union[str, bytes], key: Secret, digestmod: Optional[Digest] = None) -> Any:
    """Return the value of signed bytes, or None if they are not signed with this key."""
    raw = data.encode("utf8", "replace") if isinstance(data, str) else data
    if not cookie_is_encoded(raw):
        return None
    signature, _, message = raw[1:].partition(b"?")
    if not hmac.compare_digest(signature, _signature(message, key, digestmod)):
        return None
    try:
        return json.loads(base64.b64decode(message), object_hook=_from_json)
    except ValueError:
        return None


def cookie_is_encoded(data: bytes) -> bool:
    """Return whether bytes look like a signed value."""
    return data.startswith(b"!") and b"?" in data


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode("ascii")}
    raise TypeError(f"A signed cookie can't hold {type(value).__name__}: use JSON values.")


def _from_json(value: Any) -> Any:
    return base64.b64decode(value[_BYTES]) if list(value) == [_BYTES] else value


def _signature(message: bytes, secret: Secret, digestmod: Optional[Digest]) -> bytes:
    return base64.b64encode(hmac.new(tob(secret), message, digestmod or DEFAULT_DIGEST).digest())
