"""Detection of browsers that open a page."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Tuple


def is_navigation(headers: Iterable[Tuple[bytes, bytes]]) -> bool:
    """Return whether a browser opens a page: only then may the response be a page about an error.

    Args:
        headers: The request's, names in lower case.

    Source: Fetch Metadata Request Headers, "Sec-Fetch-Mode"; browsers omit them if the
    connection is not secure. Without them, a client counts as a browser if it prefers HTML to anything else.
    """
    found: Dict[bytes, bytes] = dict(headers)
    mode = found.get(b"sec-fetch-mode")
    if mode is not None:
        return mode == b"navigate"
    if b"x-requested-with" in found:
        return False
    return _prefers_html(found.get(b"accept", b"").decode("latin-1").lower())


def _prefers_html(accept: str) -> bool:
    qualities: Dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = [item.strip() for item in part.split(";")]
        quality = next((item[2:] for item in parameters if item.startswith("q=")), "1")
        try:
            qualities[kind] = float(quality)
        except ValueError:
            qualities[kind] = 0.0
    html = qualities.get("text/html", 0.0)
    return html > 0 and html >= max(qualities.values())


def header(scope: Any, name: bytes) -> bytes:
    """Return the first value of a header of a connection scope; empty if there is none."""
    return next((value for key, value in scope["headers"] if key == name), b"")
